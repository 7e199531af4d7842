"""A cipher by telephone: asked for by one coordinator, approved by another, read out by both. Each is audited."""
from __future__ import annotations

import uuid
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.foundation.accounts.hands import may_be_one_hand
from testing_server.foundation.audit import append_audit
from testing_server.foundation.refusals import NotFound, WrongState
from testing_server.foundation.services import Services
from testing_server.preparation.materials.queries import read_archive
from testing_server.preparation.release.actions import read_cipher_now
from testing_server.preparation.release.queries import Told, list_known_archives
from testing_server.preparation.release.records import ToldCipherRecord
from testing_server.preparation.release.rules import NoCipherNeeded, check_kept, check_opened, check_standing
from testing_server.preparation.release.telephone_rules import check_second, choose_groups, read_why


def ask_for_school(session: Session, now_ms: int, archive: str, reason: str, by: str) -> str:
    """Asks that a cipher be told by telephone, after its hour; an unanswered request for it is taken up again.

    Returns its id. Raises WhyTelephone, NotYet, Withdrawn, ArchiveForgotten, NoCipherNeeded, ArchiveUnknown.
    """
    why, found = read_why(reason), read_archive(session, archive)
    check_standing(found.state, found.reason)
    check_kept(found.forgotten_at_ms)
    if found.lock == "none":
        raise NoCipherNeeded()
    check_opened(now_ms, found.opens_at_ms)
    open_one = session.scalar(select(ToldCipherRecord).where(
        ToldCipherRecord.archive == archive, ToldCipherRecord.asked_by == by, ToldCipherRecord.source == "hub",
        ToldCipherRecord.approved_by.is_(None)))
    if open_one is not None:
        return open_one.id
    row = ToldCipherRecord(id=str(uuid.uuid4()), archive=archive, school=found.school, source="hub", reason=why,
                           asked_by=by, asked_at_ms=now_ms)
    session.add(row)
    append_audit(session, now_ms, f"school:{found.school}", by, "telephone_asked", archive, {"reason": why})
    return row.id


def approve_telling(session: Session, now_ms: int, told: str, by: str) -> None:
    """The second coordinator's word. Raises SamePerson, OneHand, WrongState, NotFound."""
    row = _read(session, told)
    check_second(row.asked_by, by, may_be_one_hand(session, row.asked_by, by, now_ms))
    if row.approved_by is not None:
        raise WrongState()
    row.approved_by, row.approved_at_ms = by, now_ms
    append_audit(session, now_ms, f"school:{row.school}", by, "telephone_approved", row.archive,
                 {"asked_by": row.asked_by})


def read_out(offered: Services, told: Told, by: str) -> tuple[int, list[str]]:
    """(number of the first group, three groups) for one of the two; noted before they are shown.

    Looked at again here: with a password given since the approval one of the two would read both halves.
    Raises NotApprovedYet, NotOneOfTwo, OneHand, NotYet, Withdrawn, HoldersAway.
    """
    choose_groups("0" * 30, told.asked_by, told.approved_by, by)
    _check_still_two(offered, told)
    _found, cipher = read_cipher_now(offered, told.archive, told.school)
    now_ms = offered.clock.now_ms()
    offered.storage.write(lambda session: _note_read(session, now_ms, told.id, by))
    return choose_groups(cipher, told.asked_by, told.approved_by, by)


def note_told_by_kit(session: Session, now_ms: int, at_ms: int, archives: Iterable[str], territory: str | None,
                     by: str) -> int:
    """What two holders read out while the hub was down; the same list again changes nothing. Returns how many came.
    """
    known = list_known_archives(session, set(archives), territory)
    have = set(session.scalars(select(ToldCipherRecord.archive).where(
        ToldCipherRecord.source == "kit", ToldCipherRecord.archive.in_(list(known)))))
    fresh = {archive: school for archive, school in known.items() if archive not in have}
    for archive, school in fresh.items():
        session.add(ToldCipherRecord(id=str(uuid.uuid4()), archive=archive, school=school, source="kit", asked_by=by,
                                     asked_at_ms=max(0, min(at_ms, now_ms))))
        append_audit(session, now_ms, f"school:{school}", by, "told_by_kit", archive, {"at_ms": at_ms})
    return len(fresh)


def _check_still_two(offered: Services, told: Told) -> None:
    assert told.approved_by is not None, "choose_groups has refused"
    with offered.storage.read() as session:
        is_one = may_be_one_hand(session, told.asked_by, told.approved_by, offered.clock.now_ms())
    check_second(told.asked_by, told.approved_by, is_one)


def _note_read(session: Session, now_ms: int, told: str, by: str) -> None:
    row = _read(session, told)
    column = "first_read_at_ms" if by == row.asked_by else "second_read_at_ms"
    if getattr(row, column) is None:
        setattr(row, column, now_ms)
    append_audit(session, now_ms, f"school:{row.school}", by, "telephone_read", row.archive,
                 {"groups": "1-3" if by == row.asked_by else "4-6"})


def _read(session: Session, told: str) -> ToldCipherRecord:
    row = session.get(ToldCipherRecord, told)
    if row is None or row.source != "hub":
        raise NotFound()
    return row
