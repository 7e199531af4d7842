"""Who gets which answer: commissions, own schools, limits, third markings, drift, remarking."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testing_server.foundation.storage import Storage
from testing_server.marking.commission.actions import (
    NewMember, decide_member, open_commission, order_remarking, seat_experts)
from testing_server.marking.commission.queries import list_members
from testing_server.marking.commission.rules import BadCommission, DayLimitReached, NotApproved, OutsideHours, Paused
from testing_server.marking.protocol.queries import compute_points
from testing_server.marking.protocol.rules import NotAllMarked
from testing_server.marking.referrals.actions import close_with_points, send_on
from testing_server.marking.referrals.records import ReferralRecord
from testing_server.marking.referrals.rules import AlreadyDecided, UnknownKind
from testing_server.marking.review.actions import (
    Marks, refer_answer, save_marks, take_ahead, take_next, touch_held, undo_marks)
from testing_server.marking.review.queries import find_desk_answer
from testing_server.marking.review.records import AssignmentRecord, MarkingAnswerRecord, PairRecord
from testing_server.marking.review.rules import LEASE_MS, NothingToMark, RoundClosed
from testing_server.marking.review.settling import MarkingRules
from testing_server.marking.standardisation.actions import declare_standard
from tests.testing_server.marking.make_work import ARCHIVE, make_attempt, save_work

NOW = 1_000_000
DAY_MS = 86_400_000
MODEL = MarkingRules(rounds=2, third_from=2, own_school=False)
PLAN = {"subject": "english", "region": "Region", "opens_at_ms": 0, "closes_at_ms": 10 * DAY_MS, "daily_limit": 0,
        "needs_approval": False, "pass_percent": 70, "control_every": 0}


@pytest.fixture
def both(migrated_url: str) -> Any:
    """The same on SQLite and PostgreSQL."""
    found = Storage(migrated_url)
    yield found
    found.close()


def seat(storage: Storage, *experts: str | NewMember, **changes: Any) -> str:
    """A commission of these experts."""
    commission = storage.write(lambda session: open_commission(session, NOW, "head", {**PLAN, **changes}))
    members = [one if isinstance(one, NewMember) else NewMember(one) for one in experts]
    storage.write(lambda session: seat_experts(session, NOW, "head", commission, members))
    return commission


def mark(storage: Storage, expert: str, points: dict[str, int] | int, now_ms: int = NOW) -> str:
    """Takes the next answer and gives it these points, or so many in every criterion."""
    assignment = storage.write(lambda session: take_next(session, now_ms, expert))
    with storage.read() as session:
        answer = find_desk_answer(session, assignment)
    assert answer is not None
    given = {one["id"]: points for one in answer.criteria} if isinstance(points, int) else points
    storage.write(lambda session: save_marks(session, now_ms, expert, assignment, answer.version, Marks(given)))
    return assignment


def only_speech(storage: Storage, number: int = 1, school: str = "school-1", rules: MarkingRules = MODEL) -> None:
    """Answers of one position alone."""
    def act(session: Session) -> None:
        save_work(session, NOW, *(make_attempt(one) for one in range(1, number + 1)), school=school, rules=rules)
        for row in session.scalars(select(AssignmentRecord).join(
                MarkingAnswerRecord, AssignmentRecord.answer == MarkingAnswerRecord.id)
                .where(MarkingAnswerRecord.position == 3)):
            session.delete(row)
    storage.write(act)


def final_of(storage: Storage) -> str:
    with storage.read() as session:
        rows = compute_points(session, ARCHIVE)
    return next(one.points for one in rows[0].positions if one.position == 2)


def count_states(storage: Storage) -> Counter[str]:
    with storage.read() as session:
        return Counter(session.scalars(select(AssignmentRecord.state).where(AssignmentRecord.copy == "")))


def mark_the_texts(storage: Storage) -> None:
    """The position that `only_speech` leaves out gets points from the head, so that points can be computed."""
    def act(session: Session) -> None:
        from testing_server.marking.review.thirds import decide_answer
        for answer in session.scalars(select(MarkingAnswerRecord.id).where(MarkingAnswerRecord.position == 3)):
            decide_answer(session, NOW, "head", answer, {"К1": 0}, "referral", "")
    storage.write(act)


def test_two_that_differ_by_two_go_to_a_third_who_sees_both_and_marks_what_differs(storage: Storage) -> None:
    only_speech(storage)
    mark_the_texts(storage)
    mark(storage, "one", {"К1": 1, "К2": 2})
    mark(storage, "two", {"К1": 2, "К2": 0})
    with pytest.raises(NotAllMarked):
        final_of(storage)
    third = storage.write(lambda session: take_next(session, NOW, "three"))
    with storage.read() as session:
        answer = find_desk_answer(session, third)
    assert answer is not None and [one["id"] for one in answer.criteria] == ["К2"]
    assert sorted(one.points["К2"] for one in answer.others) == [0, 2] and "one" not in repr(answer.others)
    storage.write(lambda session: save_marks(session, NOW, "three", third, answer.version, Marks({"К2": 1})))
    assert final_of(storage) == "3"


def test_a_difference_of_one_ends_with_the_higher_and_no_third(storage: Storage) -> None:
    only_speech(storage)
    mark_the_texts(storage)
    mark(storage, "one", {"К1": 1, "К2": 2})
    mark(storage, "two", {"К1": 2, "К2": 2})
    with pytest.raises(NothingToMark):
        storage.write(lambda session: take_next(session, NOW, "three"))
    assert final_of(storage) == "4"


def test_marks_can_be_taken_back_until_a_third_expert_has_begun(storage: Storage) -> None:
    only_speech(storage)
    first = mark(storage, "one", 2)
    mark(storage, "two", 0)
    version = storage.write(lambda session: undo_marks(session, NOW, "one", first))
    assert count_states(storage)["queued"] == 0
    storage.write(lambda session: save_marks(session, NOW, "one", first, version, Marks({"К1": 2, "К2": 2})))
    storage.write(lambda session: take_next(session, NOW, "three"))
    with pytest.raises(RoundClosed):
        storage.write(lambda session: undo_marks(session, NOW, "one", first))


def test_nobody_marks_the_own_school_where_the_campaign_forbids_it(storage: Storage) -> None:
    only_speech(storage, 3, rules=replace(MODEL, rounds=1))
    seat(storage, NewMember("home", school="school-1"), "away")
    with pytest.raises(NothingToMark):
        storage.write(lambda session: take_next(session, NOW, "home"))
    assert storage.write(lambda session: take_next(session, NOW, "away"))


def test_the_own_school_is_marked_where_the_campaign_allows_it(storage: Storage) -> None:
    only_speech(storage, rules=MarkingRules())
    seat(storage, NewMember("home", school="school-1"))
    assert storage.write(lambda session: take_next(session, NOW, "home"))


def test_a_commission_keeps_others_out(storage: Storage) -> None:
    only_speech(storage)
    seat(storage, "member")
    with pytest.raises(NothingToMark):
        storage.write(lambda session: take_next(session, NOW, "stranger"))


@pytest.mark.parametrize(("changes", "refusal"), [
    ({"opens_at_ms": NOW + 1}, OutsideHours), ({"closes_at_ms": NOW}, OutsideHours),
    ({"needs_approval": True}, NotApproved)])
def test_outside_the_hours_and_before_approval_nothing_is_given(storage: Storage, changes: dict, refusal: type) -> None:
    only_speech(storage)
    seat(storage, "member", **changes)
    with pytest.raises(refusal):
        storage.write(lambda session: take_next(session, NOW, "member"))


def test_a_day_has_its_limit_and_the_next_day_its_own(storage: Storage) -> None:
    only_speech(storage, 3)
    seat(storage, "member", daily_limit=2)
    for _ in range(2):
        mark(storage, "member", 1)
    with pytest.raises(DayLimitReached):
        storage.write(lambda session: take_next(session, NOW, "member"))
    assert storage.write(lambda session: take_next(session, NOW + DAY_MS, "member"))


@pytest.mark.parametrize("changes", [
    {"daily_limit": -1}, {"pass_percent": 101}, {"control_every": 1}, {"closes_at_ms": 0}, {"subject": " "},
    {"closes_at_ms": 2**60}])
def test_a_commission_that_cannot_be_is_refused(storage: Storage, changes: dict) -> None:
    with pytest.raises(BadCommission):
        seat(storage, **changes)


def test_the_next_answer_is_reserved_and_a_desk_that_is_touched_keeps_both(storage: Storage) -> None:
    only_speech(storage, 4)
    first = storage.write(lambda session: take_next(session, NOW, "one"))
    ahead = storage.write(lambda session: take_ahead(session, NOW, "one"))
    assert ahead != first and storage.write(lambda session: take_ahead(session, NOW, "one")) == ahead
    later = NOW + LEASE_MS
    assert storage.write(lambda session: touch_held(session, later, "one")) == 2
    assert storage.write(lambda session: take_next(session, later + LEASE_MS, "one")) == first


def test_no_answer_of_a_round_is_held_twice_by_forty_at_once(both: Storage) -> None:
    both.write(lambda session: save_work(session, NOW, *(make_attempt(n) for n in range(1, 31)), rules=MODEL))
    with ThreadPoolExecutor(20) as pool:
        taken = list(pool.map(lambda n: both.write(lambda s: take_next(s, NOW, f"expert{n}")), range(40)))
    assert len(set(taken)) == 40
    with both.read() as session:
        held = session.execute(select(AssignmentRecord.answer, AssignmentRecord.expert)
                               .where(AssignmentRecord.expert.is_not(None))).all()
    assert len(held) == len(set(held)) == 40


def test_one_expert_in_many_windows_has_one_answer(both: Storage) -> None:
    both.write(lambda session: save_work(session, NOW, *(make_attempt(n) for n in range(1, 9)), rules=MODEL))
    both.write(lambda session: mark_nothing(session))
    with ThreadPoolExecutor(8) as pool:
        taken = set(pool.map(lambda _: both.write(lambda s: take_next(s, NOW, "one")), range(16)))
    assert len(taken) == 1


def mark_nothing(session: Session) -> None:
    """The expert is known before the windows race: making the row is not what is tested."""
    from testing_server.marking.review.records import ExpertRecord
    session.add(ExpertRecord(login="one", given=0, day="", marked=0))


def test_a_database_refuses_a_second_marking_of_a_round(storage: Storage) -> None:
    only_speech(storage)
    with pytest.raises(Exception, match="UNIQUE|unique"):
        storage.write(lambda session: session.add(AssignmentRecord(
            id="x", answer=session.scalars(select(AssignmentRecord.answer)).first(), round=1, state="queued")))


def test_pairs_vary(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six experts, fifteen possible pairs: a hundred answers give six or seven to each, more or less."""
    # all chance from one seed: what is drawn is the same in every run
    chance = random.Random(7)
    monkeypatch.setattr("uuid.uuid4", lambda: uuid.UUID(int=chance.getrandbits(128)))
    monkeypatch.setattr("secrets.randbelow", chance.randrange)
    monkeypatch.setattr("random.SystemRandom", lambda: chance)
    storage.write(lambda session: save_work(session, NOW, *(make_attempt(n) for n in range(1, 71)), rules=MODEL))
    seats = [f"expert{n}" for n in range(6)]
    for _ in range(200):
        mark(storage, chance.choice(seats), 1)
    with storage.read() as session:
        pairs = {(row.one, row.other): row.answers for row in session.scalars(select(PairRecord))}
    assert len(pairs) == 15 and max(pairs.values()) <= 3 * min(pairs.values()), pairs


def declare(assignment: str, use: str, session: Session) -> None:
    declare_standard(session, NOW, "head", assignment, use, "Так решили")


def test_practice_then_qualification_then_the_head_and_only_then_live_answers(storage: Storage) -> None:
    only_speech(storage, 4, rules=MarkingRules())
    uses = iter(("practice", "qualification", "qualification"))
    for use in uses:
        assignment = mark(storage, "head", {"К1": 2, "К2": 1})
        storage.write(partial(declare, assignment, use))
    commission = seat(storage, "novice", needs_approval=True)
    stages = []
    for _ in range(3):
        assignment = mark(storage, "novice", {"К1": 2, "К2": 1})
        with storage.read() as session:
            answer = find_desk_answer(session, assignment)
        stages.append(answer.stage if answer else "")
    assert stages == ["practice", "qualification", "qualification"]
    with pytest.raises(NotApproved):
        storage.write(lambda session: take_next(session, NOW, "novice"))
    with storage.read() as session:
        assert list_members(session, commission)[0].state == "qualified"
    storage.write(lambda s: decide_member(s, NOW, "head", commission, "novice", "approved", ""))
    mark(storage, "novice", 1)
    assert count_states(storage) == {"saved": 4}


def test_an_expert_who_drifts_is_stopped_told_why_and_marked_anew_by_others(storage: Storage) -> None:
    only_speech(storage, 30, rules=MarkingRules())
    for _ in range(8):
        assignment = mark(storage, "head", {"К1": 2, "К2": 2})
        storage.write(partial(declare, assignment, "control"))
    commission, marked = seat(storage, "harsh", "good", control_every=2), 0
    with pytest.raises(Paused) as refused:
        while marked < 22:
            mark(storage, "harsh", {"К1": 1, "К2": 1})
            marked += 1
    assert marked <= 12 and "ниже" in refused.value.details["reason"]
    ordered = storage.write(lambda s: order_remarking(s, NOW, "head", commission, "harsh", 0))
    assert ordered == marked - 5
    storage.write(lambda s: decide_member(s, NOW, "head", commission, "harsh", "approved", ""))
    again = storage.write(lambda session: take_next(session, NOW, "harsh"))
    with storage.read() as session:
        assert "harsh" not in session.get_one(AssignmentRecord, again).barred


def test_a_third_marking_that_was_ordered_anew_may_turn_out_not_to_be_needed(storage: Storage) -> None:
    only_speech(storage)
    mark_the_texts(storage)
    commission = seat(storage, "one", "two", "three")
    first = mark(storage, "one", {"К1": 2, "К2": 2})
    mark(storage, "two", {"К1": 2, "К2": 0})
    mark(storage, "three", {"К2": 1})
    storage.write(lambda s: order_remarking(s, NOW, "head", commission, "three", 0))
    version = storage.write(lambda session: undo_marks(session, NOW, "one", first))
    version = storage.write(
        lambda s: save_marks(s, NOW, "one", first, version, Marks({"К1": 2, "К2": 1})))
    assert final_of(storage) == "3" and count_states(storage)["queued"] == 0
    version = storage.write(lambda session: undo_marks(session, NOW, "one", first))
    storage.write(lambda s: save_marks(s, NOW, "one", first, version, Marks({"К1": 2, "К2": 2})))
    assert count_states(storage)["queued"] == 1


def test_a_pause_gives_the_unmarked_answers_back(storage: Storage) -> None:
    only_speech(storage)
    commission = seat(storage, "one")
    storage.write(lambda session: take_next(session, NOW, "one"))
    storage.write(lambda session: decide_member(session, NOW, "head", commission, "one", "paused", "Болеет"))
    assert count_states(storage) == {"queued": 2}


def refer(storage: Storage, kind: str, reason: str = "") -> int:
    assignment = storage.write(lambda session: take_next(session, NOW, "one"))
    with storage.read() as session:
        answer = find_desk_answer(session, assignment)
    assert answer is not None
    storage.write(lambda session: refer_answer(session, NOW, "one", assignment, answer.version, reason, kind))
    with storage.read() as session:
        return session.scalar(select(func.max(ReferralRecord.id))) or 0


def test_the_heads_points_close_an_answer_that_could_not_be_marked(storage: Storage) -> None:
    only_speech(storage)
    mark_the_texts(storage)
    referral = refer(storage, "technical_fault")
    storage.write(lambda s: close_with_points(s, NOW, "head", referral, {"К1": 2, "К2": 2}, "Слышно в наушниках"))
    assert final_of(storage) == "4" and count_states(storage)["queued"] == 0
    with pytest.raises(AlreadyDecided):
        storage.write(lambda s: close_with_points(s, NOW, "head", referral, None, ""))


def test_zero_by_the_head_is_zero_in_every_criterion(storage: Storage) -> None:
    only_speech(storage)
    mark_the_texts(storage)
    referral = refer(storage, "other_language")
    storage.write(lambda s: close_with_points(s, NOW, "head", referral, None, ""))
    assert final_of(storage) == "0"


def test_what_is_alarming_goes_on_to_the_coordinator_and_still_waits_for_the_head(storage: Storage) -> None:
    only_speech(storage)
    referral = refer(storage, "alarming_content")
    storage.write(lambda session: send_on(session, NOW, "head", referral, "Передать школе сегодня"))
    with storage.read() as session:
        row = session.get_one(ReferralRecord, referral)
    assert (row.sent_to, row.decision) == ("coordinator", "")


def test_an_unknown_reason_is_refused(storage: Storage) -> None:
    only_speech(storage)
    with pytest.raises(UnknownKind):
        refer(storage, "boring")
