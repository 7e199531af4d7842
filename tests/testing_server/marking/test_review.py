"""The desk: nobody gets one answer twice, nothing saved is lost, no point outside the criteria."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from testing_server.foundation.storage import Storage
from testing_server.marking.commission.bounds import WHOLE_HUB
from testing_server.marking.gathering.rules import UnknownVariant, sort_attempt
from testing_server.marking.review.actions import (
    Marks, refer_answer, return_answer, return_overdue, save_marks, take_next, take_referred, undo_marks)
from testing_server.marking.review.queries import count_queue, find_desk_answer, list_notes, list_referred, may_hear
from testing_server.marking.review.rules import (
    LEASE_MS, NothingToMark, PointsOutOfRange, ReasonMissing, TakenByOther)
from tests.testing_server.marking.make_work import make_attempt, make_book, save_work
from task_bank.scoring import restore_responses, score_item

NOW = 1_000_000
FULL = {2: {"К1": 2, "К2": 1}, 3: {"К1": 2}}


def mark_next(storage: Storage, expert: str, now_ms: int = NOW) -> str:
    """Takes and saves one answer with fitting points."""
    assignment = storage.write(lambda session: take_next(session, now_ms, expert))
    with storage.read() as session:
        answer = find_desk_answer(session, assignment)
    assert answer is not None
    marks = Marks(FULL[answer.position])
    storage.write(lambda session: save_marks(session, now_ms, expert, assignment, answer.version, marks))
    return assignment


def version_of(storage: Storage, assignment: str) -> int:
    with storage.read() as session:
        answer = find_desk_answer(session, assignment)
    assert answer is not None
    return answer.version


def test_the_machine_scores_by_the_authors_names_and_people_get_the_rest() -> None:
    found = sort_attempt(make_attempt(i1__r1="c2", i3__r1="My text"), make_book(), score_item, restore_responses)
    assert [(one.position, one.points) for one in found.scores] == [(1, "1")]
    assert [one.position for one in found.answers] == [2, 3]
    assert found.answers[1].content["responses"] == {"TEXT": "My text"}
    assert found.answered == {"1": "answered", "2": "answered", "3": "answered"}


def test_an_empty_answer_is_told_from_a_wrong_one() -> None:
    found = sort_attempt(make_attempt(i1__r1="c1"), make_book(), score_item, restore_responses)
    assert found.scores[0].points == "0" and found.answered == {"1": "answered", "2": "answered", "3": "empty"}


def test_an_unknown_variant_is_refused() -> None:
    attempt = make_attempt()
    stranger = type(attempt)(**{**attempt.__dict__, "variant": "00000"})
    with pytest.raises(UnknownVariant):
        sort_attempt(stranger, make_book(), score_item, restore_responses)


def test_gathering_twice_adds_nothing(storage: Storage) -> None:
    assert storage.write(lambda session: save_work(session, NOW, make_attempt())) == 1
    assert storage.write(lambda session: save_work(session, NOW, make_attempt())) == 0


def test_the_desk_shows_neither_school_nor_code(storage: Storage) -> None:
    storage.write(lambda session: save_work(session, NOW, make_attempt()))
    assignment = storage.write(lambda session: take_next(session, NOW, "expert"))
    with storage.read() as session:
        shown = repr(find_desk_answer(session, assignment))
    assert "10001" not in shown and "school-1" not in shown and "attempt-1" not in shown


def test_one_position_after_the_other(storage: Storage) -> None:
    storage.write(lambda session: save_work(session, NOW, make_attempt(1, i3__r1="a"), make_attempt(2, i3__r1="b")))
    positions = []
    for _ in range(4):
        assignment = mark_next(storage, "expert")
        with storage.read() as session:
            answer = find_desk_answer(session, assignment)
        positions.append(answer.position if answer else 0)
    assert positions == [2, 2, 3, 3]


def test_many_experts_at_once_never_get_the_same_answer(storage: Storage) -> None:
    storage.write(lambda session: save_work(session, NOW, *(make_attempt(n) for n in range(1, 9))))
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda n: storage.write(lambda s: take_next(s, NOW, f"expert{n}")), range(8)))
    assert len(set(taken)) == 8


def test_asking_again_gives_the_answer_already_on_the_desk(storage: Storage) -> None:
    storage.write(lambda session: save_work(session, NOW, make_attempt(1), make_attempt(2)))
    first = storage.write(lambda session: take_next(session, NOW, "expert"))
    assert storage.write(lambda session: take_next(session, NOW, "expert")) == first


def test_an_answer_left_for_twenty_minutes_goes_to_another_and_the_first_cannot_save(storage: Storage) -> None:
    storage.write(lambda session: save_work(session, NOW, make_attempt()))
    first = storage.write(lambda session: take_next(session, NOW, "slow"))
    version = version_of(storage, first)
    later = NOW + LEASE_MS + 1
    assert storage.write(lambda session: take_next(session, later, "quick")) == first
    with pytest.raises(TakenByOther):
        storage.write(lambda session: save_marks(session, later, "slow", first, version, Marks(FULL[2])))


def test_an_answer_left_for_long_can_still_be_saved_while_nobody_has_taken_it(storage: Storage) -> None:
    storage.write(lambda session: save_work(session, NOW, make_attempt()))
    first = storage.write(lambda session: take_next(session, NOW, "slow"))
    version, later = version_of(storage, first), NOW + LEASE_MS + 1
    assert storage.write(lambda session: return_overdue(session, later)) == 1
    storage.write(lambda session: save_marks(session, later, "slow", first, version, Marks(FULL[2])))
    with storage.read() as session:
        assert count_queue(session, "anna")[0].saved == 1


@pytest.mark.parametrize("points", [
    {}, {"К1": 2}, {"К1": 3, "К2": 0}, {"К1": -1, "К2": 0}, {"К1": True, "К2": 0}, {"К1": "2", "К2": 0},
    {"К1": 1.5, "К2": 0}, {"К1": 1, "К2": 1, "К9": 1}])
def test_points_outside_the_criteria_are_refused(storage: Storage, points: dict) -> None:
    storage.write(lambda session: save_work(session, NOW, make_attempt()))
    assignment = storage.write(lambda session: take_next(session, NOW, "expert"))
    version = version_of(storage, assignment)
    with pytest.raises(PointsOutOfRange):
        storage.write(lambda session: save_marks(session, NOW, "expert", assignment, version, Marks(points)))


def test_saving_twice_with_one_version_is_refused(storage: Storage) -> None:
    storage.write(lambda session: save_work(session, NOW, make_attempt()))
    assignment = storage.write(lambda session: take_next(session, NOW, "expert"))
    version = version_of(storage, assignment)
    save = lambda session: save_marks(session, NOW, "expert", assignment, version, Marks(FULL[2]))  # noqa: E731
    storage.write(save)
    with pytest.raises(TakenByOther):
        storage.write(save)


def test_own_marks_can_be_undone_and_given_again(storage: Storage) -> None:
    storage.write(lambda session: save_work(session, NOW, make_attempt()))
    assignment = mark_next(storage, "expert")
    with pytest.raises(TakenByOther):
        storage.write(lambda session: undo_marks(session, NOW, "stranger", assignment))
    version = storage.write(lambda session: undo_marks(session, NOW, "expert", assignment))
    storage.write(lambda session: save_marks(session, NOW, "expert", assignment, version, Marks({"К1": 0, "К2": 2})))
    with storage.read() as session:
        answer = find_desk_answer(session, assignment)
    assert answer is not None and answer.points == {"К1": 0, "К2": 2}


def test_a_referred_answer_waits_for_the_head_with_its_reason(storage: Storage) -> None:
    storage.write(lambda session: save_work(session, NOW, make_attempt()))
    assignment = storage.write(lambda session: take_next(session, NOW, "expert"))
    version = version_of(storage, assignment)
    with pytest.raises(ReasonMissing):
        storage.write(lambda session: refer_answer(session, NOW, "expert", assignment, version, "  "))
    storage.write(lambda session: refer_answer(session, NOW, "expert", assignment, version, "Только шум"))
    with storage.read() as session:
        assert [line.reason for line in list_referred(session, WHOLE_HUB)] == ["Только шум"]
    storage.write(lambda session: return_answer(session, NOW, "head", assignment))
    with storage.read() as session:
        assert count_queue(session, "anna")[0].queued == 1


def test_an_answer_called_back_can_be_handed_to_the_head(storage: Storage) -> None:
    storage.write(lambda session: save_work(session, NOW, make_attempt()))
    assignment = mark_next(storage, "expert")
    version = storage.write(lambda session: undo_marks(session, NOW, "expert", assignment))
    storage.write(lambda session: refer_answer(session, NOW, "expert", assignment, version, "Сомневаюсь"))
    with storage.read() as session:
        assert [line.assignment for line in list_referred(session, WHOLE_HUB)] == [assignment]


def test_an_answer_called_back_and_left_goes_to_another_without_the_former_marks(storage: Storage) -> None:
    storage.write(lambda session: save_work(session, NOW, make_attempt()))
    assignment = mark_next(storage, "slow")
    storage.write(lambda session: undo_marks(session, NOW, "slow", assignment))
    later = NOW + LEASE_MS + 1
    assert storage.write(lambda session: take_next(session, later, "quick")) == assignment
    with storage.read() as session:
        answer = find_desk_answer(session, assignment)
    assert answer is not None and answer.points == {}


def test_what_was_called_back_lies_on_top_of_the_desk(storage: Storage) -> None:
    storage.write(lambda session: save_work(session, NOW, make_attempt(1), make_attempt(2)))
    first = mark_next(storage, "expert")
    assert storage.write(lambda session: take_next(session, NOW, "expert")) != first
    storage.write(lambda session: undo_marks(session, NOW, "expert", first))
    assert storage.write(lambda session: take_next(session, NOW, "expert")) == first


def test_the_head_may_mark_a_referred_answer(storage: Storage) -> None:
    storage.write(lambda session: save_work(session, NOW, make_attempt()))
    assignment = storage.write(lambda session: take_next(session, NOW, "expert"))
    version = version_of(storage, assignment)
    storage.write(lambda session: refer_answer(session, NOW, "expert", assignment, version, "Только шум"))
    storage.write(lambda session: take_referred(session, NOW, "head", assignment))
    assert storage.write(lambda session: take_next(session, NOW, "head")) == assignment
    with pytest.raises(TakenByOther):
        storage.write(lambda session: take_referred(session, NOW, "head", assignment))


def test_the_head_reads_the_notes_beside_marks_that_stand(storage: Storage) -> None:
    storage.write(lambda session: save_work(session, NOW, make_attempt()))
    assignment = storage.write(lambda session: take_next(session, NOW, "expert"))
    version, marks = version_of(storage, assignment), Marks(FULL[2], "Слышен второй голос")
    storage.write(lambda session: save_marks(session, NOW, "expert", assignment, version, marks))
    with storage.read() as session:
        assert [note.text for note in list_notes(session, WHOLE_HUB)] == ["Слышен второй голос"]
    storage.write(lambda session: undo_marks(session, NOW, "expert", assignment))
    with storage.read() as session:
        assert list_notes(session, WHOLE_HUB) == []


def test_two_rounds_go_to_two_experts(storage: Storage) -> None:
    storage.write(lambda session: save_work(session, NOW, make_attempt(), rounds=2))
    mark_next(storage, "first")
    mark_next(storage, "first")
    with pytest.raises(NothingToMark):
        storage.write(lambda session: take_next(session, NOW, "first"))
    assert storage.write(lambda session: take_next(session, NOW, "second"))


def test_only_sound_of_ones_own_desk_may_be_heard(storage: Storage) -> None:
    storage.write(lambda session: save_work(session, NOW, make_attempt()))
    storage.write(lambda session: take_next(session, NOW, "expert"))
    with storage.read() as session:
        assert may_hear(session, "expert", "1" * 64)
        assert not may_hear(session, "expert", "2" * 64) and not may_hear(session, "other", "1" * 64)
