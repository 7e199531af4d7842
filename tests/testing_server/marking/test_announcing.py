"""What the board knows of marking is what marking itself counts, a moment later and within the own territory alone."""
from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from testing_server.exam_day.monitor.answering import SAME_MS
from testing_server.exam_day.monitor.board_queries import LINES_AGAIN_MS
from testing_server.exam_day.monitor.marking_queries import describe_marking
from testing_server.foundation.clock import FakeClock
from testing_server.foundation.progress.records import TallyRecord
from testing_server.foundation.progress.tallies import Tally
from testing_server.marking.gathering.rules import SubmittedAttempt
from testing_server.marking.review.actions import Marks, save_marks, take_next, undo_marks
from testing_server.marking.review.records import AssignmentRecord, LotRecord
from testing_server.marking.review.rules import NothingToMark
from testing_server.marking.review.settling import MarkingRules
from testing_server.marking.statistics.announcing import IN_TURN, Seen, announce_marking, begin_counting
from testing_server.marking.statistics.territory import describe_territory, find_place
from testing_server.preparation.founding.actions import prepare_hub
from testing_server.preparation.registry.queries import School
from testing_server.roles import list_hub_mounts
from tests.builders import Browser, close_app, make_app, services_of
from tests.testing_server.marking.make_work import make_attempt, save_work
from tests.testing_server.preparation.make_hub import MOMENT_MS, Hub, make_school

CAMPAIGN, REGION, STEP_MS = "demo-2026", "Владимирская область", 40_000
RULES = MarkingRules(rounds=2, third_from=2)


@dataclass
class Marked:
    """A hub with answers of two schools, nothing marked; `seen`: as the process that counts remembers it."""

    hub: Hub
    schools: list[School]
    browsers: dict[str, Browser]
    chance: random.Random = field(default_factory=lambda: random.Random(5))
    seen: Seen = Seen()

    def announce(self) -> None:
        self.seen = announce_marking(self.hub.offered, self.seen)

    def mark(self, expert: str, points: int = 1) -> str:
        """One answer; "" when there is none."""
        self.hub.clock.advance(STEP_MS)
        found: str = self.hub.write(lambda session, now_ms: mark_one(session, now_ms, expert, self.chance, points))
        return found

    def describe(self, territory: str | None = None, chosen: str = "", school: str = "") -> tuple[Tally, list[str]]:
        found = self.hub.read(describe_marking, territory, CAMPAIGN, chosen, school)
        return found.whole, [login for login, _topic, _counts in found.experts]

    def count(self) -> Tally:
        """As marking's own page has it, by another query."""
        whole = self.hub.read(describe_territory, None, find_place(None, "", ""), "").whole
        return Tally(whole.marked, whole.all - whole.marked, whole.thirds - whole.thirds_left, whole.thirds_left)


def mark_one(session: Session, now_ms: int, expert: str, chance: random.Random, points: int) -> str:
    try:
        taken = take_next(session, now_ms, expert, chance)
    except NothingToMark:
        return ""
    row = session.get_one(AssignmentRecord, taken)
    names = row.asked or (["К1", "К2"] if session.get_one(LotRecord, row.lot).position == 2 else ["К1"])
    save_marks(session, now_ms + 1, expert, taken, row.version, Marks(dict.fromkeys(names, points)))
    return taken


def save_attempts(session: Session, now_ms: int, attempts: list[SubmittedAttempt], school: str, archive: str) -> None:
    save_work(session, now_ms, *attempts, rules=RULES, school=school, archive=archive)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marked]:
    clock = FakeClock(MOMENT_MS)
    app = make_app(tmp_path_factory.mktemp("announcing") / "hub", list_hub_mounts(), clock=clock, idle_minutes=0)
    hub = Hub(app, clock, prepare_hub(services_of(app)))
    schools = [make_school(hub), make_school(hub, "sch410001", region="Камчатский край", municipality="Елизово",
                                             name="Лицей")]
    for number, school in enumerate(schools):
        attempts = [make_attempt(1 + one + 4 * number, i1__r1="c2", i3__r1="My text") for one in range(4)]
        save = partial(save_attempts, attempts=attempts, school=school.id, archive="ab"[number] * 64)
        hub.write(save)
    browsers = {"federal": hub.browser("federal", "coordinator"),
                "regional": hub.browser("regional", "coordinator", territory=REGION)}
    yield Marked(hub, schools, browsers)
    close_app(app)


def test_what_waits_what_is_marked_and_third_ones_are_told(made: Marked) -> None:
    made.announce()
    assert made.describe() == (Tally(left=32), [])
    for number in range(24):
        made.mark(("anna", "boris")[number % 2], points=2 * (number % 2))
        if number % 6 == 5:
            made.announce()
            assert made.describe()[0] == made.count()
    whole, experts = made.describe()
    assert whole.done == 24 and whole.thirds_left > 0 and experts == ["anna", "boris"]
    assert made.describe(chosen=REGION)[0] + made.describe(chosen="Камчатский край")[0] == whole
    assert made.describe(school=made.schools[0].id)[0] == made.describe(chosen=REGION)[0]


def test_taking_marks_back_is_told_too(made: Marked) -> None:
    taken = made.mark("vera")
    made.announce()
    assert "vera" in made.describe()[1]
    made.hub.write(lambda session, now_ms: undo_marks(session, now_ms, "vera", taken))
    made.announce()
    assert "vera" not in made.describe()[1] and made.describe()[0] == made.count()


def test_a_coordinator_reads_the_own_territory_and_what_changed_since(made: Marked) -> None:
    made.announce()
    told = {login: browser.get(f"/v1/board?campaign={CAMPAIGN}").get_json()
            for login, browser in made.browsers.items()}
    assert {one[0] for one in told["regional"]["tallies"]} == {made.schools[0].id}
    assert {one[0] for one in told["federal"]["tallies"]} == {one.id for one in made.schools}
    made.hub.clock.advance(LINES_AGAIN_MS + SAME_MS)
    addresses = {login: f"/v1/board/changes?campaign={CAMPAIGN}&after={made.hub.clock.now_ms()}" for login in told}
    assert all(made.browsers[login].get(address).get_json()["tallies"] == [] for login, address in addresses.items())
    while not any(one[0] == made.schools[1].id for one in read_changes(made, "federal", addresses)):
        assert made.mark("galina") or made.mark("dora")
        made.announce()
    assert made.schools[1].id not in {one[0] for one in read_changes(made, "regional", addresses)}


def read_changes(made: Marked, login: str, addresses: dict[str, str]) -> list[list[int]]:
    found: list[list[int]] = made.browsers[login].get(addresses[login]).get_json()["tallies"]
    return found


def test_the_boards_part_names_subjects_and_experts_of_the_own_territory(made: Marked) -> None:
    made.announce()
    part = "/coordinator/board/marking"
    page = f"{part}?campaign={CAMPAIGN}"
    ours, theirs = made.schools
    federal, regional = made.browsers["federal"], made.browsers["regional"]
    assert all(word in federal.get(page).text for word in (ours.id, theirs.id, "anna"))
    assert "Английский язык" in regional.get(page).text and theirs.id not in regional.get(page).text
    asked = {"school": theirs.id, "territory": "Камчатский край"}
    for name, value in asked.items():
        assert "anna" in federal.get(part, query_string={"campaign": CAMPAIGN, name: value}).text
        hidden = regional.get(part, query_string={"campaign": CAMPAIGN, name: value}).text
        assert "anna" not in hidden and theirs.name not in hidden
    assert federal.get("/coordinator/board/marking?campaign=nonsense").text.strip() == ""


def test_what_no_event_tells_of_is_counted_in_its_turn(made: Marked) -> None:
    made.announce()
    whole = made.describe()[0]
    made.hub.write(lambda session, now_ms: session.execute(delete(TallyRecord)))
    begun = made.hub.read(begin_counting)
    announce_marking(made.hub.offered, begun)
    assert made.describe()[0] == whole and IN_TURN >= 2
    # nothing is left to tell: nothing is written
    moments = made.hub.read(lambda session: [row.changed_at_ms for row in session.query(TallyRecord)])
    made.hub.clock.advance(1000)
    announce_marking(made.hub.offered, Seen())
    assert made.hub.read(lambda session: [row.changed_at_ms for row in session.query(TallyRecord)]) == moments
