"""The terminal's side of a recovery: asks for what is secret, says what it found, refuses in plain words.

Takes the command's options. Leaves the data folder ready to start and the school's key unlocked in the supervisor's
memory.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from testing_server.contracts.statements import read_unverified
from testing_server.exam_day.recovery.beginning import (
    ArchiveMissing, Brought, check_empty, find_archives, open_archive, open_key_file, prepare_data, save_beginnings)
from testing_server.exam_day.school.keyring import KeyRing
from testing_server.exam_day.sittings.archives import STATEMENT
from testing_server.foundation.clock import SystemClock
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.settings import Settings
from testing_server.foundation.supervision import MemoryKeeper


@dataclass(frozen=True)
class Asked:
    """What the command line names."""

    key: Path
    archives: Sequence[Path]
    source: Path | None


def begin_recovery(settings: Settings, asked: Asked, keeper: MemoryKeeper,
                   prepare_tables: Callable[[Settings], None]) -> None:
    """Everything before the processes start. Raises a Refusal for each thing that is missing or wrong."""
    check_empty(settings.data)
    archives = find_archives(asked.archives)
    if not archives and asked.source is None:
        raise ArchiveMissing()
    passphrase = click.prompt("Пароль ключа школы", hide_input=True, err=True)
    key, locked = open_key_file(asked.key, passphrase)
    brought = Brought(key, locked, archives, asked.source)
    ciphers = {folder: _ask_cipher(folder) for folder in archives}
    now_ms = SystemClock().now_ms()
    prepare_data(settings, brought, lambda done, whole: None)
    prepare_tables(settings)
    account = save_beginnings(settings, now_ms, brought)
    for folder, (archive, typed) in ciphers.items():
        open_archive(settings, now_ms, archive, typed)
    KeyRing(settings.keys_folder, keeper).unlock(passphrase)
    if account is not None:
        click.echo(f"{account.login}: {account.password}  (одноразовый пароль: при первом входе его надо сменить)")
    click.echo("Жду рабочие места: они находят этот сервер сами. Ход виден в пульте на странице «Сервер».")


def _ask_cipher(folder: Path) -> tuple[str, str]:
    """(archive, what was typed); "" for an archive that has no cipher."""
    payload = read_unverified((folder / STATEMENT).read_bytes()).read()
    if payload.get("lock") == "none":
        return str(payload["archive"]), ""
    name = f"{payload.get('assessment', '')} {payload.get('day', '')}".strip()
    return str(payload["archive"]), click.prompt(f"Шифр архива {name} (шесть групп по пять цифр)", err=True)


def describe_refusal(refusal: Refusal) -> str:
    """What happened, what is safe, what to do."""
    words = [refusal.message, refusal.safe, refusal.remedy]
    details = ", ".join(f"{name}: {value}" for name, value in refusal.details.items())
    return " ".join(str(word) for word in words if word) + (f" ({details})" if details else "")
