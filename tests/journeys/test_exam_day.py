"""The exam day on its pages: organizer, two candidates, coordinator, expert, head; from an empty server to Excel.

The points expected are counted here, from what was answered on the screen and what the works say each position is
worth; the product's scoring is not asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from testing_server.rehearsal.founding import ENGLISH, METAPREDMET
from tests.journeys import answering
from tests.journeys.answering import SAMPLES, Given
from tests.journeys.browsing import sign_in
from tests.journeys.candidates import Seat
from tests.journeys.conftest import World
from tests.journeys.experts import Expert, Head, Marked
from tests.journeys.organizers import Organizer
from tests.journeys.sounds import compare_pieces

pytestmark = [pytest.mark.browser, pytest.mark.microphone, pytest.mark.timeout(900)]

PACE = 20
ERROR = re.compile(r" (ERROR|CRITICAL) |^Traceback")
TITLES = {ENGLISH: "Английский язык", METAPREDMET: "Метапредметная"}
OPINION = "Я не согласен. Во-первых, люди получили берег.\nВо-вторых, это право каждого."
DECISION = "Идти по Садовой улице, затем по набережной. Туристы успеют: 95 минут меньше двух часов."
# What the expert gives. In «opinion» К1 = 0 makes the whole task 0, whatever the other criteria say.
MARKS = {
    ("Английский", 2): {"К1": 2},
    ("Английский", 3): {"К1": 2, "К2": 1, "К3": 2, "К4": 1},
    ("Метапредметная", 12): {"К1": 0, "К2": 2, "К3": 1},
    ("Метапредметная", 13): {"К1": 2, "К2": 1},
}


@dataclass
class Sat:
    """One candidate's work as the candidate knows it."""

    code: str
    given: dict[int, Given] = field(default_factory=dict)
    receipt: str = ""


@dataclass
class Day:
    """What people saw on the day."""

    english: Sat
    metapredmet: Sat
    coordinator_saw: list[str]
    coordinator_stayed: bool
    packages: dict[str, str]


def pair_seat(organizer: Organizer, seat: Seat, number: int) -> Seat:
    """Before the next one sits down: the organizer types into the form of the one that waits."""
    organizer.pair(seat.show_code(), str(number))
    seat.confirm_green()
    return seat


@pytest.fixture(scope="module")
def day(world: World, organizer: Organizer, sit_down: Callable[[str], Seat]) -> Day:
    """The sitting of both works, from the first candidate's pairing to the receipts of both packages."""
    english, metapredmet = (Sat(code) for code in world.take_codes(2))
    sittings = {ENGLISH: organizer.open_sitting(TITLES[ENGLISH], [english.code], PACE),
                METAPREDMET: organizer.open_sitting(TITLES[METAPREDMET], [metapredmet.code], PACE)}
    first, second = (pair_seat(organizer, sit_down(work), number) for number, work in enumerate(
        ("english", "metapredmet"), start=1))
    seat_english(world, organizer, first, sittings[ENGLISH], english.code)
    coordinator = watch_seat(world, "1")
    saw = [coordinator.locator("li[data-seat='1']").inner_text()]
    answer_listening(first, english, lambda: answer_metapredmet_meanwhile(
        world, organizer, second, sittings[METAPREDMET], metapredmet))
    answer_rest_of_english(world, organizer, first, english, sittings[ENGLISH], coordinator, saw)
    english.receipt = first.finish()
    saw.append(wait_for_seat(coordinator, "закончил"))
    stayed = bool(coordinator.evaluate("() => window.untouched === true"))
    world.browsing.shoot(coordinator, "coordinator-seat")
    packages = {work: organizer.close(address) for work, address in sittings.items()}
    return Day(english, metapredmet, saw, stayed, packages)


def seat_english(world: World, organizer: Organizer, seat: Seat, sitting: str, code: str) -> None:
    """Signs in, checks the sound, is started."""
    seat.sign_in(world.handed[code])
    seat.check_sound(world.microphone, world.voices["check"])
    seat.read_instruction("Английский язык")
    organizer.start(sitting, code)
    organizer.add_time(code, 30)
    seat.expect_item(1)


def watch_seat(world: World, seat: str) -> Page:
    """A coordinator's page of the English sitting, marked so that a reload would be noticed."""
    page = world.browsing.open_page("coordinator")
    account = world.founded.coordinator
    sign_in(page, world.hub.address, account.login, account.password, account.telephone)
    page.goto(f"{world.hub.address}/coordinator/live")
    row = page.locator("tbody tr").filter(has_text="Английский")
    expect(row).to_be_visible()
    world.browsing.shoot(page, "coordinator-live")
    row.get_by_role("link").click()
    expect(page.locator(f"li[data-seat='{seat}']")).to_contain_text("задание 1")
    page.evaluate("() => { window.untouched = true; }")
    return page


def wait_for_seat(page: Page, text: str) -> str:
    """The coordinator's page shows it of seat 1, by itself; gives all it shows of the seat."""
    expect(page.locator("li[data-seat='1']")).to_contain_text(text)
    return page.locator("li[data-seat='1']").inner_text()


def answer_listening(seat: Seat, sat: Sat, meanwhile: Callable[[], None]) -> None:
    """Two hearings to their ends; somebody else works during the first."""
    seat.hear()
    seat.shoot("hearing")
    meanwhile()
    seat.wait_for_silence("Осталось прослушиваний: 1")
    seat.hear()
    source = answering.recognize(seat.page, ENGLISH, list_pool(ENGLISH, 1))
    sat.given[1] = answering.fill_lists(seat.page, source, wrong=[0])
    seat.wait_for_silence("Прослушиваний больше нет.")
    expect(seat.page.get_by_role("button", name="Слушать")).to_be_hidden()
    seat.go_on(1)


def answer_rest_of_english(world: World, organizer: Organizer, seat: Seat, sat: Sat, sitting: str, coordinator: Page,
                           saw: list[str]) -> None:
    """Reading aloud, a photo, headings, grammar, words."""
    page = seat.page
    saw.append(wait_for_seat(coordinator, "задание 2"))
    seat.speak(world.microphone, world.voices["reading"], "reading")
    seat.expect_item(3)
    page.get_by_label("Picture 2").check()
    seat.shoot("photo")
    seat.speak(world.microphone, world.voices["photo"], "describing")
    seat.expect_item(4)
    organizer.watch(sitting)
    expect(organizer.seat(sat.code).get_by_text("слышно")).to_have_count(2)
    world.browsing.shoot(organizer.page, "console-live")
    sat.given[4] = answering.match_rows(page, find(page, ENGLISH, 4), swapped=True)
    seat.go_on(4)
    sat.given[5] = answering.fill_lists(page, find(page, ENGLISH, 5))
    seat.go_on(5)
    sat.given[6] = answering.fill_gaps(page, find(page, ENGLISH, 6), leave=1)
    expect(seat.saved).to_have_attribute("data-saved", "server")
    seat.shoot("item-6")


def answer_metapredmet_meanwhile(world: World, organizer: Organizer, seat: Seat, sitting: str, sat: Sat) -> None:
    """The second candidate from sign-in to the receipt."""
    seat.sign_in(world.handed[sat.code])
    seat.read_instruction("Метапредметная")
    organizer.start(sitting, sat.code)
    for position, answer in METAPREDMET_ANSWERS.items():
        seat.expect_item(position)
        if given := answer(seat.page, position):
            sat.given[position] = given
        if position < len(METAPREDMET_ANSWERS):
            seat.go_on(position)
    expect(seat.saved).to_have_attribute("data-saved", "server")
    seat.shoot("item-13")
    sat.receipt = seat.finish()


def find(page: Page, work: str, position: int) -> answering.Source:
    """The item of the position that is on the screen."""
    return answering.recognize(page, work, list_pool(work, position))


def write(text: str) -> Callable[[Page, int], None]:
    """A long written answer."""
    def act(page: Page, position: int) -> None:
        page.locator(".item-body textarea").fill(text)
        page.locator(".item-body textarea").blur()
    return act


Answer = Callable[[Page, int], Given | None]
METAPREDMET_ANSWERS: dict[int, Answer] = {
    1: lambda page, at: answering.choose_options(page, find(page, METAPREDMET, at), right=1, wrong=0),
    2: lambda page, at: answering.choose_options(page, find(page, METAPREDMET, at), right=2, wrong=1),
    3: lambda page, at: answering.mark_table(page, find(page, METAPREDMET, at), wrong=1),
    4: lambda page, at: answering.put_in_order(page, find(page, METAPREDMET, at)),
    5: lambda page, at: answering.fill_gaps(page, find(page, METAPREDMET, at)),
    6: lambda page, at: answering.fill_lists(page, find(page, METAPREDMET, at), wrong=[2]),
    7: lambda page, at: answering.type_entries(page, find(page, METAPREDMET, at), wrong=[1]),
    8: lambda page, at: answering.type_entries(page, find(page, METAPREDMET, at)),
    9: lambda page, at: answering.choose_options(page, find(page, METAPREDMET, at), right=1, wrong=1),
    10: lambda page, at: answering.put_in_order(page, find(page, METAPREDMET, at), backwards=True),
    11: lambda page, at: answering.mark_table(page, find(page, METAPREDMET, at)),
    12: write(OPINION),
    13: write(DECISION),
}


def read_assessment(work: str) -> dict[str, Any]:
    """The authors' data of a work."""
    found: dict[str, Any] = json.loads((SAMPLES / work / "assessment.json").read_text(encoding="utf-8"))
    return found


def list_pool(work: str, position: int) -> list[str]:
    """The parallel items of a position."""
    return list(read_assessment(work)["positions"][position - 1]["pool"])


@pytest.fixture(scope="module")
def marked(world: World, day: Day) -> Marked:
    """All answers of the day marked by one expert."""
    expert = Expert(world.browsing, world.hub.address, world.founded.experts[0], world.folder)
    return expert.mark_all(MARKS, spoken=(2, 3))


@pytest.fixture(scope="module")
def forms(world: World, marked: Marked) -> dict[str, dict[str, Any]]:
    """The row of each work's Excel form, after the head signed the protocols."""
    head = Head(world.browsing, world.hub.address, world.founded.head)
    return {work: head.sign_protocol(title) for work, title in TITLES.items()}


# What the works say a machine-scored position is worth, by right and wrong places.
WORTH: dict[str, dict[int, Callable[[Given], int]]] = {
    ENGLISH: {position: lambda given: given.right for position in (1, 4, 5, 6)},
    METAPREDMET: {
        1: lambda given: given.right,
        2: lambda given: max(0, given.right - given.wrong),
        3: lambda given: {4: 2, 3: 1}.get(given.right, 0),
        4: lambda given: 2 if given.right == 4 else 0,
        5: lambda given: given.right,
        6: lambda given: {3: 2, 2: 1}.get(given.right, 0),
        7: lambda given: given.right,
        8: lambda given: given.right,
        9: lambda given: given.right,
        10: lambda given: 1 if given.right == 5 else 0,
        11: lambda given: {3: 2, 2: 1}.get(given.right, 0),
    },
}


def expect_row(work: str, sat: Sat, zeroed: tuple[int, ...] = ()) -> dict[str, Any]:
    """The columns of the form that hold points, the raw score and the mark. `zeroed`: tasks К1 = 0 makes worth 0."""
    assessment, row, raw = read_assessment(work), {}, 0
    for position in assessment["positions"]:
        number = position["number"]
        if number in WORTH[work]:
            points = WORTH[work][number](sat.given[number])
            row[f"{number} ({position['points']}б)"] = points
            raw += points
            continue
        criteria = marks_of(work, number)
        most = {one["id"]: one["max"] for one in assessment["criteria"][position["criteria"]]["criteria"]}
        row |= {f"{number}.{name} ({most[name]}б)": points for name, points in criteria.items()}
        raw += 0 if number in zeroed else sum(criteria.values())
    mark = max(step["mark"] for step in assessment["scale"] if raw >= step["from"])
    return {**row, "Первичный балл": raw, "Отметка": mark}


def marks_of(work: str, position: int) -> Mapping[str, int]:
    """What the expert gave."""
    return next(points for (title, number), points in MARKS.items()
                if TITLES[work].startswith(title) and number == position)


def test_candidates_answer_every_kind_of_item(day: Day) -> None:
    assert set(day.english.given) == {1, 4, 5, 6}
    assert set(day.metapredmet.given) == set(range(1, 12))


def test_receipt_codes_of_the_seats_stand_in_the_hubs_receipts(day: Day) -> None:
    for work, sat in ((ENGLISH, day.english), (METAPREDMET, day.metapredmet)):
        assert sat.receipt and sat.code in day.packages[work]
        assert sat.receipt in day.packages[work]


def test_coordinators_page_follows_the_seat_without_reload(day: Day) -> None:
    assert [text for text, seen in zip(("задание 1", "задание 2", "закончил"), day.coordinator_saw, strict=True)
            if text in seen] == ["задание 1", "задание 2", "закончил"]
    assert day.coordinator_stayed


def test_packages_are_at_the_hub(world: World, day: Day) -> None:
    page, account = world.browsing.open_page("school"), world.founded.organizer
    sign_in(page, world.hub.address, account.login, account.password)
    page.goto(f"{world.hub.address}/school/packages")
    expect(page.locator("tbody .state-ready").filter(has_text="принят")).to_have_count(2)
    world.browsing.shoot(page, "hub-packages")


def test_expert_meets_each_answer_once(marked: Marked) -> None:
    assert sorted((work.split()[0], position) for work, position in marked.answers) == sorted(
        (title, position) for title, position in MARKS)


@pytest.mark.parametrize(("position", "voice"), [(2, "reading"), (3, "photo")])
def test_expert_hears_what_was_spoken(world: World, marked: Marked, position: int, voice: str) -> None:
    spoken, stored = world.voices[voice], marked.sounds[position]
    pieces = compare_pieces(spoken, stored)
    assert len(pieces) >= 10 and sum(pieces) / len(pieces) >= 0.9, pieces
    other: Path = world.voices["photo" if voice == "reading" else "reading"]
    assert max(compare_pieces(other, stored)) < 0.6


def test_form_of_english_holds_the_points_earned(day: Day, forms: dict[str, dict[str, Any]]) -> None:
    row, expected = forms[ENGLISH], expect_row(ENGLISH, day.english)
    assert expected["Первичный балл"] == 24 and expected["Отметка"] == 4
    assert row["Код участника"] == day.english.code
    assert {name: row[name] for name in expected} == expected


def test_form_of_metapredmet_holds_the_points_earned(day: Day, forms: dict[str, dict[str, Any]]) -> None:
    row, expected = forms[METAPREDMET], expect_row(METAPREDMET, day.metapredmet, zeroed=(12,))
    assert expected["Первичный балл"] == 17 and expected["Отметка"] == 3
    assert row["Код участника"] == day.metapredmet.code
    assert {name: row[name] for name in expected} == expected


def test_no_process_wrote_an_error(world: World, forms: dict[str, dict[str, Any]]) -> None:
    """A day without faults: what a log calls an error is one, and nobody has seen it yet."""
    logs = [*(world.folder / "hub" / "logs").iterdir(), *(world.folder / "classroom" / "logs").iterdir()]
    lines = [line for log in logs for line in log.read_text().splitlines()]
    assert len(lines) > 10
    assert [line for line in lines if ERROR.search(line)] == []
