"""Archives and ciphers: sealing, opening, contents and statements."""
from task_bank.sealing.archive import (
    DamagedArchive,
    OpenedArchive,
    SealedArchive,
    WrongCipher,
    join_cipher,
    lock_identity,
    open_archive,
    open_with_identity,
    seal_archive,
    unlock_identity,
)
from task_bank.sealing.contents import build_criteria_entries, build_materials_entries
from task_bank.sealing.statement import STATEMENT_TYPE, describe_archive, sign_statement
from task_bank.sealing.tar_stream import Entry

__all__ = [
    "STATEMENT_TYPE",
    "DamagedArchive",
    "Entry",
    "OpenedArchive",
    "SealedArchive",
    "WrongCipher",
    "build_criteria_entries",
    "build_materials_entries",
    "describe_archive",
    "join_cipher",
    "lock_identity",
    "open_archive",
    "open_with_identity",
    "seal_archive",
    "sign_statement",
    "unlock_identity",
]
