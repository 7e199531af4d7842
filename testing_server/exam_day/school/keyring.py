"""The school's key on this machine: locked on the disk, unlocked only in memory.

Takes the keys folder and the supervisor's memory, which survives a crash of this process. Gives the unlocked
key to whoever signs, or the refusal that asks for the passphrase.
"""
from __future__ import annotations

from pathlib import Path

from flask_babel import lazy_gettext as _

from testing_server.contracts.statements import public_bytes
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.supervision import MemoryKeeper
from testing_server.preparation.private_files import write_private_file
from testing_server.preparation.school_key import (
    SchoolKey, lock_school_key, read_school_key, unlock_school_key, write_school_key)

FILE_NAME = "school.key"
PUBLIC_NAME = "school.pub"
SECRET = "school_key"


class KeyLocked(Refusal):
    code = "key_locked"
    status = 423
    message = _("Ключ школы закрыт: после включения компьютера его ещё не открывали.")
    safe = _("Ответы принимаются и сохраняются и без него.")
    remedy = _("Введите пароль ключа на странице «Подключение и ключ» и повторите.")


class NoSchoolKey(Refusal):
    code = "no_school_key"
    status = 409
    message = _("У этого сервера ещё нет ключа школы.")
    remedy = _("Пройдите первую настройку.")


class KeyRing:
    """Locked key file + unlocked key in memory."""

    def __init__(self, folder: Path, keeper: MemoryKeeper) -> None:
        self._path = folder / FILE_NAME
        self._keeper = keeper
        self._key: SchoolKey | None = None

    @property
    def exists(self) -> bool:
        return self._path.exists()

    @property
    def is_unlocked(self) -> bool:
        return self._find() is not None

    @property
    def locked_bytes(self) -> bytes:
        """The file for the organizer's stick. Raises NoSchoolKey."""
        if not self.exists:
            raise NoSchoolKey()
        return self._path.read_bytes()

    def key(self) -> SchoolKey:
        """The unlocked key. Raises KeyLocked, NoSchoolKey."""
        found = self._find()
        if found is None:
            raise KeyLocked() if self.exists else NoSchoolKey()
        return found

    def save(self, key: SchoolKey, passphrase: str) -> None:
        """Write the key locked and keep it unlocked in memory."""
        write_private_file(self._path, lock_school_key(key, passphrase))
        self._remember(key)

    def unlock(self, passphrase: str) -> None:
        """Raises WrongPassphrase, SchoolKeyDamaged, NoSchoolKey."""
        self._remember(unlock_school_key(self.locked_bytes, passphrase))

    @property
    def public(self) -> bytes | None:
        """The school's signing key to verify with, also while the key is locked; None before it was ever unlocked."""
        path = self._path.with_name(PUBLIC_NAME)
        return bytes.fromhex(path.read_text().strip()) if path.exists() else None

    def _remember(self, key: SchoolKey) -> None:
        public = public_bytes(key.signing)
        if self.public != public:
            write_private_file(self._path.with_name(PUBLIC_NAME), public.hex().encode())
        self._key = key
        self._keeper.put(SECRET, write_school_key(key))

    def _find(self) -> SchoolKey | None:
        if self._key is None:
            kept = self._keeper.get(SECRET)
            self._key = read_school_key(kept) if kept else None
        return self._key
