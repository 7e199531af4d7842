"""Standard answers in their turn: nobody is stuck on one that cannot come, and none says what it should not."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.foundation.storage import Storage
from testing_server.marking.commission.actions import NewMember, decide_member, order_remarking
from testing_server.marking.commission.bounds import ALL_SUBJECTS, Bounds
from testing_server.marking.commission.queries import list_members
from testing_server.marking.commission.rules import NotApproved
from testing_server.marking.review.actions import return_overdue, take_ahead, take_next, undo_marks
from testing_server.marking.review.queries import find_desk_answer
from testing_server.marking.review.records import AssignmentRecord, DecisionRecord
from testing_server.marking.review.rules import LEASE_MS, MarksInUse, NothingToMark
from testing_server.marking.review.settling import MarkingRules
from testing_server.marking.standardisation.actions import declare_standard
from testing_server.marking.standardisation.queries import list_candidates
from testing_server.marking.standardisation.records import StandardRecord
from testing_server.marking.standardisation.rules import MarkedInPart
from tests.testing_server.marking.test_commission import NOW, mark, only_speech, seat

ALONE = MarkingRules(own_school=False)
AGREED = {"К1": 2, "К2": 1}
EVERYTHING = Bounds("", frozenset({ALL_SUBJECTS}))


def declare(assignment: str, use: str, session: Session) -> None:
    declare_standard(session, NOW, "head", assignment, use, "Так решили")


def agree(storage: Storage, *uses: str) -> list[str]:
    """The head marks one answer for each use; their assignments."""
    found = []
    for use in uses:
        found.append(mark(storage, "head", AGREED))
        storage.write(partial(declare, found[-1], use))
    return found


def tell_state(storage: Storage, commission: str) -> tuple[str, str]:
    with storage.read() as session:
        member, = list_members(session, commission)
    return member.state, member.reason


def test_an_answer_the_expert_has_marked_live_is_not_waited_for(storage: Storage) -> None:
    """Standardisation begins in the middle: of the qualification set one answer is known to the expert already."""
    only_speech(storage, 2, rules=MarkingRules(rounds=2))
    mark(storage, "novice", AGREED)
    agree(storage, "qualification", "qualification")
    commission = seat(storage, "novice", needs_approval=True)
    mark(storage, "novice", {"К1": 0, "К2": 0})
    assert tell_state(storage, commission) == ("failed", "Совпало критериев: 0 из 2 (0 %), нужно 70 %.")


def test_a_set_is_judged_when_nothing_of_it_lies_on_the_desk(storage: Storage) -> None:
    only_speech(storage, 2, rules=ALONE)
    agree(storage, "qualification", "qualification")
    commission = seat(storage, "novice", needs_approval=True)
    storage.write(lambda session: take_next(session, NOW, "novice"))
    storage.write(lambda session: take_ahead(session, NOW, "novice"))
    mark(storage, "novice", AGREED)
    assert tell_state(storage, commission)[0] == "practising"
    mark(storage, "novice", AGREED)
    assert tell_state(storage, commission) == ("qualified", "Совпало критериев: 4 из 4 (100 %), нужно 70 %.")
    with pytest.raises(NotApproved):
        storage.write(lambda session: take_next(session, NOW, "novice"))


def test_a_copy_that_was_left_comes_again_for_what_the_answer_is_now(storage: Storage) -> None:
    """Else an expert would be told the agreed points of what has become a control answer."""
    only_speech(storage, 3, rules=ALONE)
    assignment, = agree(storage, "practice")
    commission = seat(storage, "novice", needs_approval=True, control_every=2)
    left = storage.write(lambda session: take_next(session, NOW, "novice"))
    storage.write(lambda session: return_overdue(session, NOW + LEASE_MS + 1))
    storage.write(partial(declare, assignment, "control"))
    storage.write(lambda s: decide_member(s, NOW, "head", commission, "novice", "approved", ""))
    for _ in range(3):
        mark(storage, "novice", AGREED, NOW + LEASE_MS + 2)
    with storage.read() as session:
        copy = session.get_one(AssignmentRecord, left)
        assert (copy.state, copy.purpose) == ("saved", "control")
        answer = find_desk_answer(session, left)
    assert answer is not None and answer.stage == "live"


def test_a_third_marking_of_some_criteria_is_no_standard(storage: Storage) -> None:
    only_speech(storage, 1, rules=MarkingRules(rounds=2, third_from=2))
    mark(storage, "one", {"К1": 2, "К2": 2})
    mark(storage, "two", {"К1": 2, "К2": 0})
    third = mark(storage, "head", {"К2": 1})
    with pytest.raises(MarkedInPart):
        storage.write(partial(declare, third, "control"))
    with storage.read() as session:
        assert session.scalars(select(DecisionRecord)).all() == []
        assert list_candidates(session, "head", EVERYTHING) == []
    storage.write(lambda session: setattr(session.get_one(AssignmentRecord, third), "asked", None))
    with storage.read() as session:
        assert [one.assignment for one in list_candidates(session, "head", EVERYTHING)] == [third]


def test_another_use_does_not_undo_what_was_decided_since(storage: Storage) -> None:
    from testing_server.marking.review.thirds import decide_answer
    only_speech(storage, 1, rules=ALONE)
    assignment, = agree(storage, "practice")
    with storage.read() as session:
        answer = session.get_one(AssignmentRecord, assignment).answer
    storage.write(lambda s: decide_answer(s, NOW, "head", answer, {"К1": 1, "К2": 1}, "correction", "Апелляция"))
    storage.write(partial(declare, assignment, "control"))
    with storage.read() as session:
        last = session.scalars(select(DecisionRecord).order_by(DecisionRecord.id.desc())).first()
        assert last is not None and (last.kind, last.points) == ("correction", {"К1": 1, "К2": 1})
        assert session.get_one(StandardRecord, answer).use == "control"


def test_no_control_answer_comes_from_the_school_the_commissions_list_names(storage: Storage) -> None:
    """The account names no school: only the list does."""
    only_speech(storage, 3, rules=ALONE)
    agree(storage, "control")
    seat(storage, NewMember("teacher", school="school-1"), NewMember("stranger"), control_every=2)
    with storage.read() as session:
        control = session.scalars(select(StandardRecord.answer)).one()
    for _ in range(2):
        mark(storage, "stranger", AGREED)
    with pytest.raises(NothingToMark):
        storage.write(lambda session: take_next(session, NOW, "teacher"))
    with storage.read() as session:
        copies = set(session.scalars(select(AssignmentRecord.copy).where(AssignmentRecord.answer == control)))
    assert copies == {"", "stranger"}


def test_marks_of_a_standard_answer_stay_and_it_is_not_said_why(storage: Storage) -> None:
    only_speech(storage, 2, rules=ALONE)
    agree(storage, "control")
    seat(storage, "expert", control_every=2)
    marked = [mark(storage, "expert", AGREED) for _ in range(2)]
    with storage.read() as session:
        copy, = (one for one in marked if session.get_one(AssignmentRecord, one).copy)
    with pytest.raises(MarksInUse) as refused:
        storage.write(lambda session: undo_marks(session, NOW, "expert", copy))
    assert "протокол" not in str(refused.value.message) and "контрол" not in str(refused.value.message)


def test_an_answer_that_a_kit_brought_is_a_desks_after_remarking(storage: Storage) -> None:
    only_speech(storage, 1, rules=ALONE)
    commission = seat(storage, "one", "two")
    assignment = mark(storage, "one", 1)

    def pack(session: Session) -> None:
        session.get_one(AssignmentRecord, assignment).kit = "kit"

    storage.write(pack)
    storage.write(lambda session: order_remarking(session, NOW, "head", commission, "one", 0))
    taken: list[Any] = [storage.write(lambda session: take_next(session, NOW, "two")) for _ in range(2)]
    assert taken == [assignment, assignment]
