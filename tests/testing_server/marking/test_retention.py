"""What marking deletes by the campaign's term: signed works only, answers and marks before protocols, each once."""
from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testing_server.foundation.audit import read_audit
from testing_server.foundation.storage import Storage
from testing_server.marking.listening.store import ListeningStore
from testing_server.marking.protocol.queries import find_protocol, list_works
from testing_server.marking.protocol.records import ProtocolRecord
from testing_server.marking.retention import (
    forget_marking, forget_protocols, remove_listening, weigh_marking, weigh_protocols)
from testing_server.marking.review.records import (
    AssignmentRecord, MachineScoreRecord, MarkEventRecord, MarkingAnswerRecord, MarkingPromptRecord, MarkingWorkRecord)
from testing_server.preparation.retention.keepers import Amount, list_keepers
from testing_server.roles import list_hub_mounts
from tests.testing_server.marking.make_work import ARCHIVE, make_attempt, save_work
from tests.testing_server.marking.test_protocol import NOW, freeze, mark_all

CAMPAIGN, SCHOOL, OTHER = "demo-2026", "school-1", "b" * 64
GONE = (MarkEventRecord, AssignmentRecord, MachineScoreRecord, MarkingAnswerRecord, MarkingPromptRecord)


def save_signed(storage: Storage) -> None:
    """One candidate's work of school-1, marked and signed."""
    storage.write(lambda session: save_work(session, NOW, make_attempt(i1__r1="c2", i3__r1="x")))
    mark_all(storage, {2: {"К1": 2, "К2": 1}, 3: {"К1": 2}})
    freeze(storage)


def forget(storage: Storage, verb: Any = forget_marking, before_ms: int = NOW, school: str = SCHOOL) -> None:
    assert storage.write(lambda session: verb(session, NOW + 9, CAMPAIGN, school, before_ms, "vera")) == ()


def count(storage: Storage, *records: Any) -> list[int]:
    with storage.read() as session:
        return [session.scalar(select(func.count()).select_from(record)) or 0 for record in records]


def list_verbs(storage: Storage, verb: str) -> list[dict[str, Any]]:
    with storage.read() as session:
        return [line.details for line in read_audit(session, f"school:{SCHOOL}") if line.verb == verb]


def test_answers_and_marks_of_a_signed_work_go_and_its_protocol_stays(storage: Storage) -> None:
    save_signed(storage)
    with storage.read() as session:
        assert weigh_marking(session, CAMPAIGN, NOW) == {SCHOOL: Amount(3)}, "two for people, one for the machine"
        assert weigh_marking(session, CAMPAIGN, NOW - 1) == weigh_marking(session, "other", NOW) == {}
    forget(storage, before_ms=NOW - 1)
    forget(storage, school="school-2")
    assert list_verbs(storage, "marking_deleted") == [] and 0 not in count(storage, *GONE)
    for _ in range(2):
        forget(storage)
    assert count(storage, *GONE) == [0] * len(GONE) and list_verbs(storage, "marking_deleted") == [{"answers": 3}]
    assert count(storage, MarkingWorkRecord, ProtocolRecord) == [1, 1], "else the work would be gathered anew"
    with storage.read() as session:
        kept = find_protocol(session, ARCHIVE)
        assert kept is not None and weigh_marking(session, CAMPAIGN, NOW) == {}


def test_a_protocol_goes_by_the_term_of_result_forms(storage: Storage) -> None:
    save_signed(storage)
    with storage.read() as session:
        weighed = weigh_protocols(session, CAMPAIGN, NOW)[SCHOOL]
        kept = find_protocol(session, ARCHIVE)
    assert kept is not None and weighed == Amount(1, len(kept.envelope))
    for _ in range(2):
        forget(storage, forget_protocols)
    assert count(storage, ProtocolRecord, MarkingWorkRecord) == [0, 1]
    assert list_verbs(storage, "protocols_deleted") == [{"protocols": 1}]
    assert 0 not in count(storage, MarkEventRecord, MarkingAnswerRecord), "marks have a term of their own"


def set_state(storage: Storage, state: str) -> None:
    def act(session: Session) -> None:
        session.get_one(MarkingWorkRecord, ARCHIVE).state = state
    storage.write(act)


def test_what_is_open_or_waits_for_a_new_signature_stays_whole(storage: Storage) -> None:
    save_signed(storage)
    set_state(storage, "corrected")
    storage.write(lambda session: save_work(
        session, NOW, make_attempt(7, i1__r1="c2"), school="school-2", archive=OTHER))
    before = count(storage, *GONE, ProtocolRecord)
    with storage.read() as session:
        assert {work.state for work in list_works(session)} == {"corrected", "open"}
        assert weigh_marking(session, CAMPAIGN, NOW) == weigh_protocols(session, CAMPAIGN, NOW) == {}
    for school in (SCHOOL, "school-2"):
        for verb in (forget_marking, forget_protocols):
            forget(storage, verb, school=school)
    assert count(storage, *GONE, ProtocolRecord) == before
    set_state(storage, "frozen")
    forget(storage)
    with storage.read() as session:
        assert set(session.scalars(select(MarkingAnswerRecord.archive))) == {OTHER}
    assert count(storage, ProtocolRecord) == [1]


def test_what_was_measured_of_a_recording_goes_with_it(tmp_path: Path) -> None:
    kept = ListeningStore(tmp_path).path("1" * 64)
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"picture")
    for _ in range(2):
        remove_listening(tmp_path, "1" * 64)
    assert not kept.exists()


def test_a_hub_knows_every_kind_it_may_delete() -> None:
    list_hub_mounts()
    assert {one.kind for one in list_keepers()} == {
        "recordings", "packages", "applications", "questionnaires", "marking", "result_forms", "archives",
        "rosters", "codes"}
    assert [one.name for one in list_keepers("result_forms")] == ["marking protocols", "outcomes forms"]
