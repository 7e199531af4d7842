"""The terminal's side of a recovery: asks for what is secret, says what it found, refuses in plain words.

Takes the command's options. Leaves the data folder ready to start and the school's key unlocked in the supervisor's
memory.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import httpx
from flask_babel import lazy_gettext as _

from testing_server.contracts.statements import read_unverified
from testing_server.exam_day.recovery.beginning import (
    ArchiveMissing, Brought, check_cipher, check_empty, find_archives, open_archive, open_key_file, prepare_data,
    save_beginnings)
from testing_server.exam_day.school.keyring import KeyRing
from testing_server.exam_day.sittings.archives import STATEMENT
from testing_server.foundation.clock import SystemClock
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.settings import Settings
from testing_server.foundation.supervision import MemoryKeeper, is_running, read_ports


WAITS = "Жду рабочие места: они находят этот сервер сами. Ход виден в пульте на странице «Сервер»."
STANDS_BY = ("Это запасной сервер: он перенимает ответы, звук и журнал аудитории. Насколько он отстал, видно в пульте "
             "на странице «Сервер»; там же кнопка на случай, если ведущий сломается.")


@dataclass(frozen=True)
class Asked:
    """What the command line names. `leader`: address of the server to stand by for, "" to take over."""

    key: Path
    archives: Sequence[Path]
    source: Path | None
    leader: str = ""


def begin_recovery(settings: Settings, asked: Asked, keeper: MemoryKeeper,
                   prepare_tables: Callable[[Settings], None]) -> None:
    """Everything before the processes start. Raises a Refusal for each thing that is missing or wrong."""
    check_empty(settings.data)
    archives = find_archives(asked.archives)
    if not archives and asked.source is None and not asked.leader:
        raise ArchiveMissing()
    passphrase = click.prompt("Пароль ключа школы", hide_input=True, err=True)
    key, locked = open_key_file(asked.key, passphrase)
    brought = Brought(key, locked, archives, asked.source, read_address(asked.leader))
    ciphers = [_ask_cipher(folder) for folder in archives]
    for folder, (_archive, typed) in zip(archives, ciphers, strict=True):
        if typed:
            # before anything is laid down: the same folder can be named again
            check_cipher(folder, typed)
    now_ms = SystemClock().now_ms()
    prepare_data(settings, brought, lambda done, whole: None)
    prepare_tables(settings)
    account = save_beginnings(settings, now_ms, brought)
    for archive, typed in ciphers:
        if typed is not None:
            open_archive(settings, now_ms, archive, typed)
    KeyRing(settings.keys_folder, keeper).unlock(passphrase)
    if account is not None:
        click.echo(f"{account.login}: {account.password}  (одноразовый пароль: при первом входе его надо сменить)")
    click.echo(STANDS_BY if asked.leader else WAITS)


def read_address(typed: str) -> str:
    """As it is dialled: with its scheme, without a slash at the end; "" for none."""
    text = typed.strip().rstrip("/")
    return text if "://" in text or not text else f"https://{text}"


def promote_standby(settings: Settings) -> int:
    """Tell the server that runs on this data folder to lead; how many sittings.

    Raises NoServerHere, PromotionRefused.
    """
    ports, secret = read_ports(settings.data), settings.run_folder / "internal.key"
    if not is_running(settings.run_folder) or not ports or not secret.exists():
        raise NoServerHere(details={"path": str(settings.data)})
    found = httpx.post(f"http://127.0.0.1:{ports['console_port']}/v1/promotion", trust_env=False, timeout=60, headers={
        "Authorization": f"Internal {secret.read_bytes().hex()}"})
    if found.status_code >= 400:
        raise PromotionRefused(details={"found": str(found.json().get("message", found.status_code))})
    return len(found.json()["sittings"])


class NoServerHere(Refusal):
    code = "no_server_here"
    status = 409
    message = _("В этой папке не работает ни один сервер.")
    remedy = _("Назовите папку данных запасного сервера: --data ПАПКА, и проверьте, что он запущен.")


class PromotionRefused(Refusal):
    code = "promotion_refused"
    status = 409
    message = _("Запасной сервер не стал ведущим.")
    remedy = _("Откройте его пульт, страницу «Сервер»: там сказано, чего не хватает.")


def _ask_cipher(folder: Path) -> tuple[str, str | None]:
    """(archive, what was typed); "" for an archive that has no cipher, None where it is to be opened later: a standby
    is set up before the hour."""
    payload = read_unverified((folder / STATEMENT).read_bytes()).read()
    if payload.get("lock") == "none":
        return str(payload["archive"]), ""
    name = f"{payload.get('assessment', '')} {payload.get('day', '')}".strip()
    typed = click.prompt(f"Шифр архива {name} (шесть групп по пять цифр; Enter, если его ещё нет)", default="",
                         show_default=False, err=True)
    return str(payload["archive"]), typed.strip() or None


def describe_refusal(refusal: Refusal) -> str:
    """What happened, what is safe, what to do."""
    words = [refusal.message, refusal.safe, refusal.remedy]
    details = ", ".join(f"{name}: {value}" for name, value in refusal.details.items())
    return " ".join(str(word) for word in words if word) + (f" ({details})" if details else "")
