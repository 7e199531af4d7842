"""`testing-server rehearse` and `testing-server verify-certificate`.

Takes arguments; runs a drill in a folder of its own, prints the table and writes the certificate. Exit code 0 only when
everything promised is there and everybody finished.
"""
from __future__ import annotations

import logging
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rich.console import Console
from rich.table import Table

from testing_server.contracts.refusals import BadSignature, BadStatement, UnknownKey
from testing_server.contracts.rehearsals import FaultKind, Rehearsal, Verdict, encode_rehearsal, sign_rehearsal
from testing_server.contracts.statements import public_bytes
from testing_server.exam_day.rehearsals.certificate import SheetChanged, trust_key, verify_certificate, write_sheet
from testing_server.exam_day.rehearsals.sheet import COUNTS, VERDICTS, show_moment, show_s
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.settings import load_settings
from testing_server.preparation.school_key import unlock_school_key
from testing_server.rehearsal.drill.disks import enter_own_disks
from testing_server.rehearsal.drill.drill import Asked, run_drill
from testing_server.rehearsal.drill.progress import Progress, show_trial
from testing_server.rehearsal.drill.stage import NoArchive
from testing_server.rehearsal.organizer import TookTooLong
from testing_server.rehearsal.person import Refused
from testing_server.rehearsal.processes import NotUp

FAILURES = (NotUp, Refused, TookTooLong, NoArchive)
ALL = ",".join(FaultKind)
PASSPHRASE = "TESTING_SERVER_PASSPHRASE"
PUBLIC = "school.pub"


def read_faults(context: click.Context, parameter: click.Parameter, value: str) -> tuple[FaultKind, ...]:
    """The kinds in the order they were named; a word that is none ends the command."""
    try:
        return tuple(FaultKind(word.strip()) for word in value.split(",") if word.strip())
    except ValueError as error:
        raise click.BadParameter(f"{error}; choose from {ALL}") from error


@click.command()
@click.option("--seats", default=4, type=click.IntRange(1, 200), help="How many robots sit the work.")
@click.option("--faults", default=ALL, callback=read_faults, help=f"What is done to the room, in this order: {ALL}.")
@click.option("--archive", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="Folder of a real materials archive; without it, demonstration material.")
@click.option("--cipher", default="", envvar="TESTING_SERVER_CIPHER", help="The cipher of that archive.")
@click.option("--pace", default=10, type=click.IntRange(1, 60), help="How many times faster the exam clock runs.")
@click.option("--answer-seconds", default=4.0, type=click.FloatRange(0.1, 600), help="Seconds for an answer.")
@click.option("--fault-seconds", default=8.0, type=click.FloatRange(0.5, 600), help="How long a fault lasts.")
@click.option("--school", default="", help="The school's name on the certificate.")
@click.option("--key", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="The school.key to sign with; without it, a key of this rehearsal alone.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("."),
              help="Where the certificate is written.")
@click.option("--data", type=click.Path(path_type=Path), help="Folder for the drill's servers (default: a new one).")
@click.option("--statement", type=click.Path(path_type=Path), hidden=True,
              help="For the console: JSON lines on stdout, and here the statement, which the console signs.")
@click.option("--end-with", "parent", type=int, default=0, hidden=True, help="The console's process: ends with it.")
def rehearse(data: Path | None, out: Path, key: Path | None, statement: Path | None, school: str, parent: int,
             **options: Any) -> None:
    """A fire drill on robots: what was sent, kept, lost, and a certificate; exit 1 if anything was lost."""
    if FaultKind.DISK_FULL in options["faults"]:
        enter_own_disks()
    if data is not None and data.exists() and any(data.iterdir()):
        raise click.ClickException(f"{data} is not empty: name a new folder, so that nothing is overwritten")
    signing = open_key(key)
    prepare_process(parent)
    folder = (data or Path(tempfile.mkdtemp(prefix="testing-server-rehearsal-"))).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    asked = Asked(folder, options["seats"], options["faults"], options["pace"], options["answer_seconds"],
                  options["fault_seconds"], options["archive"], options["cipher"], school)
    found = run(asked, Progress(is_json=statement is not None))
    if data is None and found.verdict == Verdict.KEPT:
        shutil.rmtree(folder, ignore_errors=True)
    if statement is not None:
        statement.write_bytes(encode_rehearsal(found))
    else:
        show_result(found, write_certificate(found, signing, out), key is not None)
    sys.exit(0 if found.verdict == Verdict.KEPT else 1)


def prepare_process(parent: int) -> None:
    """What is told to end ends what it started, also when the console that began it is gone; the room's own work comes
    first; no setting of a server outside."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _interrupt)
    for name in [name for name in os.environ if name.startswith("TESTING_SERVER_")]:
        del os.environ[name]
    logging.getLogger().setLevel(logging.WARNING)
    if hasattr(os, "nice"):
        os.nice(5)
    if parent:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def _interrupt(*told: Any) -> None:
    raise KeyboardInterrupt


def open_key(path: Path | None) -> Ed25519PrivateKey:
    """Before the drill: a wrong passphrase must not be found out after it."""
    if path is None:
        return Ed25519PrivateKey.generate()
    passphrase = os.environ.get(PASSPHRASE) or click.prompt("Пароль ключа школы", hide_input=True, err=True)
    try:
        return unlock_school_key(path.read_bytes(), passphrase).signing
    except Refusal as refusal:
        raise click.ClickException(f"{path}: {refusal.message}") from refusal


def run(asked: Asked, progress: Progress) -> Rehearsal:
    """The drill, with everything it started ended. A room that did not come up is an error of the command."""
    try:
        with ExitStack() as stack:
            return run_drill(asked, progress, stack)
    except FAILURES as failure:
        raise click.ClickException(f"{failure}; logs are in {asked.folder}") from failure
    except KeyboardInterrupt:
        raise click.ClickException("the rehearsal was stopped: there is no certificate") from None


def write_certificate(found: Rehearsal, key: Ed25519PrivateKey, out: Path) -> Path:
    """The sheet, and beside it the signed statement and the public key; returns the sheet."""
    out.mkdir(parents=True, exist_ok=True)
    envelope, sheet = sign_rehearsal(found, key), out / f"rehearsal-{found.ended_at_ms // 1000}.pdf"
    sheet.write_bytes(write_sheet(envelope))
    sheet.with_suffix(".json").write_bytes(envelope)
    sheet.with_suffix(".pub").write_text(public_bytes(key).hex())
    return sheet


def show_result(found: Rehearsal, sheet: Path, is_school_key: bool) -> None:
    """The table people look at, and where the certificate lies."""
    show_rehearsal(found)
    click.echo(f"Свидетельство: {sheet}")
    if not is_school_key:
        click.echo("Подписано ключом этой репетиции. Ключом школы подписывает пульт, или назовите --key school.key.")


def show_rehearsal(found: Rehearsal) -> None:
    """Sent, kept, lost; each fault; how fast."""
    table = Table(title="Итог репетиции")
    for heading in ("Что", "Отправлено", "Сохранено", "Потеряно"):
        table.add_column(heading, justify="left" if heading == "Что" else "right")
    for count in found.counts:
        table.add_row(COUNTS.get(count.what, count.what), str(count.sent), str(count.kept), str(count.lost))
    Console(soft_wrap=True).print(table)
    for trial in found.trials:
        click.echo(f"  {show_trial(trial)}")
    speed = found.speed
    click.echo(f"С места на диск сервера: обычно через {show_s(speed.median_ms)}, 95 из 100 — {show_s(speed.p95_ms)}, "
               f"дольше всего {show_s(speed.longest_ms)} (вместе со сбоями)")
    click.echo("Роботы работали на этом же компьютере: гарнитуры, компьютеры и сеть класса так не проверить.")
    for trouble in found.troubles:
        click.echo(f"НЕ ТАК: {trouble}")
    click.echo(f"{VERDICTS[Verdict(found.verdict)][0]}. lost: {found.lost}")


@click.command("verify-certificate")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", "keys", multiple=True, help="Public key (64 hex digits) or a file with it, as school.pub; "
              "without one, that of the classroom server of this machine.")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the classroom server.")
def verify(file: Path, keys: tuple[str, ...], data: Path | None) -> None:
    """Whether a certificate of a rehearsal (PDF or JSON) is signed and says what was signed; exit 1 if not."""
    try:
        found = verify_certificate(file.read_bytes(), read_keys(keys, data))
    except UnknownKey as refusal:
        raise click.ClickException("подписано ключом, которого здесь не знают: назовите ключ школы, --key") from refusal
    except BadSignature as refusal:
        raise click.ClickException("ПОДПИСЬ НЕ ПОДХОДИТ: содержимое меняли") from refusal
    except SheetChanged as refusal:
        raise click.ClickException("ЛИСТ МЕНЯЛИ или он напечатан другой версией: верьте только файлу .json "
                                   f"({refusal})") from refusal
    except BadStatement as refusal:
        raise click.ClickException(f"это не свидетельство о репетиции: {refusal}") from refusal
    click.echo(f"Подпись верна, ключ {found.signer}. {found.rehearsal.school_name}, "
               f"{show_moment(found.rehearsal.ended_at_ms)} (всемирное время)")
    show_rehearsal(found.rehearsal)


def read_keys(keys: tuple[str, ...], data: Path | None) -> Mapping[str, bytes]:
    """Key id → public bytes, of what was named or of this machine's classroom server."""
    named = keys or (str(load_settings("classroom", os.environ, data=data).keys_folder / PUBLIC),)
    trusted: dict[str, bytes] = {}
    for one in named:
        text = Path(one).read_text().strip() if Path(one).is_file() else one
        try:
            trusted |= trust_key(bytes.fromhex(text))
        except ValueError as error:
            if keys:
                raise click.ClickException(f"{one}: not a public key") from error
    return trusted
