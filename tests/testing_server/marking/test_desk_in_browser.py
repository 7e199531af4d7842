"""The expert's day in a real browser: hear real speech, mark by keyboard, lose the link, hand on, sign."""
from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import numpy
import pytest
import soundfile
from playwright.sync_api import Browser, Page, sync_playwright

from audio.faults import ToolMissing
from testing_server.marking.review.actions import take_next
from testing_server.marking.review.rules import LEASE_MS
from tests.builders import close_app
from tests.testing_server.marking.make_commission import ESSAY, Commission, make_commission, sign_in

pytestmark = pytest.mark.browser
SIZE = {"width": 1366, "height": 768}
# remembers every sound the page plays, also after the page has let go of it
REMEMBER = """window.played = []; const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () { window.played.push(this); return play.call(this); };"""
ANSWERED = "() => !document.getElementById('desk').hidden && !document.querySelector('.desk-busy')"


@dataclass
class Office:
    """The served hub and a browser; each person has a window of their own."""

    made: Commission
    address: str
    chromium: Browser
    complaints: list[str] = field(default_factory=list)

    def enter(self, login: str, role: str = "expert", **details: Any) -> Page:
        context = self.chromium.new_context(viewport=SIZE)
        context.add_init_script(REMEMBER)
        page: Page = sign_in(context, self.address, self.made, login, role, **details)
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def sit_down(self, login: str, **details: Any) -> Page:
        page = self.enter(login, **details)
        page.goto(f"{self.address}/marking/desk")
        page.wait_for_function(ANSWERED)
        return page


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium: make setup installs it where apt may be used")
    try:
        made = make_commission(tmp_path_factory.mktemp("commission"), attempts=3)
    except ToolMissing as error:
        pytest.skip(str(error))
    with ExitStack() as stack:
        stack.callback(close_app, made.hub.app)
        address = stack.enter_context(made.serve())
        playwright = stack.enter_context(sync_playwright())
        chromium = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        stack.callback(chromium.close)
        yield Office(made, address, chromium)


def press(page: Page, keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def save(page: Page) -> None:
    """Enter, and wait until the next answer lies on the desk."""
    with page.expect_response("**/v1/marking/next"):
        page.keyboard.press("Enter")
    settle(page)


def settle(page: Page) -> None:
    """Until what came is on the screen."""
    page.wait_for_function("() => !document.querySelector('.desk-busy')")


def status(page: Page) -> str:
    return page.inner_text("#desk-status")


def given(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all("#criteria input:checked", "all => all.map((one) => one.value)")
    return found


def is_in_sight(page: Page, selector: str) -> bool:
    boxes = [one.bounding_box() for one in page.locator(selector).all()]
    return all(box and box["y"] >= 0 and box["y"] + box["height"] <= SIZE["height"] for box in boxes) and bool(boxes)


def fetch_sound(page: Page) -> numpy.ndarray:
    """The recording on the desk as the page gets it."""
    source = page.evaluate("() => performance.getEntriesByType('resource').map((one) => one.name)"
                           ".filter((name) => name.includes('/recordings/')).pop()")
    sound, _rate = soundfile.read(io.BytesIO(page.request.get(source).body()), dtype="int16")
    return numpy.asarray(sound)


def test_an_expert_hears_the_speech_and_marks_it_by_keyboard(office: Office) -> None:
    page = office.sit_down("anna")
    page.wait_for_selector("[data-ready]")
    wave = page.locator(".desk-wave").bounding_box()
    assert wave is not None and 80 <= wave["height"] <= 90
    page.keyboard.press("Space")
    page.wait_for_function("() => window.played[0]?.currentTime > 0.3")
    assert numpy.array_equal(fetch_sound(page), office.made.speech)
    page.keyboard.press("2")
    assert given(page) == ["2"] and "2 / 2" in page.inner_text("#sum")
    save(page)
    assert page.evaluate("() => window.played.every((one) => one.paused)")
    assert "сохранены" in status(page)


def test_criteria_choice_and_pictures_are_in_sight(office: Office) -> None:
    page = office.sit_down("boris")
    while "Описание картинки" not in page.inner_text("#desk-title"):
        press(page, "1")
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


def test_marks_outlive_a_lost_link_and_a_reload(office: Office) -> None:
    page = office.sit_down("vera")
    press(page, "2222")
    before = given(page)
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.getElementById('desk-status').textContent.includes('Нет связи')")
    assert given(page) == before
    page.context.set_offline(False)
    page.reload()
    page.wait_for_function(ANSWERED)
    assert given(page) == before
    save(page)
    assert "сохранены" in status(page)


def test_two_experts_never_have_the_same_answer(office: Office) -> None:
    taken = []
    for login in ("galina", "denis"):
        page = office.enter(login)
        with page.expect_response("**/v1/marking/next") as found:
            page.goto(f"{office.address}/marking/desk")
        taken.append(found.value.json()["assignment"])
    assert len(set(taken)) == 2


def test_an_answer_taken_over_is_told_and_the_next_is_offered(office: Office) -> None:
    slow, hub = office.enter("slow"), office.made.hub
    with slow.expect_response("**/v1/marking/next") as found:
        slow.goto(f"{office.address}/marking/desk")
    slow.wait_for_function(ANSWERED)
    hub.clock.advance(LEASE_MS + 1)
    quick = (hub.write(take_next, expert=f"quick{number}") for number in range(12))
    assert found.value.json()["assignment"] in quick
    press(slow, "2222")
    slow.keyboard.press("Enter")
    slow.wait_for_selector("#take:not([hidden])")
    assert "другой эксперт" in status(slow) and given(slow)
    with slow.expect_response("**/v1/marking/next"):
        slow.click("#take")


def test_from_a_doubt_to_the_signed_form(office: Office) -> None:
    office.made.hub.clock.advance(LEASE_MS + 1)
    page = office.sit_down("elena")
    page.click("#refer")
    page.fill("#reason", "Запись обрывается на первой секунде")
    with page.expect_response("**/v1/marking/next"):
        page.click("#refer-dialog button[value=refer]")
    settle(page)
    empty_queue(page)
    page.click("#undo")
    page.wait_for_function(ANSWERED)
    assert given(page)
    save(page)
    head = office.enter("head", is_head=True)
    head.goto(f"{office.address}/commission")
    assert "обрывается" in head.inner_text("main")
    head.click("[data-decide=take]")
    head.wait_for_url("**/marking/desk")
    head.wait_for_function(ANSWERED)
    empty_queue(head)
    for work in (office.made.english, office.made.metapredmet):
        sign(office, head, work.archive)
    organizer = office.enter("organizer", "school_organizer", school=office.made.ours.school.id)
    organizer.goto(f"{office.address}/results")
    with organizer.expect_download() as form:
        organizer.get_by_text("Скачать Excel").first.click()
    assert form.value.suggested_filename.endswith(".xlsx")


def empty_queue(page: Page) -> None:
    """Marks whatever comes; a written answer and an empty one look as they should."""
    seen = set()
    while page.locator("#desk").is_visible():
        text = page.inner_text("#answer")
        seen.add("text" if ESSAY[:20] in text else "empty" if "Ответа нет" in text else "speech")
        if "Ответа нет" not in text:
            press(page, "1" * page.locator(".desk-criterion").count())
        save(page)
    assert "Очередь пуста" in status(page) and seen


def sign(office: Office, head: Page, archive: str) -> None:
    head.goto(f"{office.address}/commission/{archive}")
    head.check(".agree input")
    head.click("main form button")
    head.get_by_text("подписан, подпись проверена").wait_for()


def test_no_page_complained_of_its_content_policy(office: Office) -> None:
    assert office.chromium.contexts
    assert [text for text in office.complaints if "Failed to load resource" not in text] == []
