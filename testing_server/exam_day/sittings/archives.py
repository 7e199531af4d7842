"""Archives and rosters as they arrive: from the hub or from a stick. Takes files; leaves records and files on disk."""
from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from task_bank.sealing import DamagedArchive, WrongCipher, is_unencrypted, read_version, unlock_identity
from testing_server.contracts.check_digits import read_cipher
from testing_server.contracts.refusals import BadStatement, NumberWrong
from testing_server.contracts.statements import Statement, read_unverified, verify_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.exam_day.sittings.criteria import CRITERIA, check_opening
from testing_server.exam_day.sittings.jobs import archive_folder
from testing_server.exam_day.sittings.records import ArchiveRecord, BundleRecord, RosterRecord
from testing_server.exam_day.sittings.standing import VALID, WITHDRAWN, check_not_older, check_standing
from testing_server.foundation.audit import append_audit
from testing_server.foundation.files.store import digest_file
from testing_server.foundation.refusals import NotFound, Refusal

CHAIN = "room"
ARCHIVE, PLAIN_ARCHIVE, KEY, STATEMENT = "archive.age", "archive.tar", "key.age", "statement.json"
FILES = (ARCHIVE, PLAIN_ARCHIVE, KEY, STATEMENT)


class ArchiveIncomplete(Refusal):
    code = "archive_incomplete"
    status = 422
    message = _("Не хватает файлов архива: нужны archive.age, key.age и statement.json.")
    remedy = _("Выберите все три файла сразу. Если меняется только шифр, хватит key.age и statement.json; "
               "у архива без шифра файлы archive.tar и statement.json.")


class ArchiveNotHere(Refusal):
    code = "archive_not_here"
    status = 409
    message = _("Файлов этого архива на этом сервере нет.")
    safe = _("Ответы и записи целы.")
    remedy = _("На странице «Архивы и шифр» загрузите их с флешки организатора или скачайте с регионального сервера, "
               "потом откройте архив шифром.")


class ArchiveDamaged(Refusal):
    code = "digest_mismatch"
    status = 422
    message = _("Файлы архива не сходятся с подписанным описанием: они повреждены или перепутаны.")
    remedy = _("Скачайте архив заново или возьмите другую копию.")


class StatementRefused(Refusal):
    code = "bad_signature"
    status = 422
    message = _("Описание архива или список кодов не подписаны региональным сервером.")
    remedy = _("Возьмите файл у координатора ещё раз.")


class OlderRoster(Refusal):
    code = "older_version"
    status = 409
    message = _("Этот список кодов старше того, что уже загружен.")


class CipherWrong(Refusal):
    code = "wrong_cipher"
    status = 422
    message = _("Архив не открылся: шифр не подходит.")
    safe = _("Архив цел.")
    remedy = _("Сверьте все шесть групп с выданным шифром и проверьте, что это шифр этой работы.")


class CipherGroupWrong(CipherWrong):
    """The check digit of one group does not fit: the group is named."""


GROUP_NAMES = (_("первую"), _("вторую"), _("третью"), _("четвёртую"), _("пятую"), _("шестую"))


def read_typed_cipher(groups: list[str]) -> str:
    """The 30 digits. Raises CipherGroupWrong, which names the group."""
    try:
        return read_cipher("".join(groups))
    except NumberWrong as wrong:
        refusal = CipherGroupWrong(details={"group": wrong.group or 0})
        if wrong.group:
            refusal.remedy = _("Проверьте %(which)s группу цифр.", which=GROUP_NAMES[wrong.group - 1])
        else:
            refusal.remedy = _("В шифре шесть групп по пять цифр. Введите все.")
        raise refusal from wrong


def trust_statement(envelope: bytes, kind: str, trusted: Mapping[str, bytes]) -> tuple[dict[str, Any], bool]:
    """(payload, vouched). Before enrolment no hub key is known: the cipher alone then proves the archive.

    Raises StatementRefused.
    """
    try:
        if not trusted:
            statement: Statement = read_unverified(envelope)
            if statement.payload_type != PAYLOAD_TYPES[kind]:
                raise BadStatement(statement.payload_type)
            return statement.read(), False
        return verify_statement(envelope, trusted, PAYLOAD_TYPES[kind]).read(), True
    except BadStatement as error:
        raise StatementRefused() from error


def take_archive_files(data: Path, source: Path, trusted: Mapping[str, bytes],
                       known: Mapping[str, int] | None = None) -> tuple[dict[str, Any], bool, bytes]:
    """Check the files of a folder and keep them; gives (payload, vouched, envelope).

    Files that are here already need not come again: with a new cipher key.age and the statement are enough, a
    withdrawal is its statement alone. `known`: archive -> version of the statement that is here already.
    Raises ArchiveIncomplete, StatementRefused, ArchiveDamaged, OlderStatement.
    """
    if not (source / STATEMENT).is_file():
        raise ArchiveIncomplete()
    envelope = (source / STATEMENT).read_bytes()
    payload, vouched = trust_statement(envelope, "archive", trusted)
    check_not_older(read_version(payload), (known or {}).get(payload["archive"], 0))
    target = archive_folder(data, payload["archive"])
    brought = [] if payload.get("state") == WITHDRAWN else [
        name for name, sha256 in list_needed(payload).items() if _find_needed(source, target, name, sha256) == source]
    target.mkdir(parents=True, exist_ok=True)
    for name in (*brought, STATEMENT) if source != target else ():
        shutil.copyfile(source / name, target / f".{name}")
        os.replace(target / f".{name}", target / name)
    return payload, vouched, envelope


def list_needed(payload: Mapping[str, Any]) -> dict[str, str]:
    """File name -> SHA-256 of what belongs to a statement."""
    if is_unencrypted(dict(payload)):
        return {PLAIN_ARCHIVE: payload["archive"]}
    return {ARCHIVE: payload["archive"], KEY: payload["key"]}


def _find_needed(source: Path, target: Path, name: str, sha256: str) -> Path:
    """The folder that has the file as it should be. Raises ArchiveDamaged, ArchiveIncomplete."""
    if (source / name).is_file():
        if digest_file(source / name) != sha256:
            raise ArchiveDamaged()
        return source
    if (target / name).is_file() and digest_file(target / name) == sha256:
        return target
    raise ArchiveIncomplete()


def save_archive(session: Session, now_ms: int, payload: Mapping[str, Any], envelope: bytes, vouched: bool,
                 title: Mapping[str, str], by: str) -> ArchiveRecord:
    """The record of an archive whose files lie on this disk."""
    record = session.get(ArchiveRecord, payload["archive"]) or ArchiveRecord(
        id=payload["archive"], state="kept", done=0, whole=0, checks="{}", assessment_json="", trouble="",
        kept_at_ms=now_ms)
    if record.state == "offered":
        # brought on a stick before anybody downloaded it
        record.state = "kept"
    record.assessment = str(payload["assessment"])
    if title or not record.title:
        record.title = msgspec.json.encode(dict(title) or {"ru": str(payload["assessment"])}).decode()
    note_statement(record, payload, envelope, vouched)
    session.add(record)
    append_audit(session, now_ms, CHAIN, by, "archive_kept", record.id, {"assessment": record.assessment})
    session.flush()
    return record


def note_statement(record: ArchiveRecord, payload: Mapping[str, Any], envelope: bytes, vouched: bool) -> None:
    """What the newest statement says."""
    record.day, record.opens_at_ms = str(payload["day"]), int(payload["opens_at_ms"])
    record.statement, record.vouched = envelope.decode(), vouched
    record.version, record.standing = read_version(dict(payload)), str(payload.get("state", VALID))
    record.reason, record.moved_from = str(payload.get("reason", ""))[:500], str(payload.get("moved_from", ""))
    record.lock = str(payload.get("lock", "cipher"))


def list_versions(session: Session) -> dict[str, int]:
    """Archive -> version of its statement, for all that are known here."""
    return {archive: version for archive, version in session.execute(select(ArchiveRecord.id, ArchiveRecord.version))}


def offer_archives(session: Session, now_ms: int, offered: list[dict[str, Any]]) -> None:
    """What the hub has for this school; archives that are already here stay as they are."""
    for one in offered:
        if session.get(ArchiveRecord, one["archive"]) is not None:
            continue
        title = one["title"] if isinstance(one["title"], dict) else {"ru": str(one["title"])}
        session.add(ArchiveRecord(
            id=one["archive"], assessment=str(one["assessment"]), title=msgspec.json.encode(title).decode(),
            day=str(one["day"]), opens_at_ms=int(one["opens_at_ms"]), vouched=False, state="offered",
            # of what is only offered the statement says the kind and nothing else: it is verified when it is fetched
            statement=str(one["statement"]) if one.get("kind") == CRITERIA else "",
            done=0, whole=int(one["bytes"]), checks="{}", assessment_json="", trouble="", kept_at_ms=now_ms,
            version=int(one.get("version", 1)), lock=str(one.get("lock", "cipher"))))


def begin_fetching(session: Session, now_ms: int, archive: str, by: str) -> None:
    """The worker downloads it now. Raises NotFound."""
    record = find_archive(session, archive)
    if record.state in ("offered", "fetching", "damaged"):
        record.state, record.done, record.trouble = "fetching", 0, ""
        append_audit(session, now_ms, CHAIN, by, "archive_asked", archive)


def are_files_here(data: Path, archive: str) -> bool:
    """Whether what the cipher opens lies on this disk: a server that took over may know of an archive by name only."""
    folder = archive_folder(data, archive)
    return (folder / STATEMENT).is_file() and any((folder / name).is_file() for name in (ARCHIVE, PLAIN_ARCHIVE))


def unlock_archive(data: Path, archive: str, cipher: str) -> str:
    """The archive's identity. Raises ArchiveNotHere, CipherWrong, ArchiveDamaged."""
    if not are_files_here(data, archive):
        raise ArchiveNotHere()
    return unlock_folder(archive_folder(data, archive), cipher)


def unlock_folder(folder: Path, cipher: str) -> str:
    """The identity of an archive wherever its files lie. Raises CipherWrong, ArchiveDamaged."""
    try:
        return unlock_identity(folder / KEY, cipher)
    except WrongCipher as error:
        raise CipherWrong() from error
    except DamagedArchive as error:
        raise ArchiveDamaged() from error


def begin_opening(session: Session, now_ms: int, archive: str, by: str) -> ArchiveRecord:
    """The cipher fitted, or none is needed: the worker opens it now.

    Raises MaterialsWithdrawn; of criteria CriteriaEarly, StillWriting.
    """
    record = find_archive(session, archive)
    check_may_open(session, now_ms, record)
    record.state, record.done, record.whole, record.trouble = "opening", 0, 0, ""
    append_audit(session, now_ms, CHAIN, by, "archive_unlocked", archive)
    return record


def check_may_open(session: Session, now_ms: int, record: ArchiveRecord) -> None:
    """Raises MaterialsWithdrawn; of criteria CriteriaEarly, StillWriting."""
    check_standing(record.standing, record.reason)
    check_opening(session, now_ms, record)


def note_opening(session: Session, now_ms: int, archive: str, report: Mapping[str, Any]) -> ArchiveRecord:
    """What the worker tells: how far it is, or what it found."""
    record = find_archive(session, archive)
    if "payload" in report:
        # downloaded and verified against the hub's keys by the worker
        title: dict[str, str] = msgspec.json.decode(record.title)
        record = save_archive(session, now_ms, report["payload"], report["statement"].encode(), True, title, "worker")
    record.state, record.trouble = report["state"], str(report.get("trouble", ""))[:500]
    record.done, record.whole = report.get("done", record.done), report.get("whole", record.whole)
    if record.state == "opened" and record.kind == CRITERIA:
        append_audit(session, now_ms, CHAIN, "worker", "criteria_opened", archive)
    elif record.state == "opened":
        record.assessment_json = report["assessment"]
        record.title = msgspec.json.encode(msgspec.json.decode(report["assessment"])["title"]).decode()
        record.checks = msgspec.json.encode(report["checks"]).decode()
        session.execute(delete(BundleRecord).where(BundleRecord.archive == archive))
        for bundle in report["bundles"]:
            media = msgspec.json.encode(bundle["media"]).decode()
            session.merge(BundleRecord(archive=archive, **{**bundle, "media": media}))
        append_audit(session, now_ms, CHAIN, "worker", "archive_opened", archive, {
            "variants": len(report["checks"]), "broken": [n for n, c in report["checks"].items() if not c["ok"]]})
    return record


def find_archive(session: Session, archive: str) -> ArchiveRecord:
    """Raises NotFound."""
    record = session.get(ArchiveRecord, archive)
    if record is None:
        raise NotFound()
    return record


def save_roster(session: Session, now_ms: int, payload: Mapping[str, Any], envelope: bytes, vouched: bool,
                by: str) -> RosterRecord:
    """A roster replaces an older one of its day and campaign. Raises OlderRoster."""
    day, campaign, version = str(payload["day"]), str(payload["campaign"]["id"]), int(payload["version"])
    record = session.get(RosterRecord, (day, campaign))
    if record is not None and record.version > version:
        raise OlderRoster(details={"known": record.version, "offered": version})
    record = record or RosterRecord(day=day, campaign=campaign)
    record.version, record.vouched, record.kept_at_ms = version, vouched, now_ms
    record.payload, record.envelope = msgspec.json.encode(dict(payload)).decode(), envelope.decode()
    session.add(record)
    append_audit(session, now_ms, CHAIN, by, "roster_kept", day, {"version": version, "codes": len(payload["entries"])})
    session.flush()
    return record
