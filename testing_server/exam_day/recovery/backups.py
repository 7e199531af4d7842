"""A copy of a running server on a stick, and the way back from it.

Takes the data folder; databases go by SQLite's online backup, everything else by digest, each file once however often
a copy is made. Gives a folder that `--recover --from` reads. Keys that are not locked never leave the server.
"""
from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from flask_babel import lazy_gettext as _

from testing_server.foundation.files.store import digest_file, make_durable
from testing_server.foundation.refusals import Refusal

FORMAT = "backup/1"
MANIFEST, BLOBS, NOTE = "manifest.json", "blobs", "backup.json"
# parts first: whatever its copy lists was on the disk before, so the files copied afterwards hold it
DATABASES = ("parts.sqlite", "classroom.sqlite")
FOLDERS = ("recordings", "encoded", "answer-files", "archives", "opened", "bundles", "packages")
DRAFT = ".draft-"
# the one folder of ours at the root of a drive
ON_STICK = "testing-server"
LOCKED_KEYS = ("keys/school.key", "keys/school.pub", "keys/exit-code.json")
# nobody writes at one file for so long
FORGOTTEN_S = 600
RESERVE_BYTES = 64 * 1024 * 1024
Tell = Callable[[int, int], None]


class NothingToCopy(Refusal):
    code = "nothing_to_copy"
    status = 409
    message = _("В этой папке нет сервера: копировать нечего.")
    remedy = _("Назовите папку данных классного сервера: --data ПАПКА")


class StickFull(Refusal):
    code = "stick_full"
    status = 507
    message = _("На носителе не хватает места для копии.")
    safe = _("Прежние копии на нём целы.")
    remedy = _("Вставьте другой носитель или освободите место.")


class BackupDamaged(Refusal):
    code = "backup_damaged"
    status = 422
    message = _("Копия повреждена: файл не сходится со своей контрольной суммой.")
    remedy = _("Возьмите более раннюю копию с этого носителя или другую флешку. Рабочие места всё хранят и сами.")


class NoBackup(Refusal):
    code = "no_backup"
    status = 422
    message = _("В этой папке нет ни копии сервера, ни его данных.")
    remedy = _("Назовите папку, которую указывали в testing-server backup --to, или папку данных старого сервера.")


@dataclass(frozen=True)
class Copied:
    """`files` of this copy, `fresh` of them not on the stick before, `bytes` in all."""

    folder: Path
    files: int
    fresh: int
    bytes: int


def make_backup(data: Path, target: Path, now_ms: int, tell: Tell = lambda done, whole: None) -> Copied:
    """A verified copy while the server runs. Raises NothingToCopy, StickFull, BackupDamaged, OSError.

    A copy that comes to nothing leaves nothing of its own but files that a later one uses.
    """
    foresee_backup(data, target)
    _clear_drafts(target / BLOBS)
    stamp = datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y%m%d-%H%M%S-%f")[:-3]
    folder = target / stamp
    folder.mkdir(parents=True)
    try:
        return _fill(data, target, folder, now_ms, tell)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def foresee_backup(data: Path, target: Path) -> None:
    """Whether a copy would be made, before anything is written. Raises NothingToCopy, StickFull."""
    if not (data / "classroom.sqlite").exists():
        raise NothingToCopy(details={"path": str(data)})
    databases = [path for name in DATABASES for path in (data / name, data / f"{name}-wal") if path.exists()]
    check_room(data, target, databases + list_files(data))


def _clear_drafts(blobs: Path) -> None:
    """What a copy that was killed in the middle left behind takes the room of this one."""
    for draft in blobs.glob(f"{DRAFT}*"):
        if time.time() - draft.stat().st_mtime > FORGOTTEN_S:
            draft.unlink(missing_ok=True)


def _fill(data: Path, target: Path, folder: Path, now_ms: int, tell: Tell) -> Copied:
    for name in DATABASES:
        if (data / name).exists():
            copy_database(data / name, folder / name)
    listed = list_files(data)
    check_room(data, target, listed)
    entries, fresh = {}, 0
    for number, path in enumerate(listed):
        entry, is_fresh = _copy_blob(path, target / BLOBS)
        entries[path.relative_to(data).as_posix()] = entry
        fresh += is_fresh
        tell(number + 1, len(listed))
    databases = {name: digest_file(folder / name) for name in DATABASES if (folder / name).exists()}
    _write_manifest(folder, {"format": FORMAT, "made_at_ms": now_ms, "databases": databases, "files": entries})
    _note_backup(data, folder, now_ms)
    return Copied(folder, len(entries), fresh, sum(int(one["bytes"]) for one in entries.values()))


def copy_database(source: Path, target: Path) -> None:
    """One moment of a database that goes on being written; checked before it counts. Raises BackupDamaged."""
    with sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30) as here, sqlite3.connect(target) as there:
        here.backup(there, pages=256, sleep=0.01)
        found = there.execute("PRAGMA integrity_check").fetchone()[0]
        there.execute("PRAGMA journal_mode=DELETE")
    here.close()
    there.close()
    if found != "ok":
        raise BackupDamaged(details={"file": source.name, "found": str(found)[:200]})
    with open(target, "rb+") as file:
        os.fsync(file.fileno())


def list_files(data: Path) -> list[Path]:
    """Everything beside the databases that a server cannot make again; drafts of the moment are left out."""
    found = [path for name in FOLDERS for path in (data / name).rglob("*")
             if path.is_file() and not path.name.startswith(".")]
    return sorted(found) + [data / name for name in LOCKED_KEYS if (data / name).exists()]


def check_room(data: Path, target: Path, listed: list[Path]) -> None:
    """Room for what is not on the stick yet: what the last copy on it has, and files named by their digest, are known
    without reading. Raises StickFull."""
    known, sizes = _list_known(target), {path: path.stat().st_size for path in listed}
    wanted = sum(size for path, size in sizes.items()
                 if known.get(path.relative_to(data).as_posix()) != size and not (target / BLOBS / path.name).exists())
    free = shutil.disk_usage(find_existing(target)).free
    if free < wanted + RESERVE_BYTES:
        raise StickFull(details={"free": free, "wanted": wanted + RESERVE_BYTES})


def _list_known(target: Path) -> dict[str, int]:
    """path inside the data folder -> bytes of it that the last copy on the stick holds."""
    copies = list_backups(target)
    files = _read_manifest(copies[-1])["files"] if copies else {}
    return {name: one["bytes"] for name, one in files.items() if (target / BLOBS / one["sha256"]).exists()}


def find_existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there: both lie on the same disk."""
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())


def _copy_blob(path: Path, blobs: Path) -> tuple[dict[str, str | int], bool]:
    """The file under its digest, read back once it is there. A recording that grows meanwhile is copied as far as it
    was when it was opened."""
    blobs.mkdir(exist_ok=True)
    with open(path, "rb") as source:
        size = os.fstat(source.fileno()).st_size
        name = _read_through(source, size)
        is_fresh = not _is_whole(blobs / name, name, size)
        if is_fresh:
            source.seek(0)
            name = _write_blob(source, size, blobs)
    return {"sha256": name, "bytes": size}, is_fresh


def _is_whole(blob: Path, name: str, size: int) -> bool:
    """Sticks forget: what an earlier copy left counts only when it reads back."""
    return blob.exists() and blob.stat().st_size == size and digest_file(blob) == name


def _write_blob(source: BinaryIO, size: int, blobs: Path) -> str:
    """Its digest as it was read now: holes of a recording may have been filled since. Raises BackupDamaged."""
    draft = blobs / f"{DRAFT}{os.getpid()}"
    try:
        with open(draft, "wb") as target:
            name = _read_through(source, size, target)
            target.flush()
            os.fsync(target.fileno())
        os.replace(draft, blobs / name)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    if digest_file(blobs / name) != name:
        raise BackupDamaged(details={"file": name})
    return name


def _read_through(source: BinaryIO, size: int, target: BinaryIO | None = None) -> str:
    """The digest of its first bytes, which go to `target` on the way."""
    digest, left = hashlib.sha256(), size
    while left and (block := source.read(min(left, 1024 * 1024))):
        digest.update(block)
        left -= len(block)
        if target is not None:
            target.write(block)
    return digest.hexdigest()


def _write_manifest(folder: Path, manifest: dict[str, object]) -> None:
    """Last: a copy without it is none."""
    draft = folder / f".{MANIFEST}"
    with open(draft, "w", encoding="utf-8") as file:
        json.dump(manifest, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, folder / MANIFEST)
    make_durable(folder)


@dataclass(frozen=True)
class BackupNote:
    """The last whole copy: when (Unix ms), where, and the last event and part that are in it, by the server's rows."""

    made_at_ms: int
    folder: str
    event: int
    part: int


def _note_backup(data: Path, folder: Path, now_ms: int) -> None:
    """For the console. A server whose disk takes no more is the very one to be copied: then there is no note."""
    note = BackupNote(now_ms, str(folder), _read_last(folder / "classroom.sqlite", "SELECT max(row) FROM room_event"),
                      _read_last(folder / "parts.sqlite", "SELECT max(rowid) FROM part"))
    with suppress(OSError):
        draft = data / f"{NOTE}.new"
        draft.write_text(json.dumps(asdict(note)))
        os.replace(draft, data / NOTE)


def _read_last(database: Path, sql: str) -> int:
    """0 where there is nothing."""
    if not database.exists():
        return 0
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as opened:
        found = opened.execute(sql).fetchone()[0]
    opened.close()
    return int(found or 0)


def read_backup_note(data: Path) -> BackupNote | None:
    """None where no copy was made of this server."""
    path = data / NOTE
    return BackupNote(**json.loads(path.read_text())) if path.exists() else None


def list_backups(target: Path) -> list[Path]:
    """Whole copies on a stick, oldest first."""
    return sorted(path.parent for path in target.glob(f"*/{MANIFEST}"))


def restore_backup(source: Path, data: Path, tell: Tell = lambda done, whole: None) -> None:
    """A copy, the newest of a stick, or an old data folder, into an empty one. Raises NoBackup, BackupDamaged.

    A stick may be named by its root, as people do.
    """
    if not list_backups(source) and (source / ON_STICK).is_dir():
        source = source / ON_STICK
    if (source / MANIFEST).is_file():
        _restore_copy(source, data, tell)
    elif copies := list_backups(source):
        _restore_copy(copies[-1], data, tell)
    elif (source / "classroom.sqlite").is_file():
        _restore_folder(source, data, tell)
    else:
        raise NoBackup(details={"path": str(source)})


def _read_manifest(folder: Path) -> dict[str, Any]:
    """Raises BackupDamaged."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except ValueError as error:
        raise BackupDamaged(details={"file": MANIFEST}) from error
    return manifest


def _restore_copy(folder: Path, data: Path, tell: Tell) -> None:
    manifest = _read_manifest(folder)
    for name, sha256 in manifest["databases"].items():
        _place(folder / name, data / name, sha256)
    for number, (name, entry) in enumerate(manifest["files"].items()):
        _place(folder.parent / BLOBS / entry["sha256"], data / name, entry["sha256"])
        tell(number + 1, len(manifest["files"]))


def _restore_folder(source: Path, data: Path, tell: Tell) -> None:
    """The disk of the old server: read as it is, its log of changes too."""
    for name in DATABASES:
        if (source / name).exists():
            copy_database(source / name, data / name)
    listed = list_files(source)
    for number, path in enumerate(listed):
        _place(path, data / path.relative_to(source), "")
        tell(number + 1, len(listed))


def _place(source: Path, target: Path, sha256: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        raise BackupDamaged(details={"file": source.name, "found": str(error)}) from error
    if sha256 and digest_file(target) != sha256:
        raise BackupDamaged(details={"file": source.name})
