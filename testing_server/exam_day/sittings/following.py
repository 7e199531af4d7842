"""Following what the hub changes: a new key file, another day, a withdrawal, its own new signing key.

Takes a signed-in line to the hub. Leaves new statements and key files on this server, a line in the incidents of
sittings that are going on; an archive itself is never fetched again.
"""
from __future__ import annotations

import logging
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from task_bank.sealing import is_unencrypted, read_version
from testing_server.exam_day.room import Room, attach_room
from testing_server.exam_day.school.actions import save_hub_keys
from testing_server.exam_day.school.queries import find_school
from testing_server.exam_day.sittings.actions import record_incident
from testing_server.exam_day.sittings.archives import CHAIN, find_archive, note_statement
from testing_server.exam_day.sittings.jobs import archive_folder
from testing_server.exam_day.sittings.records import ArchiveRecord, SittingRecord
from testing_server.exam_day.sittings.rules import ACTIVE
from testing_server.exam_day.sittings.standing import MOVED, VALID, WITHDRAWN, judge_standing
from testing_server.foundation.audit import append_audit
from testing_server.foundation.files.store import digest_file
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import Services
from testing_server.preparation.hub_link import HubLink
from testing_server.preparation.private_files import write_private_file

log = logging.getLogger(__name__)
INCIDENTS = {
    WITHDRAWN: "Регион отозвал материалы этой работы: {reason}",
    MOVED: "Регион перенёс эту работу на {day}: {reason}",
}


def follow_in_background(offered: Services) -> None:
    """One round: the line may hang for half a minute and must hold nothing else up."""
    here = attach_room(offered)
    if not here.is_following:
        here.is_following = True
        offered.live.socketio.start_background_task(_follow_once, offered, here)


def _follow_once(offered: Services, here: Room) -> None:
    try:
        follow_hub(offered, here)
    except Refusal as refusal:
        here.hearing.note_trouble(refusal.code, here.clock.now_ms())
        log.info("the hub was not asked for changes: %s", refusal.code)
    finally:
        here.is_following = False


def follow_hub(offered: Services, here: Room) -> int:
    """Ask for everything that changed; returns how many archives did. Raises HubAway, HubRefused, AnswerNotTrusted."""
    with offered.storage.read() as session:
        school = find_school(session)
        has_archives = session.scalars(select(ArchiveRecord.id).limit(1)).first() is not None
    if school is None or not school.is_enrolled or not here.keys.is_unlocked or not has_archives:
        return 0
    link = here.open_hub(school, here.keys.key())
    try:
        changed = follow_archives(offered, here, link)
        here.hearing.note_answer(here.clock.now_ms())
        return changed
    finally:
        link.close()


def follow_archives(offered: Services, here: Room, link: HubLink) -> int:
    """Take over the newest statement of every archive this server knows; returns how many were new."""
    _follow_keys(offered, here, link)
    changed = link.list_changed()
    with offered.storage.read() as session:
        known: dict[str, int] = {row.id: row.version for row in session.scalars(
            select(ArchiveRecord).where(ArchiveRecord.id.in_(changed)))}
    behind = [archive for archive, version in known.items() if version < changed[archive]]
    for archive in behind:
        _take_over(offered, here, link, archive)
    return len(behind)


def _follow_keys(offered: Services, here: Room, link: HubLink) -> None:
    envelope = link.refresh_keys().decode()
    now_ms = here.clock.now_ms()
    with offered.storage.read() as session:
        school = find_school(session)
    if school is not None and envelope != school.hub_keys:
        offered.storage.write(lambda db: save_hub_keys(db, now_ms, envelope))


def _take_over(offered: Services, here: Room, link: HubLink, archive: str) -> None:
    said = link.fetch_statement(archive)
    folder, now_ms = archive_folder(here.data, archive), here.clock.now_ms()
    # an archive that was only offered has no files here yet: its key comes with it
    if folder.exists() and said.payload["state"] == VALID:
        if not is_unencrypted(said.payload) and not _has_key(here, archive, said.payload["key"]):
            link.fetch_key(archive, folder, said.payload["key"])
        write_private_file(folder / "statement.json", said.envelope)
    offered.storage.write(lambda db: take_over_statement(db, now_ms, said.payload, said.envelope))
    offered.live.changed("archives", now_ms)


def _has_key(here: Room, archive: str, sha256: str) -> bool:
    path = archive_folder(here.data, archive) / "key.age"
    return path.exists() and digest_file(path) == sha256


def take_over_statement(session: Session, now_ms: int, payload: dict[str, Any], envelope: bytes,
                        by: str = "hub") -> None:
    """A later statement of an archive that is known here; sittings going on hear of it. Raises NotFound."""
    record = find_archive(session, payload["archive"])
    before = record.version
    note_statement(record, payload, envelope, True)
    append_audit(session, now_ms, CHAIN, by, "archive_amended", record.id, {
        "version": read_version(payload), "state": record.standing, "day": record.day, "reason": record.reason})
    if read_version(payload) > before:
        tell_sittings(session, now_ms, record, by)


def tell_sittings(session: Session, now_ms: int, record: ArchiveRecord, by: str) -> None:
    """A line among the incidents of every sitting this archive is used in: it goes into the protocol."""
    for sitting in session.scalars(select(SittingRecord).where(
            SittingRecord.archive == record.id, SittingRecord.state.in_(ACTIVE))):
        word = judge_standing(record.standing, record.moved_from, sitting.day)
        if word != VALID:
            text = INCIDENTS[word].format(reason=record.reason, day=record.day)
            record_incident(session, now_ms, sitting, None, f"materials_{word}", text, by)
