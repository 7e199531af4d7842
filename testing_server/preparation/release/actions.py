"""Opening ciphers and criteria, at their hours. Takes services; a cipher is given by `giving`, which notes it."""
import json
from dataclasses import dataclass, field
from pathlib import Path

from task_bank.sealing import open_archive
from testing_server.foundation.services import Services
from testing_server.preparation.materials.queries import Archive, LockedCipher, read_archive, read_locked_cipher
from testing_server.preparation.release.joining import make_unlock
from testing_server.preparation.release.rules import (
    ArchiveUnknown, NoCipherNeeded, check_kept, check_opened, check_standing)
from testing_server.preparation.release.slots import open_slot

OPENED_MARK = "opened.json"


@dataclass(frozen=True)
class Release:
    """A cipher that may be known now: 30 digits. `opened_at_ms`: when it was given for the first time."""

    cipher: str = field(repr=False)
    opened_at_ms: int


def read_cipher_now(offered: Services, archive: str, school: str | None) -> tuple[Archive, str]:
    """The archive and its cipher, after the hour; nothing is noted: whoever shows it to somebody notes that.

    Raises NotYet, ArchiveUnknown, Withdrawn, ArchiveForgotten, NoCipherNeeded, SlotMissing, HoldersAway.
    """
    found, locked = _read_locked(offered, archive, school)
    check_standing(found.state, found.reason)
    check_kept(found.forgotten_at_ms)
    if found.lock == "none":
        raise NoCipherNeeded()
    return found, _open_cipher(offered, found, locked)


def open_criteria(offered: Services, materials: str) -> Path:
    """The folder data/criteria/<criteria archive> that belongs to a materials archive, opened after its hour.

    Also of withdrawn materials: work a coordinator let through is marked.
    Holds assessment.json, keys/<number>.json, items/<item>.xml, media/…. Raises NotYet, ArchiveUnknown,
    ArchiveForgotten.
    """
    now_ms, data = offered.clock.now_ms(), offered.settings.data
    with offered.storage.read() as session:
        criteria = read_archive(session, read_archive(session, materials).partner)
    if criteria.kind != "criteria":
        raise ArchiveUnknown()
    check_opened(now_ms, criteria.opens_at_ms)
    check_kept(criteria.forgotten_at_ms)
    folder = data / "criteria" / criteria.archive
    if not (folder / OPENED_MARK).exists():
        cipher = _open_cipher(offered, *_read_locked(offered, criteria.archive, None))
        sealed = data / "archives" / criteria.archive
        open_archive(sealed / "archive.age", sealed / "key.age", cipher, folder)
        (folder / OPENED_MARK).write_text(json.dumps({"opened_at_ms": now_ms}))
    return folder


def _read_locked(offered: Services, archive: str, school: str | None) -> tuple[Archive, LockedCipher]:
    with offered.storage.read() as session:
        return read_archive(session, archive, school), read_locked_cipher(session, archive)


def _open_cipher(offered: Services, found: Archive, locked: LockedCipher) -> str:
    now_ms = offered.clock.now_ms()
    check_opened(now_ms, found.opens_at_ms)
    opened = open_slot(offered.settings.data / "slots", locked.slot, locked.cipher_locked, now_ms,
                       make_unlock(offered))
    if opened["archive"] != found.archive:
        # a row changed by hand to point at another archive's cipher
        raise ArchiveUnknown()
    return str(opened["cipher"])
