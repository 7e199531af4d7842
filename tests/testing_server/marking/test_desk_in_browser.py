"""The expert's day in a real browser: hear real speech, mark by keyboard, lose the link, hand on, sign."""
from __future__ import annotations

import io
import itertools
from collections.abc import Iterator

import numpy
import pytest
import soundfile
from openpyxl import load_workbook
from playwright.sync_api import Dialog, Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.faults import ToolMissing
from testing_server.marking.referrals.records import ReferralRecord
from testing_server.marking.review.actions import (
    Marks, refer_answer, return_overdue, save_marks, take_next, undo_marks)
from testing_server.marking.review.queries import find_desk_answer
from testing_server.marking.review.records import AssignmentRecord, LotRecord, MarkEventRecord, MarkingAnswerRecord
from testing_server.marking.review.rules import LEASE_MS, NothingToMark
from tests.testing_server.marking.make_commission import ESSAY, make_commission
from tests.testing_server.marking.offices import (
    ANSWERED, MOVED_ON, SIZE, Office, fill, find_in_hand, given, open_office, press, save, status)
from tests.testing_server.preparation.make_materials import DEMO

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    try:
        made = make_commission(tmp_path_factory.mktemp("commission"), attempts=10)
    except ToolMissing as error:
        pytest.skip(str(error))
    with open_office(made) as found:
        yield found


@pytest.fixture(autouse=True)
def everybody_goes_home(office: Office) -> Iterator[None]:
    """After each test: a dozen open desks would go on asking."""
    yield
    for context in office.chromium.contexts:
        context.close()


def is_in_sight(page: Page, selector: str) -> bool:
    boxes = [one.bounding_box() for one in page.locator(selector).all()]
    return all(box and box["y"] >= 0 and box["y"] + box["height"] <= SIZE["height"] for box in boxes) and bool(boxes)


def fetch_sound(page: Page) -> numpy.ndarray:
    """The recording on the desk as the page gets it."""
    source = page.get_attribute(".desk-recording", "data-sha256")
    sound, _rate = soundfile.read(
        io.BytesIO(page.request.get(f"{page.url.partition('/marking')[0]}/marking/recordings/{source}").body()),
        dtype="int16")
    return numpy.asarray(sound)


def find_speech(page: Page) -> None:
    """Marks until a spoken answer lies on the desk."""
    while not page.locator(".desk-recording").count():
        assert find_in_hand(page), "no spoken answer waits any more"
        fill(page)
        save(page)
    page.wait_for_selector("[data-ready]")


def test_an_expert_hears_the_speech_and_marks_it_by_keyboard(office: Office) -> None:
    page = office.sit_down("anna")
    find_speech(page)
    wave = page.locator(".desk-wave").bounding_box()
    assert wave is not None and 70 <= wave["height"] <= 90
    page.keyboard.press("Space")
    page.wait_for_function("() => window.played[0]?.currentTime > 0.3")
    assert numpy.array_equal(fetch_sound(page), office.made.speech)
    fill(page, "2")
    assert given(page)[0] == "2" and "2 / 2" in page.inner_text("#sum")
    save(page)
    assert page.evaluate("() => window.played.every((one) => one.paused)")
    assert "сохранены" in status(page) and "Сегодня" in page.inner_text("#desk-figures")


def test_criteria_choice_and_pictures_are_in_sight(office: Office) -> None:
    page = office.sit_down("boris")
    while "Описание картинки" not in page.inner_text("#desk-title"):
        fill(page)
        save(page)
    assert page.locator(".desk-criterion").count() == 4
    assert is_in_sight(page, ".desk-criterion") and is_in_sight(page, "#marks button")
    chosen = page.locator("#prompt input:checked")
    assert (chosen.get_attribute("value"), chosen.is_disabled()) == ("picture-2", True)
    page.wait_for_function("() => [...document.querySelectorAll('#prompt img')].every((one) => one.naturalWidth)")
    page.locator("#prompt .qti-chosen img").click()
    assert page.locator("#picture img").is_visible()
    page.keyboard.press("Escape")
    page.locator(".desk-guidance summary").click()
    assert page.locator("#guidance").is_visible()


def test_a_wheel_changes_no_score_and_a_wrong_digit_is_told(office: Office) -> None:
    page = office.sit_down("boris2")
    press(page, "2")
    before = given(page)
    page.locator("#criteria input:checked").focus()
    page.locator("#criteria").hover()
    for step in (300, -300):
        page.mouse.wheel(0, step)
    press(page, "9")
    assert given(page) == before and "нет балла 9" in status(page)


def read_unsent(page: Page) -> str:
    return page.inner_text("#desk-unsent") if page.locator("#desk-unsent").is_visible() else ""


def wait_until_ahead(page: Page) -> None:
    """Until the next answer is here: the figures come after it."""
    page.wait_for_function("() => document.getElementById('desk-figures').textContent")


def test_marks_outlive_a_lost_link(office: Office) -> None:
    page = office.sit_down("vera")
    wait_until_ahead(page)
    fill(page)
    first = find_in_hand(page)
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    page.wait_for_function("(first) => document.getElementById('desk').dataset.assignment !== first"
                           " && document.getElementById('desk-unsent').textContent.includes('Нет связи')", arg=first)
    assert "Не отправлено ответов: 1" in read_unsent(page) and "уйдут сами" in read_unsent(page)
    page.context.set_offline(False)
    page.wait_for_selector("#desk-unsent", state="hidden")
    assert find_mark(office, first)


def test_unsent_marks_outlive_the_page_itself(office: Office) -> None:
    page = office.sit_down("vera2")
    wait_until_ahead(page)
    fill(page)
    first = find_in_hand(page)
    # the server is gone, the page can still be loaded: as after a restart that takes its time
    page.route("**/v1/marking/save", lambda route: route.abort())
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.getElementById('desk-unsent').textContent.includes('Нет связи')")
    told: list[str] = []

    def leave(dialog: Dialog) -> None:
        told.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.unroute("**/v1/marking/save")
    page.reload()
    page.wait_for_function(ANSWERED)
    page.wait_for_selector("#desk-unsent", state="hidden")
    assert find_mark(office, first) and told in (["beforeunload"], [])


def find_mark(office: Office, assignment: str) -> dict[str, int]:
    """Points of the last kept marks of an answer."""
    with office.made.hub.offered.storage.read() as session:
        found = session.scalars(select(MarkEventRecord).where(
            MarkEventRecord.assignment == assignment, MarkEventRecord.kind == "saved")).all()
    assert len(found) == 1
    return dict(found[0].points)


def test_what_was_begun_outlives_a_reload(office: Office) -> None:
    page = office.sit_down("vesna")
    find_speech(page)
    press(page, "1m")
    page.keyboard.type("Здесь запинка")
    page.keyboard.press("Enter")
    page.fill("#comment", "Проверить")
    before, hand = given(page), find_in_hand(page)
    page.reload()
    page.wait_for_function(ANSWERED)
    assert (given(page), find_in_hand(page), page.input_value("#comment")) == (before, hand, "Проверить")
    assert "Здесь запинка" in page.inner_text("#notes")


def test_unsent_marks_can_be_taken_back(office: Office) -> None:
    page = office.sit_down("varya")
    wait_until_ahead(page)
    fill(page)
    before, first = given(page), find_in_hand(page)
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.getElementById('desk-unsent').textContent.includes('Нет связи')")
    page.keyboard.press("u")
    page.wait_for_function("(first) => document.getElementById('desk').dataset.assignment === first", arg=first)
    assert given(page) == before and not read_unsent(page)
    page.context.set_offline(False)
    save(page)


def test_two_experts_never_have_the_same_answer(office: Office) -> None:
    taken = []
    for login in ("galina", "denis"):
        page = office.enter(login)
        with page.expect_response("**/v1/marking/next") as found:
            page.goto(f"{office.address}/marking/desk")
        taken.append(found.value.json()["assignment"])
    assert len(set(taken)) == 2


def test_an_answer_taken_over_is_told_and_the_next_is_there(office: Office) -> None:
    slow, hub = office.sit_down("slow"), office.made.hub
    hand = find_in_hand(slow)
    hub.clock.advance(LEASE_MS + 1)
    quick = (hub.write(take_next, expert=f"quick{number}") for number in range(40))
    assert hand in quick
    fill(slow)
    slow.keyboard.press("Enter")
    slow.wait_for_selector("#desk-refused:not([hidden])")
    assert "другой эксперт" in slow.inner_text("#desk-refused")
    slow.click("#desk-refused button")
    assert not slow.locator("#desk-refused").is_visible()


def test_two_keystrokes_hand_an_answer_to_the_head(office: Office) -> None:
    office.made.hub.clock.advance(LEASE_MS + 1)
    page = office.sit_down("elisey")
    hand = find_in_hand(page)
    press(page, "r4")
    page.wait_for_function(MOVED_ON, arg=hand)
    with office.made.hub.offered.storage.read() as session:
        found = session.scalars(select(ReferralRecord).where(ReferralRecord.assignment == hand)).one()
    assert (found.kind, found.by) == ("not_audible", "elisey")


def order_third(session: Session, now_ms: int) -> None:
    """Two experts differ on a spoken answer, each at a place of the recording; a third decides."""
    row = session.scalars(select(AssignmentRecord).join(MarkingAnswerRecord).where(
        MarkingAnswerRecord.position == 3, AssignmentRecord.state == "queued",
        AssignmentRecord.lot.in_(select(LotRecord.id).where(LotRecord.assessment == "english-7")))).first()
    assert row is not None
    sound = session.get_one(MarkingAnswerRecord, row.answer).content["recordings"][0]["sha256"]
    row.state, row.expert = "saved", "one"
    session.add(AssignmentRecord(id="second", answer=row.answer, round=2, state="saved", expert="two", version=1,
                                 lot=row.lot, school=row.school, draw=1, barred=[]))
    session.add(AssignmentRecord(id="third", answer=row.answer, round=3, state="taken", expert="third", version=1,
                                 taken_at_ms=now_ms, taken_until_ms=now_ms + 10 * LEASE_MS, lot=row.lot, draw=1,
                                 school=row.school, asked=["К2"], barred=[]))
    session.flush()
    for assignment, expert, points, at_ms in ((row.id, "one", 0, 6000), ("second", "two", 2, 6300)):
        place = {"recording": sound, "at_ms": at_ms}
        session.add(MarkEventRecord(
            assignment=assignment, number=1, kind="saved", expert=expert, at_ms=now_ms,
            points={"К1": 1, "К2": points, "К3": 1, "К4": 1},
            moments={"К1": {**place, "at_ms": 2000}, "К2": place},
            notes=[{**place, "at_ms": at_ms - 2500, "text": "Здесь", "criterion": "К2"}]))


@pytest.mark.parametrize("size", [SIZE, {"width": 768, "height": 1024}], ids=["desk", "tablet"])
def test_a_third_expert_sees_both_on_one_waveform_and_hears_just_those_places(office: Office,
                                                                              size: dict[str, int]) -> None:
    login = f"third{size['width']}"
    if size is SIZE:
        # answers are gathered when somebody looks at the queue
        office.made.hub.browser("gatherer", "expert").get("/marking")
        office.made.hub.clock.advance(LEASE_MS + 1)
        office.made.hub.write(return_overdue)
        office.made.hub.write(order_third)
    office.made.hub.write(lambda session, now_ms: setattr(session.get_one(AssignmentRecord, "third"), "expert", login))
    page = office.sit_down(login, size=size)
    page.wait_for_selector("[data-ready]")
    pins = page.locator(".desk-pin")
    assert pins.all_inner_texts() == ["1:✎", "1:К2=0", "2:✎", "2:К2=2"]
    boxes = [one.bounding_box() for one in pins.all()]
    assert all(one and other and (one["x"] + one["width"] <= other["x"] or one["y"] + one["height"] <= other["y"] + 1)
               for one, other in itertools.combinations(boxes, 2)), boxes
    for place, at_s in ((pins.nth(3), 6.3), (page.locator(".desk-others >> text=Эксперт 1"), 6.0), (pins.nth(0), 3.5)):
        place.click()
        # from a little before the place
        page.wait_for_function("(at) => window.played.at(-1).currentTime > at - 1.6"
                               " && window.played.at(-1).currentTime < at + 1", arg=at_s)
        page.keyboard.press("Space")
    assert page.locator(".desk-others").inner_text().split() == [
        "Эксперт", "1:", "0", "▶", "0:06", "Эксперт", "2:", "2", "▶", "0:06"]
    if size is not SIZE:
        fill(page)
        save(page)


def test_marks_can_be_called_back_and_the_desk_becomes_empty(office: Office) -> None:
    office.made.hub.clock.advance(LEASE_MS + 1)
    page = office.sit_down("elena")
    hand = find_in_hand(page)
    page.click("#refer")
    page.fill("#reason", "Запись обрывается на первой секунде")
    page.click("#refer-dialog button[value=other]")
    page.wait_for_function(MOVED_ON, arg=hand)
    fill(page)
    save(page)
    mark_the_rest(office)
    empty_queue(page)
    page.click("#undo")
    page.wait_for_function(ANSWERED)
    assert given(page)
    save(page)


def mark_the_rest(office: Office) -> None:
    """Everybody else's work of this evening: whatever waits gets the same points."""
    hub = office.made.hub

    def act(session: Session, now_ms: int) -> None:
        while True:
            try:
                assignment = take_next(session, now_ms, "everybody")
            except NothingToMark:
                return
            answer = find_desk_answer(session, assignment)
            assert answer is not None
            save_marks(session, now_ms, "everybody", assignment, answer.version,
                       Marks({one["id"]: 1 for one in answer.criteria}))

    hub.write(act)


def empty_queue(page: Page) -> None:
    """Marks whatever comes; a written answer and an empty one look as they should."""
    seen = set()
    while page.locator("#desk").is_visible():
        text = page.inner_text("#answer")
        seen.add("text" if ESSAY[:20] in text else "empty" if "Ответа нет" in text else "speech")
        if "Ответа нет" not in text:
            fill(page)
        save(page)
    assert "Очередь пуста" in status(page) and seen


def refer_first(session: Session, now_ms: int) -> None:
    """One more doubt, whatever the others left: of an answer that waits, or of one that is marked already."""
    row = session.scalars(select(AssignmentRecord).where(
        AssignmentRecord.state.in_(("queued", "saved")), AssignmentRecord.round == 1)
        .order_by(AssignmentRecord.state)).first()
    assert row is not None
    version = undo_marks(session, now_ms, str(row.expert), row.id) if row.state == "saved" else row.version
    row.state, row.expert = ("taken", "doubter") if row.state == "queued" else (row.state, row.expert)
    row.taken_until_ms = now_ms + LEASE_MS
    session.flush()
    refer_answer(session, now_ms, str(row.expert), row.id, version, "Запись обрывается на первой секунде")


def test_the_head_decides_and_signs_and_the_school_downloads_its_form(office: Office) -> None:
    office.made.hub.browser("gatherer2", "expert").get("/marking")
    # what lies on the desks of those who went home comes back
    office.made.hub.clock.advance(LEASE_MS + 1)
    office.made.hub.write(refer_first)
    mark_the_rest(office)
    head = office.enter("head", is_head=True, subjects=["*"])
    head.goto(f"{office.address}/commission/referrals")
    doubts = head.locator("[data-decide=take]").count()
    assert doubts and "обрывается на первой секунде" in head.inner_text("main")
    for _ in range(doubts):
        head.goto(f"{office.address}/commission/referrals")
        head.locator("[data-decide=take]").first.click()
        head.wait_for_url("**/marking/desk")
        head.wait_for_function(ANSWERED)
        fill(head)
        save(head)
    for work in (office.made.english, office.made.metapredmet):
        head.goto(f"{office.address}/commission/{work.archive}")
        head.check(".agree input")
        head.get_by_role("button", name="Подписать протокол").click()
        head.get_by_text("подпись проверена").wait_for()
        head.get_by_role("button", name="Передать форму результатов в регион").click()
        head.get_by_text("Форма результатов передана").wait_for()
    organizer = office.enter("organizer", "school_organizer", school=office.made.ours.school.id)
    organizer.goto(f"{office.address}/school/results/{DEMO}/english-7")
    assert "12340" in organizer.inner_text("main")
    with organizer.expect_download() as form:
        organizer.locator("a[href$='.xlsx']").first.click()
    assert form.value.suggested_filename.endswith(".xlsx")
    book = load_workbook(io.BytesIO(form.value.path().read_bytes()))
    assert {str(row[0]) for sheet in book for row in sheet.iter_rows(values_only=True)} >= {"12340", "12349"}


def test_no_page_complained_of_its_content_policy(office: Office) -> None:
    assert office.seated > 10
    # a lost link is told by the browser too, and the tap of hearing.py is of an older kind
    expected = ("Failed to load resource", "ScriptProcessorNode")
    assert [text for text in office.complaints if not any(one in text for one in expected)] == []
