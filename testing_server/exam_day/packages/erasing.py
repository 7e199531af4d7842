"""Work is deleted from this server: after every workstation, on the day the hub's receipt names, only what it covers.

Takes a session and a sitting; gives what files to remove. Attempts, balance, audit, manifest and receipt stay.
"""
from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from testing_server.contracts.receipts import (
    KeptAttempt, KeptLease, PurgeResult, Receipt, judge_purge, read_receipt)
from testing_server.exam_day.packages.purging import find_receipted
from testing_server.exam_day.packages.records import PackageRecord
from testing_server.exam_day.responses.answer_files import WHOLE, list_answer_files
from testing_server.exam_day.responses.pieces import FOLDER
from testing_server.exam_day.responses.queries import list_recordings
from testing_server.exam_day.responses.records import (
    AnswerFileRecord, EventConflictRecord, EventRecord, RecordingRecord)
from testing_server.exam_day.sittings.actions import chain_of, find_sitting, list_attempts
from testing_server.exam_day.sittings.records import LeaseRecord
from testing_server.foundation.audit import append_audit, find_last
from testing_server.foundation.jobs import JobContext, job
from testing_server.foundation.refusals import Refusal
from testing_server.preparation.hub_keys import TrustedHub

ERASED, NOT_PURGED = "server_erased", "not_purged"
NOT_COVERED = _("В квитанции нет всего, что здесь лежит. Сделайте копию на флешку и спросите координатора, прежде чем "
                "удалять что-нибудь.")
# why not -> what to do first
ERASE_REMEDIES: dict[str, Any] = {
    NOT_PURGED: _("Сначала свои копии удаляют рабочие места: отдайте им приказ на странице сеанса и дождитесь ответа "
                  "каждого. До квитанции региона этого сделать нельзя."),
    PurgeResult.TOO_EARLY: _("День, который назвал регион в квитанции, ещё не наступил: он написан на странице сеанса. "
                             "Проверьте и дату этого компьютера."),
    PurgeResult.EVENTS_NOT_COVERED: NOT_COVERED, PurgeResult.SOUND_NOT_COVERED: NOT_COVERED,
    PurgeResult.FILES_NOT_COVERED: NOT_COVERED, PurgeResult.NOT_IN_RECEIPT: NOT_COVERED,
}


class EraseRefused(Refusal):
    code = "erase_refused"
    status = 409
    message = _("Удалять работы с сервера ещё нельзя.")
    safe = _("Всё цело.")
    remedy = _("Сначала региональный сервер принимает пакет, потом очищаются все рабочие места, потом наступает день, "
               "названный в квитанции.")

    def __init__(self, reason: str, code: str = "") -> None:
        super().__init__(details={"reason": reason, **({"code": code} if code else {})})
        self.remedy = ERASE_REMEDIES.get(reason, self.remedy)


@dataclass(frozen=True)
class Leftovers:
    """What lies on the disk: attempts by id, sound by SHA-256 of its PCM, packages by id, `kept`: sound and files that
    the store has under their digest as well, because they are marked here."""

    attempts: list[str]
    sounds: list[str]
    packages: list[str]
    kept: list[str]


# what a later stage holds of attempts on a classroom server: session, now_ms, attempts, by; refuses or forgets them
Forget = Callable[[Session, int, list[str], str], None]
_forgetters: dict[str, Forget] = {}


def register_forgetter(name: str, forget: Forget) -> None:
    """Called in the transaction that erases a sitting; what it raises stops that."""
    _forgetters[name] = forget


def erase_sitting(session: Session, now_ms: int, sitting_id: str, hub: TrustedHub, by: str) -> Leftovers:
    """Raises EraseRefused, which names what the receipt does not cover, and what a forgetter refuses with. Again =
    nothing is left to do."""
    sitting, package = find_sitting(session, sitting_id), find_receipted(session, sitting_id)
    if sitting.state != "purged" or package is None:
        raise EraseRefused(NOT_PURGED)
    receipt, attempts = read_receipt(package.receipt.encode(), hub), list_attempts(session, sitting_id)
    for attempt in attempts:
        verdict = _judge(session, receipt, attempt.id, now_ms)
        if verdict != PurgeResult.DONE:
            raise EraseRefused(verdict, attempt.code)
    ids = [attempt.id for attempt in attempts]
    for forget in _forgetters.values():
        forget(session, now_ms, ids, by)
    left = Leftovers(ids, _list_own_sounds(session, ids), list(session.scalars(
        select(PackageRecord.id).where(PackageRecord.sitting == sitting_id))), _list_own_digests(session, ids))
    for table in (EventRecord, EventConflictRecord):
        session.execute(delete(table).where(table.attempt.in_(ids)))
    append_audit(session, now_ms, chain_of(sitting_id), by, ERASED, sitting_id, {
        "package": package.id, "attempts": ids, "recordings": len(left.sounds)})
    sitting.version += 1
    return left


def _judge(session: Session, receipt: Receipt, attempt: str, now_ms: int) -> PurgeResult:
    """The same judgement a workstation makes. An attempt without a single event has nothing to lose."""
    leases = {one.lease: KeptLease(one.head_number, one.head_digest, one.acked) for one in session.scalars(
        select(LeaseRecord).where(LeaseRecord.attempt == attempt, LeaseRecord.head_number > 0))}
    sounds = frozenset(one.pcm_sha256 for one in list_recordings(session, [attempt])
                       if one.pcm_sha256 and one.state != "written_off")
    files = frozenset(one.sha256 for one in list_answer_files(session, [attempt]) if one.state == WHOLE)
    if not (leases or sounds or files):
        return PurgeResult.DONE if now_ms >= receipt.purge_not_before_ms else PurgeResult.TOO_EARLY
    return judge_purge(receipt, attempt, KeptAttempt(leases, sounds, files), now_ms)


def _list_own_sounds(session: Session, attempts: list[str]) -> list[str]:
    """Sound of these attempts that no other attempt has: one file serves recordings that are the same."""
    mine = set(session.scalars(select(RecordingRecord.pcm_sha256).where(RecordingRecord.attempt.in_(attempts))))
    others = set(session.scalars(select(RecordingRecord.pcm_sha256).where(
        RecordingRecord.pcm_sha256.in_(mine), RecordingRecord.attempt.not_in(attempts))))
    return sorted(mine - others - {""})


def _list_own_digests(session: Session, attempts: list[str]) -> list[str]:
    """Digests by which the store may have sound and files of these attempts and of no other."""
    mine, others = set[str](), set[str]()
    for column, attempt in ((RecordingRecord.flac_sha256, RecordingRecord.attempt),
                            (AnswerFileRecord.sha256, AnswerFileRecord.attempt)):
        mine |= set(session.scalars(select(column).where(attempt.in_(attempts))))
        others |= set(session.scalars(select(column).where(column.in_(mine), attempt.not_in(attempts))))
    return sorted(mine - others - {""})


def find_erased(session: Session, sitting_id: str) -> int | None:
    """When this server's copy was deleted (Unix ms)."""
    last = find_last(session, chain_of(sitting_id), (ERASED,))
    return last.at_ms if last else None


@job
def remove_files(context: JobContext, attempts: list[str], sounds: list[str], packages: list[str],
                 kept: Sequence[str] = ()) -> None:
    """Repeatable: what is gone already is no error."""
    data: Path = context.settings.data
    for attempt in attempts:
        for folder in ("recordings", FOLDER):
            shutil.rmtree(data / folder / attempt, ignore_errors=True)
    for sound in sounds:
        (data / "encoded" / f"{sound}.flac").unlink(missing_ok=True)
    for package in packages:
        (data / "packages" / f"{package}.age").unlink(missing_ok=True)
    for sha256 in kept:
        context.files.delete(sha256)
