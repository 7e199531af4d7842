"""Archives and ciphers: sealing, opening, contents and statements."""
from typing import TYPE_CHECKING, Any

from task_bank.sealing.archive import (
    DamagedArchive,
    NotEnoughRoom,
    SealedArchive,
    UnencryptedArchive,
    WrongCipher,
    join_cipher,
    keep_for_escrow,
    lock_identity,
    make_key_file,
    recover_identity,
    seal_archive,
    unlock_identity,
    write_unencrypted,
)
from task_bank.sealing.opening import OpenedArchive, open_archive, open_unencrypted, open_with_identity
from task_bank.sealing.statement import (
    ArchiveAbout,
    describe_archive,
    describe_change,
    is_unencrypted,
    read_version,
)
from task_bank.sealing.tar_stream import Entry

if TYPE_CHECKING:
    from task_bank.sealing.contents import Gathered, build_criteria_entries, build_materials_entries, gather

__all__ = [
    "ArchiveAbout",
    "DamagedArchive",
    "Entry",
    "Gathered",
    "NotEnoughRoom",
    "OpenedArchive",
    "SealedArchive",
    "UnencryptedArchive",
    "WrongCipher",
    "build_criteria_entries",
    "build_materials_entries",
    "describe_archive",
    "describe_change",
    "gather",
    "is_unencrypted",
    "join_cipher",
    "keep_for_escrow",
    "lock_identity",
    "make_key_file",
    "open_archive",
    "open_unencrypted",
    "open_with_identity",
    "read_version",
    "recover_identity",
    "seal_archive",
    "unlock_identity",
    "write_unencrypted",
]


def __getattr__(name: str) -> Any:
    """Contents know the whole bank, and who only opens archives, as a classroom server does, need not carry it."""
    if name not in ("Gathered", "build_criteria_entries", "build_materials_entries", "gather"):
        raise AttributeError(name)
    from task_bank.sealing import contents
    return getattr(contents, name)
