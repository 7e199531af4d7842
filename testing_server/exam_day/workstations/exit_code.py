"""The code by which an organizer leaves the exam page of a workstation.

Takes the keys folder; gives the code for people and its lock for workstations. One code for a classroom server, in a
file of its own: it outlives restarts, and every workstation learns its lock with the time, before it may need it.
"""
from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

import msgspec

from testing_server.contracts.exit_code import DIGITS, ExitLock, lock_exit_code
from testing_server.preparation.private_files import write_private_file

FILE_NAME = "exit-code.json"
SALT_BYTES = 16


@dataclass(frozen=True)
class ExitCode:
    """`code`: six digits, for the console only; `lock`: for workstations."""

    code: str
    lock: ExitLock

    @property
    def shown(self) -> str:
        """In two groups, as people read it out."""
        return f"{self.code[:3]} {self.code[3:]}"


def obtain_exit_code(folder: Path) -> ExitCode:
    """The code of this server, made at the first call."""
    return read_exit_code(folder) or renew_exit_code(folder)


def read_exit_code(folder: Path) -> ExitCode | None:
    """None before the first, or where the file is damaged."""
    try:
        kept = json.loads((folder / FILE_NAME).read_bytes())
        return ExitCode(str(kept["code"]), msgspec.convert(kept["lock"], ExitLock))
    except (OSError, ValueError, KeyError, msgspec.ValidationError):
        return None


def renew_exit_code(folder: Path) -> ExitCode:
    """Another code, once too many people know the old one."""
    code = f"{secrets.randbelow(10 ** DIGITS):0{DIGITS}d}"
    made = ExitCode(code, lock_exit_code(code, secrets.token_bytes(SALT_BYTES)))
    write_private_file(folder / FILE_NAME, json.dumps({"code": code, "lock": msgspec.to_builtins(made.lock)}).encode())
    return made
