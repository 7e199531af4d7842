"""Preparing an empty folder to recover: the school's key, the archive, an account; all before any process starts.

Takes what the organizer brought: the key file and its passphrase, folders of archives with their ciphers, perhaps the
folder of a backup. Leaves a folder in which the server starts gathering; returns the unlocked key.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from testing_server.exam_day.recovery.backups import restore_backup
from testing_server.exam_day.recovery.rules import AlreadyServing
from testing_server.exam_day.recovery.standby.state import FILE_NAME as STANDBY_FILE
from testing_server.exam_day.recovery.standby.state import Standby
from testing_server.exam_day.recovery.state import GATHERING, STANDBY, write_state
from testing_server.exam_day.school.actions import SetUp, save_school
from testing_server.exam_day.school.keyring import FILE_NAME as KEY_NAME
from testing_server.exam_day.school.queries import find_school
from testing_server.exam_day.sittings.archives import (
    KEY, STATEMENT, ArchiveIncomplete, begin_opening, list_versions, read_typed_cipher, save_archive,
    take_archive_files, unlock_archive, unlock_folder)
from testing_server.exam_day.sittings.jobs import open_materials
from testing_server.foundation.access import AccountRole
from testing_server.foundation.accounts.actions import create_account
from testing_server.foundation.accounts.queries import list_accounts
from testing_server.foundation.jobs.queue import make_jobs
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.settings import Settings
from testing_server.foundation.storage import Storage
from testing_server.foundation.tls.files import write_private
from testing_server.preparation.school_key import SchoolKey, unlock_school_key

BY = "recovery"
LOGIN = "organizer"
DATABASE = "classroom.sqlite"


class KeyFileMissing(Refusal):
    code = "key_file_missing"
    status = 422
    message = _("Не найден файл ключа школы.")
    remedy = _("Вставьте флешку организатора и назовите файл: --key /путь/school.key")


class ArchiveMissing(Refusal):
    code = "archive_missing"
    status = 422
    message = _("Не найден архив с материалами.")
    safe = _("Рабочие места продолжают работу сами.")
    remedy = _("Назовите папку, где лежат archive.age, key.age и statement.json: --archive ПАПКА")


@dataclass(frozen=True)
class Brought:
    """What the organizer has at hand. `source`: a backup or the old data folder, None for none; `leader`: address of
    the server that leads, where this one is to stand by, "" where it takes over."""

    key: SchoolKey
    locked_key: bytes
    archives: Sequence[Path]
    source: Path | None = None
    leader: str = ""


@dataclass(frozen=True)
class FirstAccount:
    """Printed once; None where the backup brought accounts along."""

    login: str
    password: str


def open_key_file(path: Path, passphrase: str) -> tuple[SchoolKey, bytes]:
    """(key, the locked file). Raises KeyFileMissing, WrongPassphrase, SchoolKeyDamaged."""
    try:
        locked = path.read_bytes()
    except OSError as error:
        raise KeyFileMissing(details={"path": str(path)}) from error
    return unlock_school_key(locked, passphrase), locked


def find_archives(folders: Sequence[Path]) -> list[Path]:
    """Folders with a statement: those named, or one level below them. Raises ArchiveMissing."""
    found = []
    for folder in folders:
        below = sorted(path.parent for path in folder.glob(f"*/{STATEMENT}"))
        here = [folder] if (folder / STATEMENT).is_file() else below
        if not here:
            raise ArchiveMissing(details={"path": str(folder)})
        found += here
    return found


def check_cipher(folder: Path, typed: str) -> None:
    """Of an archive as it was brought. Raises CipherWrong, ArchiveDamaged, ArchiveIncomplete."""
    if not (folder / KEY).is_file():
        raise ArchiveIncomplete()
    unlock_folder(folder, read_typed_cipher([typed]))


def check_empty(data: Path) -> None:
    """Raises AlreadyServing."""
    if (data / DATABASE).exists():
        raise AlreadyServing(details={"path": str(data)})


def lay_keys(settings: Settings, brought: Brought) -> None:
    """The key, locked, and the school's LAN authority: workstations trust what it signs."""
    folder = settings.keys_folder
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(folder / KEY_NAME, brought.locked_key)
    write_private(folder / "authority.pem", brought.key.authority_cert_pem)
    write_private(folder / "authority.key", brought.key.authority_key_pem)


def prepare_data(settings: Settings, brought: Brought, tell: Any) -> None:
    """Before the tables are made: the backup, if any, then the keys and the word that this server recovers
    or stands by."""
    check_empty(settings.data)
    settings.data.mkdir(parents=True, exist_ok=True)
    if brought.source is not None:
        restore_backup(brought.source, settings.data, tell)
    lay_keys(settings, brought)
    if brought.leader:
        Standby(settings.data / STANDBY_FILE, source=brought.leader).keep()
    write_state(settings.data, {"state": STANDBY if brought.leader else GATHERING,
                                "has_backup": brought.source is not None})


def save_beginnings(settings: Settings, now_ms: int, brought: Brought) -> FirstAccount | None:
    """Once the tables are there: archives, a stand-in for the school, an account to sign in with."""
    storage = Storage(settings.storage_url)
    try:
        for folder in brought.archives:
            _keep_archive(storage, settings.data, now_ms, folder)
        return storage.write(lambda session: _save_people(session, now_ms, brought.key))
    finally:
        storage.close()


def _keep_archive(storage: Storage, data: Path, now_ms: int, folder: Path) -> None:
    with storage.read() as session:
        known = list_versions(session)
    payload, vouched, envelope = take_archive_files(data, folder, {}, known)
    storage.write(lambda session: save_archive(session, now_ms, payload, envelope, vouched, {}, BY))


def _save_people(session: Session, now_ms: int, key: SchoolKey) -> FirstAccount | None:
    if find_school(session) is None:
        save_school(session, now_ms, SetUp(read_school_name(key), ""), BY)
    if list_accounts(session, AccountRole.SCHOOL_ORGANIZER):
        return None
    password = create_account(session, now_ms, LOGIN, AccountRole.SCHOOL_ORGANIZER, by=BY)
    return FirstAccount(LOGIN, password)


def read_school_name(key: SchoolKey) -> str:
    """As the authority's certificate says, until the ledger tells the whole name."""
    subject = x509.load_pem_x509_certificate(key.authority_cert_pem).subject
    names = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else "school"


def open_archive(settings: Settings, now_ms: int, archive: str, typed: str) -> None:
    """The cipher fits, or none is needed ("" typed): the worker opens it as soon as it runs.

    Raises CipherWrong, ArchiveDamaged.
    """
    identity = unlock_archive(settings.data, archive, read_typed_cipher([typed])) if typed else ""
    storage = Storage(settings.storage_url)
    try:
        storage.write(lambda session: begin_opening(session, now_ms, archive, BY))
    finally:
        storage.close()
    make_jobs(settings).enqueue(open_materials, archive=archive, identity=identity)
