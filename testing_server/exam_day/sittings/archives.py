"""Archives and rosters as they arrive: from the hub or from a stick. Takes files; leaves records and files on disk."""
from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import delete
from sqlalchemy.orm import Session

from task_bank.sealing import DamagedArchive, WrongCipher, unlock_identity
from testing_server.contracts.check_digits import read_cipher
from testing_server.contracts.refusals import BadStatement, NumberWrong
from testing_server.contracts.statements import Statement, read_unverified, verify_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.exam_day.sittings.jobs import archive_folder
from testing_server.exam_day.sittings.records import ArchiveRecord, BundleRecord, RosterRecord
from testing_server.foundation.audit import append_audit
from testing_server.foundation.files.store import digest_file
from testing_server.foundation.refusals import NotFound, Refusal

CHAIN = "room"
FILES = ("archive.age", "key.age", "statement.json")


class ArchiveIncomplete(Refusal):
    code = "archive_incomplete"
    status = 422
    message = _("В папке нет всех трёх файлов: archive.age, key.age и statement.json.")
    remedy = _("Выберите все три файла архива сразу.")


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


def take_archive_files(data: Path, source: Path, trusted: Mapping[str, bytes]) -> tuple[dict[str, Any], bool, bytes]:
    """Check the three files of a folder and keep them; gives (payload, vouched, envelope).

    Raises ArchiveIncomplete, StatementRefused, ArchiveDamaged.
    """
    if not all((source / name).is_file() for name in FILES):
        raise ArchiveIncomplete()
    envelope = (source / "statement.json").read_bytes()
    payload, vouched = trust_statement(envelope, "archive", trusted)
    if (digest_file(source / "archive.age"), digest_file(source / "key.age")) != (payload["archive"], payload["key"]):
        raise ArchiveDamaged()
    target = archive_folder(data, payload["archive"])
    if source != target:
        target.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            shutil.copyfile(source / name, target / f".{name}")
            os.replace(target / f".{name}", target / name)
    return payload, vouched, envelope


def save_archive(session: Session, now_ms: int, payload: Mapping[str, Any], envelope: bytes, vouched: bool,
                 title: Mapping[str, str], by: str) -> ArchiveRecord:
    """The record of an archive whose files lie on this disk."""
    record = session.get(ArchiveRecord, payload["archive"]) or ArchiveRecord(
        id=payload["archive"], state="kept", done=0, whole=0, checks="{}", assessment_json="", trouble="",
        kept_at_ms=now_ms)
    record.assessment, record.day = str(payload["assessment"]), str(payload["day"])
    record.opens_at_ms, record.vouched = int(payload["opens_at_ms"]), vouched
    record.title = msgspec.json.encode(dict(title) or {"ru": str(payload["assessment"])}).decode()
    record.statement = envelope.decode()
    session.add(record)
    append_audit(session, now_ms, CHAIN, by, "archive_kept", record.id, {"assessment": record.assessment})
    session.flush()
    return record


def offer_archives(session: Session, now_ms: int, offered: list[dict[str, Any]]) -> None:
    """What the hub has for this school; archives that are already here stay as they are."""
    for one in offered:
        if session.get(ArchiveRecord, one["archive"]) is not None:
            continue
        title = one["title"] if isinstance(one["title"], dict) else {"ru": str(one["title"])}
        session.add(ArchiveRecord(
            id=one["archive"], assessment=str(one["assessment"]), title=msgspec.json.encode(title).decode(),
            day=str(one["day"]), opens_at_ms=int(one["opens_at_ms"]), statement="", vouched=False, state="offered",
            done=0, whole=int(one["bytes"]), checks="{}", assessment_json="", trouble="", kept_at_ms=now_ms))


def begin_fetching(session: Session, now_ms: int, archive: str, by: str) -> None:
    """The worker downloads it now. Raises NotFound."""
    record = find_archive(session, archive)
    if record.state in ("offered", "fetching", "damaged"):
        record.state, record.done, record.trouble = "fetching", 0, ""
        append_audit(session, now_ms, CHAIN, by, "archive_asked", archive)


def unlock_archive(data: Path, archive: str, cipher: str) -> str:
    """The archive's identity. Raises CipherWrong, ArchiveDamaged."""
    try:
        return unlock_identity(archive_folder(data, archive) / "key.age", cipher)
    except WrongCipher as error:
        raise CipherWrong() from error
    except DamagedArchive as error:
        raise ArchiveDamaged() from error


def begin_opening(session: Session, now_ms: int, archive: str, by: str) -> ArchiveRecord:
    """The cipher fitted: the worker opens it now."""
    record = find_archive(session, archive)
    record.state, record.done, record.whole = "opening", 0, 0
    append_audit(session, now_ms, CHAIN, by, "archive_unlocked", archive)
    return record


def note_opening(session: Session, now_ms: int, archive: str, report: Mapping[str, Any]) -> ArchiveRecord:
    """What the worker tells: how far it is, or what it found."""
    record = find_archive(session, archive)
    if report["state"] == "kept":
        # downloaded and verified against the hub's keys by the worker
        title: dict[str, str] = msgspec.json.decode(record.title)
        record = save_archive(session, now_ms, report["payload"], report["statement"].encode(), True, title, "worker")
    record.state, record.trouble = report["state"], str(report.get("trouble", ""))[:500]
    record.done, record.whole = report.get("done", record.done), report.get("whole", record.whole)
    if record.state == "opened":
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
