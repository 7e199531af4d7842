"""The protocol: exact points, the zeroing rule, frozen once, signed; and the form that comes of it."""

from __future__ import annotations

from io import BytesIO

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from openpyxl import load_workbook

from testing_server.contracts.statements import key_id_of, public_bytes, sign_statement, verify_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.foundation.storage import Storage
from testing_server.marking.protocol.actions import freeze_protocol
from testing_server.marking.protocol.queries import compute_points, find_protocol, list_works, read_definition
from testing_server.marking.protocol.rules import AlreadyFrozen, NotAllMarked
from testing_server.marking.review.actions import Marks, save_marks, take_next, undo_marks
from testing_server.marking.review.queries import find_desk_answer
from testing_server.marking.review.rules import RoundClosed, TakenByOther
from testing_server.outcomes.results.rules import lay_out_form
from testing_server.outcomes.results.workbook import FormHeading, write_workbook
from tests.testing_server.marking.make_work import ARCHIVE, make_attempt, save_work

NOW = 2_000_000
KEY = Ed25519PrivateKey.generate()
TYPE = PAYLOAD_TYPES["marking_protocol"]


def sign(payload: dict) -> bytes:
    return sign_statement(payload, TYPE, KEY)


def mark_all(storage: Storage, marks: dict[int, dict[str, int]]) -> list[str]:
    """One expert empties the queue."""
    done = []
    with storage.read() as session:
        left = sum(work.answers - work.marked for work in list_works(session))
    for _ in range(left):
        assignment = storage.write(lambda session: take_next(session, NOW, "expert"))
        with storage.read() as session:
            answer = find_desk_answer(session, assignment)
        assert answer is not None
        given, version = Marks(marks[answer.position]), answer.version
        storage.write(lambda session: save_marks(session, NOW, "expert", assignment, version, given))
        done.append(assignment)
    return done


def freeze(storage: Storage) -> str:
    return storage.write(lambda session: freeze_protocol(session, NOW, "head", ARCHIVE, sign))


def test_points_of_machine_and_people_are_joined(storage: Storage) -> None:
    storage.write(lambda session: save_work(session, NOW, make_attempt(i1__r1="c2", i3__r1="x")))
    mark_all(storage, {2: {"К1": 2, "К2": 1}, 3: {"К1": 2}})
    with storage.read() as session:
        row, = compute_points(session, ARCHIVE)
    assert [one.points for one in row.positions] == ["1", "3", "2"] and (row.raw_score, row.mark) == ("6", 5)


def test_zero_for_the_first_criterion_zeroes_the_item(storage: Storage) -> None:
    storage.write(lambda session: save_work(session, NOW, make_attempt(i1__r1="c1")))
    mark_all(storage, {2: {"К1": 0, "К2": 2}, 3: {"К1": 0}})
    with storage.read() as session:
        row, = compute_points(session, ARCHIVE)
    assert (row.raw_score, row.mark) == ("0", 2) and row.positions[1].criteria == {"К1": 0, "К2": 2}


def test_a_protocol_is_not_signed_while_an_answer_waits(storage: Storage) -> None:
    storage.write(lambda session: save_work(session, NOW, make_attempt()))
    with pytest.raises(NotAllMarked):
        freeze(storage)


def test_a_frozen_protocol_is_signed_and_closes_the_marking(storage: Storage) -> None:
    storage.write(lambda session: save_work(session, NOW, make_attempt(i1__r1="c2")))
    last = mark_all(storage, {2: {"К1": 2, "К2": 2}, 3: {"К1": 0}})[-1]
    freeze(storage)
    with storage.read() as session:
        frozen = find_protocol(session, ARCHIVE)
    assert frozen is not None
    trusted = {key_id_of(public_bytes(KEY)): public_bytes(KEY)}
    assert verify_statement(frozen.envelope, trusted, TYPE).read()["rows"][0]["code"] == "10001"
    with pytest.raises(AlreadyFrozen):
        freeze(storage)
    with pytest.raises((RoundClosed, TakenByOther)):
        storage.write(lambda session: undo_marks(session, NOW, "expert", last))


def test_the_form_has_a_column_for_each_criterion_and_tells_empty_from_zero(storage: Storage) -> None:
    storage.write(lambda session: save_work(session, NOW, make_attempt(i1__r1="c2")))
    mark_all(storage, {2: {"К1": 1, "К2": 2}, 3: {"К1": 0}})
    freeze(storage)
    with storage.read() as session:
        frozen, definition = find_protocol(session, ARCHIVE), read_definition(session, ARCHIVE)
    assert frozen is not None
    table = lay_out_form(definition, frozen.payload)
    book = load_workbook(BytesIO(write_workbook(FormHeading("Работа", "Школа", frozen.sha256, True), table)))
    assert book.sheetnames == ["Инструкция", "Протокол"]
    headings, row = [[cell.value for cell in line] for line in book["Протокол"].iter_rows(min_row=4, max_row=5)]
    assert headings == ["Код участника", "Вариант", "1 (1б)", "2.К1 (2б)", "2.К2 (2б)", "3.К1 (2б)",
                        "Первичный балл", "Отметка"]
    assert row == ["10001", "48213", 1, 1, 2, "Х", 4, 5]
