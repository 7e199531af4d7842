"""What needs a person: each rule at its edge of time, and the order in which people are told."""
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import given, strategies

from testing_server.exam_day.monitor.concern_words import describe_concern
from testing_server.exam_day.monitor.concerns import (
    FORMS_SOON_MS, KINDS, PACKAGE_WITHIN_MS, SILENT_AFTER_MS, Concern, FormDue, Kind, SchoolDay, SittingToday,
    WorkToday, find_concerns, rank_concern)
from testing_server.foundation.progress import State, Step
from testing_server.preparation.campaigns.rules import compute_window
from tests.builders import make_app

RULE = {"kind": "hours", "from": "08:00", "to": "20:00", "zone": "school"}
DAY = date(2026, 4, 14)
EIGHT_MS, TWENTY_MS = compute_window(RULE, DAY, "Asia/Kamchatka", 0)
WORK = WorkToday("english-7", "Английский язык, 7", EIGHT_MS, TWENTY_MS)


def kinds(day: SchoolDay, now_ms: int) -> list[Kind]:
    return [one.kind for one in find_concerns(day, now_ms)]


def heard(now_ms: int, **facts: object) -> SchoolDay:
    """A school that is on the line and has its cipher."""
    work = WorkToday("english-7", "Английский язык, 7", EIGHT_MS, TWENTY_MS, is_released=True)
    return SchoolDay("s", **{"contact_at_ms": now_ms, "works": (work,), **facts})  # type: ignore[arg-type]


def test_eight_is_the_schools_own_eight() -> None:
    assert datetime.fromtimestamp(EIGHT_MS / 1000, UTC) == datetime(2026, 4, 13, 20, 0, tzinfo=UTC)


@pytest.mark.parametrize("now_ms, told", [
    (EIGHT_MS - 1, []), (EIGHT_MS, [Kind.CIPHER]), (TWENTY_MS - 1, [Kind.CIPHER]), (TWENTY_MS, [])])
def test_a_cipher_is_missed_from_eight_until_the_window_closes(now_ms: int, told: list[Kind]) -> None:
    day = SchoolDay("s", now_ms, works=(WORK,), steps={Step.PACKAGES: State.READY})
    assert kinds(day, now_ms) == told


def test_a_work_without_a_cipher_misses_none() -> None:
    work = WorkToday("meta", "Метапредмет", EIGHT_MS, TWENTY_MS, needs_cipher=False)
    assert kinds(SchoolDay("s", EIGHT_MS, works=(work,)), EIGHT_MS) == []


@pytest.mark.parametrize("contact_ms, after_ms, told", [
    (None, SILENT_AFTER_MS - 1, []), (None, SILENT_AFTER_MS, [Kind.SILENT]),
    (EIGHT_MS, SILENT_AFTER_MS, []), (EIGHT_MS, SILENT_AFTER_MS + 1, [Kind.SILENT])])
def test_half_an_hour_without_a_word_is_silence(contact_ms: int | None, after_ms: int, told: list[Kind]) -> None:
    assert kinds(heard(0, contact_at_ms=contact_ms), EIGHT_MS + after_ms) == told


def test_a_school_that_is_through_may_be_silent() -> None:
    now_ms = EIGHT_MS + 3 * SILENT_AFTER_MS
    through = SittingToday("1", "21", finished_at_ms=EIGHT_MS, has_package=True)
    assert kinds(heard(EIGHT_MS, sittings=(through,)), now_ms) == []
    assert kinds(heard(EIGHT_MS, sittings=(through, SittingToday("2", "22"))), now_ms) == [Kind.SILENT]


def test_incidents_are_told_while_the_sitting_goes_on() -> None:
    noted, unheard = SittingToday("1", "21", incidents=2), SittingToday("2", "22", needs_person=True)
    over = SittingToday("3", "23", incidents=5, finished_at_ms=EIGHT_MS, has_package=True)
    found = find_concerns(heard(EIGHT_MS, sittings=(noted, unheard, over)), EIGHT_MS)
    assert [(one.kind, one.what, one.count, one.is_late) for one in found] == [
        (Kind.INCIDENT, "22", 0, True), (Kind.INCIDENT, "21", 2, False)]


@pytest.mark.parametrize("passed_ms, told", [(PACKAGE_WITHIN_MS, []), (PACKAGE_WITHIN_MS + 1, [Kind.PACKAGE])])
def test_a_package_has_two_hours(passed_ms: int, told: list[Kind]) -> None:
    now_ms = EIGHT_MS + passed_ms
    assert kinds(heard(now_ms, sittings=(SittingToday("1", "21", finished_at_ms=EIGHT_MS),)), now_ms) == told
    sent = SittingToday("1", "21", finished_at_ms=EIGHT_MS, has_package=True)
    assert kinds(heard(now_ms, sittings=(sent,)), now_ms) == []


def test_a_school_that_never_reported_owes_its_packages_when_the_window_closes() -> None:
    assert kinds(heard(TWENTY_MS), TWENTY_MS - 1) == []
    assert kinds(heard(TWENTY_MS), TWENTY_MS) == [Kind.PACKAGE]
    assert kinds(heard(TWENTY_MS, steps={Step.PACKAGES: State.READY}), TWENTY_MS) == []


@pytest.mark.parametrize("left_ms, told", [
    (FORMS_SOON_MS + 1, []), (FORMS_SOON_MS, [False]), (1, [False]), (0, [True]), (-1, [True])])
def test_a_form_is_asked_for_three_hours_before_its_hour(left_ms: int, told: list[bool]) -> None:
    due = FormDue("german-7", "Немецкий язык, 7", due_at_ms=TWENTY_MS)
    found = find_concerns(SchoolDay("s", forms=(due,)), TWENTY_MS - left_ms)
    assert [(one.kind, one.is_late) for one in found] == [(Kind.FORM, is_late) for is_late in told]
    received = FormDue("german-7", "Немецкий язык, 7", TWENTY_MS, is_received=True)
    assert kinds(SchoolDay("s", forms=(received,)), TWENTY_MS - left_ms) == []


MOMENTS = strategies.integers(EIGHT_MS - 4 * 3_600_000, TWENTY_MS + 4 * 3_600_000)
DAYS = strategies.builds(
    SchoolDay, strategies.just("s"), strategies.none() | MOMENTS, works=strategies.just((WORK,)),
    sittings=strategies.lists(strategies.builds(
        SittingToday, strategies.text(max_size=3), strategies.text(max_size=3), strategies.integers(0, 3),
        strategies.booleans(), strategies.none() | MOMENTS, strategies.booleans()), max_size=4).map(tuple))


@given(DAYS, MOMENTS)
def test_what_is_most_urgent_stands_first_and_nothing_is_told_twice(day: SchoolDay, now_ms: int) -> None:
    found = find_concerns(day, now_ms)
    assert all(rank_concern(one) <= rank_concern(other) for one, other in pairwise(found))
    assert sum(one.kind is Kind.CIPHER for one in found) <= len(day.works)
    assert sum(one.kind is Kind.SILENT for one in found) <= 1


@pytest.fixture(scope="module")
def in_russian(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    app = make_app(tmp_path_factory.mktemp("words"), [])
    with app.test_request_context("/"):
        yield


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_each_concern_is_one_sentence(in_russian: None, kind: Kind, is_late: bool) -> None:
    for what in ("21", ""):
        text = describe_concern(Concern(kind, "s", what, EIGHT_MS, is_late, 2), "Asia/Kamchatka")
        assert text.endswith(".") and "%(" not in text and len(text) < 160
    if kind is Kind.CIPHER:
        assert "14.04.2026, 8:00 по времени школы" in text
