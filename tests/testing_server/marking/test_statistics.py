"""Figures from real marks: the database's sums against a count by hand, pages of head, expert and coordinator."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from statistics import median_low

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.foundation.clock import FakeClock
from testing_server.foundation.progress import State, read_progress
from testing_server.marking.commission.records import CommissionRecord, MemberRecord
from testing_server.marking.review.actions import Marks, save_marks, take_next, undo_marks
from testing_server.marking.review.records import AssignmentRecord, LotRecord, MarkEventRecord
from testing_server.marking.review.rules import NothingToMark
from testing_server.marking.review.settling import MarkingRules
from testing_server.marking.standardisation.judging import list_checks
from testing_server.marking.standardisation.records import StandardRecord
from testing_server.marking.standardisation.rules import measure_agreement
from testing_server.marking.statistics.consistency import collect_products
from testing_server.marking.statistics.overview import add_gaps
from testing_server.marking.statistics.queries import (
    BLOCK, count_controls, count_experts, count_points, count_queue_of, list_blocks, list_meetings, measure_times)
from testing_server.marking.statistics.severity import Sums, add_sums
from testing_server.marking.statistics.territory import describe_territory, find_place
from testing_server.preparation.founding.actions import prepare_hub
from testing_server.roles import list_hub_mounts
from tests.builders import Browser, close_app, make_app, services_of
from tests.testing_server.marking.make_work import make_attempt, save_work
from tests.testing_server.preparation.make_hub import MOMENT_MS, Hub, make_school

EXPERTS, STEP_MS = ("anna", "boris", "vera"), 40_000
RULES = MarkingRules(rounds=2, third_from=2)
FIGURES, OWN, TERRITORY = "/commission/figures", "/marking/figures", "/coordinator/marking"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """Twenty-four answers to each of two positions, marked twice by three experts; vera gives all she can."""
    clock = FakeClock(MOMENT_MS)
    app = make_app(tmp_path_factory.mktemp("figures") / "hub", list_hub_mounts(), clock=clock)
    hub = Hub(app, clock, prepare_hub(services_of(app)))
    attempts = [make_attempt(number, i1__r1="c2", i3__r1="My text") for number in range(1, 25)]
    own = make_school(hub).id
    hub.write(lambda session, now_ms: save_work(session, now_ms, *attempts, rules=RULES, school=own))
    hub.write(lambda session, now_ms: mark_twice(session, now_ms))
    yield hub
    close_app(app)


def mark_twice(session: Session, now_ms: int) -> None:
    chance, moment = random.Random(7), now_ms
    while any([mark_one(session, moment := moment + STEP_MS, expert, chance) for expert in EXPERTS]):
        continue


def mark_one(session: Session, now_ms: int, expert: str, chance: random.Random) -> bool:
    try:
        found = take_next(session, now_ms - STEP_MS // 2, expert, chance)
    except NothingToMark:
        return False
    row = session.get_one(AssignmentRecord, found)
    lot = session.get_one(LotRecord, row.lot)
    names = row.asked or (["К1", "К2"] if lot.position == 2 else ["К1"])
    points = {name: 2 if expert == "vera" else chance.randint(0, 2) for name in names}
    version = save_marks(session, now_ms, expert, found, row.version, Marks(points))
    assert version == row.version
    return True


def list_lots(session: Session, position: int, is_third: bool = False) -> list[int]:
    return list(session.scalars(select(LotRecord.id).where(
        LotRecord.position == position, LotRecord.is_third.is_(is_third))))


def read_pairs(session: Session, position: int) -> list[tuple[MarkEventRecord, MarkEventRecord]]:
    """The last saves of both rounds of every answer, the slow way."""
    lots, found = list_lots(session, position), dict[str, dict[int, MarkEventRecord]]()
    for row in session.scalars(select(AssignmentRecord).where(AssignmentRecord.lot.in_(lots))):
        events = list(session.scalars(select(MarkEventRecord).where(
            MarkEventRecord.assignment == row.id, MarkEventRecord.kind == "saved").order_by(MarkEventRecord.number)))
        found.setdefault(row.answer, {})[row.round] = events[-1]
    return [(rounds[1], rounds[2]) for rounds in found.values()]


@pytest.mark.parametrize("position", [2, 3])
def test_meetings_are_those_counted_by_hand(hub: Hub, position: int) -> None:
    def check(session: Session, now_ms: int) -> None:
        by_hand = Counter[tuple[str, str, str, tuple[int, int]]]()
        for one, other in read_pairs(session, position):
            for name in one.points:
                first, second = sorted((one, other), key=lambda event: event.expert)
                by_hand[first.expert, second.expert, name, (first.points[name], second.points[name])] += 1
        by_database = Counter[tuple[str, str, str, tuple[int, int]]]()
        for found in list_meetings(session, list_lots(session, position)):
            by_database[found.one, found.other, found.criterion, found.cell] += found.count
        assert by_database == by_hand and by_hand.total() == 24 * (2 if position == 2 else 1)
        gaps = add_gaps(list_meetings(session, list_lots(session, position)))
        assert sum(one.number for one in gaps.values()) == 24 and all(one < other for one, other in gaps)
        assert sum(one.total for one in gaps.values()) == sum(
            (points[0] - points[1]) * count for (_, _, _, points), count in by_hand.items())

    hub.write(check)


def test_blocks_are_those_counted_by_hand(hub: Hub) -> None:
    def check(session: Session, now_ms: int) -> None:
        views: dict[str, list[tuple[int, str, int, int]]] = {}
        for pair in read_pairs(session, 2):
            answer = session.get_one(AssignmentRecord, pair[0].assignment).answer
            for own, other in (pair, pair[::-1]):
                views.setdefault(own.expert, []).append(
                    (own.at_ms, answer, sum(own.points.values()), sum(other.points.values())))
        by_hand = {}
        for expert, seen in views.items():
            ordered = [(own, other) for _, _, own, other in sorted(seen)]
            for start in range(0, len(ordered), BLOCK):
                by_hand[expert, start // BLOCK] = collect_products(ordered[start:start + BLOCK])
        found = {(one.expert, one.number): one.products for one in list_blocks(session, list_lots(session, 2))}
        assert found == by_hand and sum(one.number for one in found.values()) == 48
        assert [one.products for one in list_blocks(session, list_lots(session, 2), "vera")] == [
            products for (expert, _), products in sorted(by_hand.items()) if expert == "vera"]
        gaps = [one - other for _, _, one, other in views["vera"]]
        sums = add_sums([one.sums for one in list_blocks(session, list_lots(session, 2), "vera")])
        assert sums == Sums(len(gaps), sum(gaps), sum(gap ** 2 for gap in gaps)) and sum(gaps) > 0
        assert count_experts(session, list_lots(session, 2)) == 3

    hub.write(check)


def test_points_and_times_are_those_counted_by_hand(hub: Hub) -> None:
    def check(session: Session, now_ms: int) -> None:
        lots = list_lots(session, 3)
        given = Counter(event.points["К1"] for pair in read_pairs(session, 3) for event in pair)
        assert count_points(session, lots) == {"К1": dict(given)}
        number, (lower, median, upper) = measure_times(session, lots)["vera"]
        events = [event for pair in read_pairs(session, 3) for event in pair if event.expert == "vera"]
        assert number == len(events) and lower <= median <= upper
        assert median == median_low([STEP_MS // 2] * number), "taken half a step before each save"

    hub.write(check)


def test_the_queue_counts_pairs_and_thirds(hub: Hub) -> None:
    def check(session: Session, now_ms: int) -> None:
        apart = sum(max(abs(one.points[name] - other.points[name]) for name in one.points) >= 2
                    for one, other in read_pairs(session, 3))
        found = count_queue_of(session, [*list_lots(session, 3), *list_lots(session, 3, True)])
        assert (found.pairs, found.thirds, found.left, found.marked) == (24, apart, 0, 48 + apart)

    hub.write(check)


def test_marks_taken_back_do_not_count(hub: Hub) -> None:
    def check(session: Session, now_ms: int) -> None:
        lots, before = list_lots(session, 3), list_meetings(session, list_lots(session, 3))
        third = select(AssignmentRecord.answer).where(AssignmentRecord.round == 3)
        row = session.scalars(select(AssignmentRecord).where(
            AssignmentRecord.lot.in_(lots), AssignmentRecord.answer.not_in(third)).limit(1)).one()
        undo_marks(session, now_ms, str(row.expert), row.id)
        assert sum(one.count for one in list_meetings(session, lots)) == sum(one.count for one in before) - 1
        session.rollback()

    hub.write(check)


def test_controls_are_those_that_stop_an_expert(hub: Hub) -> None:
    def check(session: Session, now_ms: int) -> None:
        lot, agreed = list_lots(session, 2)[0], {"К1": 2, "К2": 1}
        answer = session.scalars(select(AssignmentRecord.answer).where(AssignmentRecord.lot == lot).limit(1)).one()
        session.add(StandardRecord(answer=answer, lot=lot, use="control", points=agreed, by="head", at_ms=now_ms))
        session.add(AssignmentRecord(id="control", answer=answer, round=1, state="saved", expert="anna", lot=lot,
                                     purpose="control", copy="anna", barred=[]))
        session.flush()
        session.add(MarkEventRecord(assignment="control", number=1, kind="saved", expert="anna", at_ms=now_ms,
                                    points={"К1": 2, "К2": 2}, moments={}))
        session.flush()
        checks = list_checks(session, "anna", "control", [lot])
        assert count_controls(session, [lot]) == {"anna": (1, measure_agreement(checks))} == {"anna": (1, 0.5)}
        assert count_controls(session, list_lots(session, 3)) == {}
        session.rollback()

    hub.write(check)


def test_the_head_reads_agreement_severity_and_pace(hub: Hub) -> None:
    head = hub.browser("head", "expert", is_head=True, subjects=["*"])
    page = head.get(FIGURES)
    assert page.status_code == 200 and "Каппа" in page.text and "<svg" in page.text and "<desc" in page.text
    assert "vera" in page.text and "признак, требует проверки" in page.text and "доказан" not in page.text
    assert ' style="' not in page.text
    part = head.get(f"{FIGURES}/part?position=demo-2026/tiny/3")
    assert part.status_code == 200 and "<html" not in part.text
    assert head.get(f"{FIGURES}?position=rubbish&commission=rubbish").status_code == 200


def test_an_expert_reads_the_own_figures_only(hub: Hub) -> None:
    page = hub.browser("vera", "expert").get(OWN).text
    assert "Вы ставите больше" in page and "anna" not in page and "boris" not in page
    newcomer = hub.browser("newcomer", "expert")
    assert 'class="empty"' in newcomer.get(OWN).text
    assert {newcomer.get(path).status_code for path in (FIGURES, f"{FIGURES}/part", TERRITORY)} == {403}


def test_a_coordinator_reads_the_own_territory_by_steps(hub: Hub) -> None:
    def check(session: Session, now_ms: int) -> None:
        region = describe_territory(session, None, find_place(None, "", ""), "").places[0][0]
        municipality = describe_territory(session, region, find_place(region, "", ""), "english").places[0][0]
        found = describe_territory(session, region, find_place(region, "", municipality), "english")
        assert found.whole.marked == found.whole.all >= 96 and found.whole.thirds > 0
        assert {login for login, _, _ in found.experts} == set(EXPERTS)
        other = describe_territory(session, "Нигде", find_place("Нигде", region, municipality), "")
        assert other.places == [] and other.whole.all == 0

    hub.write(check)
    boss: Browser = hub.browser("boss", "coordinator")
    assert "english" in boss.get(TERRITORY).text and "vera" in boss.get(f"{TERRITORY}/part?subject=english").text
    assert 'class="empty"' in boss.get(f"{TERRITORY}?region=Нигде").text


@pytest.mark.parametrize(("own", "asked", "level", "territory"), [
    (None, ("", ""), "region", ""), (None, ("A", ""), "municipality", "A"), ("A", ("B", "C"), "school", "A / C"),
    ("A / C", ("B", "D"), "school", "A / C"), (None, ("", "C"), "region", "")])
def test_nobody_asks_above_the_own_territory(own: str | None, asked: tuple[str, str], level: str,
                                             territory: str) -> None:
    place = find_place(own, *asked)
    assert place.level == level and place.territory.replace(" ", "") == territory.replace(" ", "")


def test_the_board_hears_that_marking_began_and_was_signed(hub: Hub) -> None:
    def read(session: Session, now_ms: int) -> list[str]:
        return [one.state for one in read_progress(session) if one.step == "marking"]

    assert hub.write(read) == [State.RUNNING]
    head = hub.browser("signer", "expert", is_head=True, subjects=["*"])
    assert head.post(f"/commission/{'a' * 64}/freeze", page=f"/commission/{'a' * 64}").status_code == 302
    assert hub.write(read) == [State.READY]


def add_controls(session: Session, expert: str, given: list[dict[str, int]], now_ms: int) -> None:
    """Control answers this expert marked so; two points are agreed on each criterion."""
    lot = list_lots(session, 2)[0]
    answers = session.scalars(select(AssignmentRecord.answer).where(
        AssignmentRecord.lot == lot, AssignmentRecord.copy == "").distinct().order_by(AssignmentRecord.answer))
    for number, (answer, points) in enumerate(zip(list(answers), given, strict=False)):
        session.merge(StandardRecord(answer=answer, lot=lot, use="control", points={"К1": 2, "К2": 2}, by="head",
                                     comment="", at_ms=now_ms))
        session.merge(AssignmentRecord(id=f"{expert}-{number}", answer=answer, round=1, state="saved", expert=expert,
                                       lot=lot, purpose="control", copy=expert, barred=[]))
        session.flush()
        session.add(MarkEventRecord(assignment=f"{expert}-{number}", number=1, kind="saved", expert=expert,
                                    at_ms=now_ms, points=points, moments={}))
    session.flush()


def test_an_expert_reads_in_words_how_far_the_own_points_go_with_agreed_ones(hub: Hub) -> None:
    right, strict = {"К1": 2, "К2": 2}, {"К1": 1, "К2": 1}

    def prepare(session: Session, now_ms: int) -> None:
        session.add(CommissionRecord(id="c", subject="english", region="", opens_at_ms=0, closes_at_ms=now_ms,
                                     control_every=5))
        session.flush()
        for expert in ("careful", "severe", "fresh", "none"):
            session.add(MemberRecord(commission="c", expert=expert, state="approved", changed_at_ms=0))
        add_controls(session, "careful", [right] * 7, now_ms)
        add_controls(session, "severe", [strict] * 6, now_ms)
        add_controls(session, "fresh", [strict] * 4, now_ms)

    hub.write(prepare)
    pages = {one: hub.browser(one, "expert").get(OWN).text for one in ("careful", "severe", "fresh", "none")}
    assert "Вы ставите как согласовано" in pages["careful"] and "По последним 5 контрольным" in pages["careful"]
    assert "опирается меньше чем на 20 ответов" in pages["careful"] and "Что делать" not in pages["careful"]
    assert "Вы ставите ниже согласованных баллов" in pages["severe"] and "−50\u00a0%" in pages["severe"]
    assert "перечитайте описания высших баллов" in pages["severe"] and "поговорите с председателем" in pages["severe"]
    assert "Мало, чтобы судить" in pages["fresh"] and "ниже согласованных" not in pages["fresh"]
    assert "Контрольных ответов у вас ещё не было" in pages["none"]
    assert "Контрольные ответы" not in hub.browser("unseated", "expert").get(OWN).text
