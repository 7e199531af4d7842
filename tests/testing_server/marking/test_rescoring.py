"""A key corrected after the work: every stored answer again, both scores kept, who and why, signed anew."""
from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from task_bank.items import PackageError
from task_bank.items.correction import WrongCorrection, check_correction
from task_bank.scoring import restore_responses, score_item
from testing_server.contracts.statements import read_unverified
from testing_server.foundation.audit import read_audit
from testing_server.foundation.storage import Storage
from testing_server.marking.commission.bounds import WHOLE_HUB, Bounds
from testing_server.marking.gathering.actions import add_attempts, open_work
from testing_server.marking.gathering.rules import sort_attempt
from testing_server.marking.protocol.queries import compute_points, find_protocol, list_protocols, list_works
from testing_server.marking.rescoring.actions import apply_correction, draft_correction, drop_correction
from testing_server.marking.rescoring.queries import (
    count_given_answers, find_correction, list_applied, list_corrections, list_rescores, list_scored_answers,
    list_scored_items)
from testing_server.marking.rescoring.rules import (
    AlreadyDecided, AnswersArrived, NotACorrection, ReasonMissing, Rescored, ScoredAnswer, count_shifts, rescore)
from testing_server.marking.review.records import MachineScoreRecord
from tests.testing_server.marking.make_work import ARCHIVE, CHOICE, make_attempt, make_open_work, save_work
from tests.testing_server.marking.test_protocol import NOW, freeze, mark_all

CORRECTED = CHOICE.replace(b"<qti-value>right</qti-value>", b"<qti-value>wrong</qti-value>", 1)
WHY = "В задании верен первый вариант."
MARKS = {2: {"К1": 2, "К2": 1}, 3: {"К1": 2}}


def by_corrected(responses: dict) -> dict:
    return score_item(CORRECTED, responses)


@pytest.fixture
def answered(storage: Storage) -> Storage:
    """Three candidates: one chose "right", one "wrong", one nothing."""
    storage.write(lambda session: save_work(
        session, NOW, make_attempt(1, i1__r1="c2", i3__r1="x"), make_attempt(2, i1__r1="c1", i3__r1="x"),
        make_attempt(3, i3__r1="x")))
    return storage


def draft(storage: Storage, reason: str = WHY) -> str:
    return storage.write(lambda session: draft_correction(
        session, NOW, "head", "tiny", "choice-01", CORRECTED, reason, ""))


def try_again(storage: Storage) -> list[Rescored]:
    with storage.read() as session:
        return rescore(list_scored_answers(session, "tiny", "choice-01", WHOLE_HUB), by_corrected, Decimal(1))


def apply(storage: Storage, correction: str, rescored: list[Rescored]) -> int:
    return storage.write(lambda session: apply_correction(session, NOW + 5, "head", correction, rescored))


def read_points(storage: Storage) -> list[str]:
    with storage.read() as session:
        return [row.positions[0].points for row in compute_points(session, ARCHIVE)]


def test_the_table_of_answers_shows_a_wrong_key(answered: Storage) -> None:
    with answered.read() as session:
        item, = list_scored_items(session, WHOLE_HUB)
        given = count_given_answers(list_scored_answers(session, "tiny", "choice-01", WHOLE_HUB))
    assert (item.item, item.answers, item.highest, item.corrections) == ("choice-01", 3, Decimal(1), 0)
    assert item.share == pytest.approx(1 / 3)
    assert {(one.responses["RESPONSE"], one.points, one.candidates) for one in given} == {
        ("right", "1", 1), ("wrong", "0", 1), (None, "0", 1)}


def test_a_correction_scores_every_answer_again_and_keeps_both(answered: Storage) -> None:
    mark_all(answered, MARKS)
    assert read_points(answered) == ["1", "0", "0"]
    correction = draft(answered)
    assert read_points(answered) == ["1", "0", "0"], "a draft changes nothing"
    assert apply(answered, correction, try_again(answered)) == 2
    assert read_points(answered) == ["0", "1", "0"]
    with answered.read() as session:
        kept = list_rescores(session, ["attempt-1", "attempt-2", "attempt-3"])
        found = find_correction(session, correction)
        assert [(one.before_points, one.after_points) for one in kept] == [("1", "0"), ("0", "1"), ("0", "0")]
        assert kept[0].before_outcomes["SCORE"] == "1" and kept[0].after_outcomes["SCORE"] == "0"
        assert (found.by, found.reason, found.state, found.answers, found.changed) == ("head", WHY, "applied", 3, 2)
        told = [line for line in read_audit(session, "school:school-1") if line.verb == "key_corrected"]
        assert told[0].actor == "head" and told[0].details["reason"] == WHY
        assert set(session.scalars(select(MachineScoreRecord.correction))) == {correction}


def test_a_signed_work_waits_for_a_new_signature_and_keeps_the_old(answered: Storage) -> None:
    mark_all(answered, MARKS)
    first = freeze(answered)
    apply(answered, draft(answered), try_again(answered))
    with answered.read() as session:
        work, = list_works(session)
        held = find_protocol(session, ARCHIVE)
    assert work.state == "corrected" and held is not None and held.sha256 == first
    second = freeze(answered)
    with answered.read() as session:
        newest, oldest = list_protocols(session, ARCHIVE)
        work, = list_works(session)
    assert work.state == "frozen" and (newest.sha256, oldest.sha256) == (second, first)
    assert newest.payload["supersedes"] == first and oldest.payload["supersedes"] is None
    correction, = newest.payload["corrections"]
    assert (correction["by"], correction["reason"]) == ("head", WHY)
    assert correction["changes"] == [{"code": "10001", "position": 1, "before": "1", "after": "0"},
                                     {"code": "10002", "position": 1, "before": "0", "after": "1"}]
    assert read_unverified(oldest.envelope).payload != read_unverified(newest.envelope).payload


def test_a_correction_that_moves_nobody_leaves_the_signature(answered: Storage) -> None:
    mark_all(answered, MARKS)
    freeze(answered)
    same = [Rescored(one.answer, one.answer.points, dict(one.answer.outcomes)) for one in try_again(answered)]
    assert apply(answered, draft(answered), same) == 0
    with answered.read() as session:
        assert list_works(session)[0].state == "frozen"


def test_answers_that_arrived_meanwhile_refuse(answered: Storage) -> None:
    correction, seen = draft(answered), try_again(answered)
    answered.write(lambda session: save_work(session, NOW, make_attempt(4, i1__r1="c1")))
    with pytest.raises(AnswersArrived):
        apply(answered, correction, seen)
    with answered.read() as session:
        assert list_rescores(session, ["attempt-1"]) == []
    assert apply(answered, correction, try_again(answered)) == 3


def test_a_decision_is_made_once(answered: Storage) -> None:
    applied, dropped = draft(answered), draft(answered)
    apply(answered, applied, try_again(answered))
    answered.write(lambda session: drop_correction(session, NOW, "head", dropped))
    for correction in (applied, dropped):
        with pytest.raises(AlreadyDecided):
            apply(answered, correction, try_again(answered))
        with pytest.raises(AlreadyDecided):
            answered.write(lambda session, one=correction: drop_correction(session, NOW, "head", one))


@pytest.mark.parametrize("reason", ["", "   ", "ошибка", "я" * 1001])
def test_a_reason_is_needed(answered: Storage, reason: str) -> None:
    with pytest.raises(ReasonMissing):
        draft(answered, reason)


def test_points_beyond_the_items_own_are_refused() -> None:
    answer = ScoredAnswer("a", ARCHIVE, 1, {"RESPONSE": "x"}, "1", {"SCORE": "1"})
    for points in (Decimal(2), Decimal(-1)):
        with pytest.raises(NotACorrection):
            rescore([answer], lambda responses, given=points: {"SCORE": given}, Decimal(1))


def test_shifts_are_counted_exactly() -> None:
    answers = [ScoredAnswer(str(n), ARCHIVE, 1, {}, points, {}) for n, points in enumerate(["1", "0.5", "0.50", "0"])]
    shifts = count_shifts(rescore(answers, lambda responses: {"SCORE": Decimal("0.5")}, Decimal(1)))
    assert [(one.before, one.after, one.answers) for one in shifts] == [
        (Decimal(0), Decimal("0.5"), 1), (Decimal(1), Decimal("0.5"), 1)]


@pytest.mark.parametrize(("change", "message"), [
    (lambda xml: xml, "is the same as"),
    (lambda xml: xml.replace(b'"choice-01"', b'"choice-02"'), "is item 'choice-02'"),
    (lambda xml: xml.replace(b"<qti-item-body/>", b"<qti-item-body><p>New</p></qti-item-body>"),
     "what the candidates saw"),
    (lambda xml: xml.replace(b'base-type="identifier"', b'base-type="string"'), "what the candidates saw"),
    (lambda xml: xml.replace(b"match_correct", b"match_guess"), "cannot be scored"),
    (lambda xml: b"<html>", "choice-01.xml"),
], ids=["same", "other item", "other text", "other type", "unknown rules", "not xml"])
def test_only_keys_and_rules_may_change(change, message: str) -> None:
    with pytest.raises(PackageError, match=message):
        check_correction(CHOICE, change(CHOICE), "choice-01.xml")


def test_a_new_key_and_a_new_maximum() -> None:
    check_correction(CHOICE, CORRECTED, "choice-01.xml")
    declared = CHOICE.replace(b"<qti-item-body/>", b"""<qti-outcome-declaration identifier="MAXSCORE"
        cardinality="single" base-type="float"><qti-default-value><qti-value>2</qti-value></qti-default-value>
        </qti-outcome-declaration><qti-item-body/>""")
    with pytest.raises(WrongCorrection, match="MAXSCORE"):
        check_correction(CHOICE, declared, "choice-01.xml")


def test_a_correction_of_one_region_scores_that_region_alone(answered: Storage) -> None:
    away, ours = Bounds("Другой", frozenset({"*"})), Bounds("Region", frozenset({"*"}))

    def add_region(session: Session) -> None:
        work = replace(make_open_work(archive="d" * 64, school="school-2"), region=away.region)
        attempt = make_attempt(7, i1__r1="c1", i3__r1="x")
        open_work(session, NOW, work)
        add_attempts(session, NOW, work, [(attempt, sort_attempt(attempt, work.book, score_item, restore_responses))])
    answered.write(add_region)
    correction = answered.write(lambda session: draft_correction(
        session, NOW, "head", "tiny", "choice-01", CORRECTED, WHY, away.region))
    with answered.read() as session:
        rescored = rescore(list_scored_answers(session, "tiny", "choice-01", away), by_corrected, Decimal(1))
        before = list_scored_answers(session, "tiny", "choice-01", ours)
    assert apply(answered, correction, rescored) == len(rescored) == 1
    with answered.read() as session:
        assert list_scored_answers(session, "tiny", "choice-01", ours) == before
        assert [one.points for one in list_scored_answers(session, "tiny", "choice-01", away)] == ["1"]
        # answers that come late are scored by the key of their region
        assert list(list_applied(session, "tiny", away.region)) == ["choice-01"]
        assert not list_applied(session, "tiny", ours.region) and not list_applied(session, "tiny", "")
        assert not list_corrections(session, ours) and len(list_corrections(session, away)) == 1
        assert [one.corrections for one in list_scored_items(session, ours)] == [0]
