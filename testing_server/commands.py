"""Commands for a special moment: copies, lost passwords, support, receipts, rehearsals, the demonstration.

Takes arguments; prints what was done, or the refusal in one line. `cli` imports this when one of them is named.
"""
from __future__ import annotations

import logging
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from testing_server.asked import read_settings
from testing_server.exam_day.appeals.command import verify_receipt
from testing_server.exam_day.recovery.backups import make_backup
from testing_server.exam_day.recovery.command import describe_refusal, promote_standby
from testing_server.exam_day.support.bundle import make_bundle
from testing_server.exam_day.support.passwords import list_logins, replace_password
from testing_server.foundation.accounts.actions import create_account
from testing_server.foundation.accounts.queries import find_account
from testing_server.foundation.accounts.second_factor import reset_second_factor
from testing_server.foundation.clock import SystemClock
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.storage import Storage
from testing_server.foundation.supervision import is_running
from testing_server.marking.kits.command import mark_kit
from testing_server.preparation.release.commands import COMMANDS as HOLDERS_COMMANDS
from testing_server.rehearsal.commission.command import simulate_marking
from testing_server.rehearsal.demo import run_once, run_open
from testing_server.rehearsal.drill.command import rehearse, verify
from testing_server.rehearsal.organizer import TookTooLong
from testing_server.rehearsal.person import Refused
from testing_server.rehearsal.processes import NotUp
from testing_server.rehearsal.report import Told
from testing_server.roles import prepare_role

DEMO_FAILURES = (NotUp, Refused, TookTooLong)


@click.group()
def rest() -> None:
    """What is not a role."""


@rest.command()
@click.option("--to", "target", required=True, type=click.Path(path_type=Path), help="Folder on the stick.")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the classroom server.")
def backup(target: Path, data: Path | None) -> None:
    """Copy a classroom server to a stick while it runs; every file is checked by its digest."""
    settings = read_settings("classroom", {"data": data})
    try:
        with click.progressbar(length=1, label="backup", file=sys.stderr) as bar:
            def tell(done: int, whole: int) -> None:
                bar.length = whole
                bar.update(done - bar.pos)
            copied = make_backup(settings.data, target, SystemClock().now_ms(), tell)
    except Refusal as refusal:
        raise click.ClickException(describe_refusal(refusal)) from refusal
    except OSError as error:
        raise click.ClickException(f"{target}: {error.strerror}") from error
    click.echo(f"{copied.folder}: {copied.files} files, {copied.fresh} of them new, {copied.bytes} bytes, verified")


@rest.command("reset-password")
@click.argument("login", required=False)
@click.option("--hub", "is_hub", is_flag=True, help="The folder is a hub's, which is not running.")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the server; a classroom may be running.")
def replace_lost_password(login: str | None, is_hub: bool, data: Path | None) -> None:
    """Give somebody of the room a new one-time password; without a login, list the logins."""
    settings = read_settings("hub" if is_hub else "classroom", {"data": data})
    if is_hub and is_running(settings.run_folder):
        raise click.ClickException("the hub is running: a coordinator above gives a new password on its pages; "
                                   "where nobody is above, stop the hub first")
    try:
        told = [f"{login}: {replace_password(settings, login)}  (one-time)"] if login else list_logins(settings)
    except Refusal as refusal:
        raise click.ClickException(describe_refusal(refusal)) from refusal
    click.echo("\n".join(told))


@rest.command("support-bundle")
@click.option("--to", "target", type=click.Path(path_type=Path), default=Path("support-bundle.zip"), help="The file.")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the classroom server; it may be running.")
def save_support_bundle(target: Path, data: Path | None) -> None:
    """Save logs and facts for support: without answers, sound, codes, logins, names and keys."""
    settings = read_settings("classroom", {"data": data})
    try:
        content = make_bundle(settings, SystemClock().now_ms())
        target.write_bytes(content)
    except Refusal as refusal:
        raise click.ClickException(describe_refusal(refusal)) from refusal
    except OSError as error:
        raise click.ClickException(f"{target}: {error.strerror}") from error
    click.echo(f"{target}: {len(content)} bytes")


@rest.command("verify-receipt")
@click.argument("code", nargs=-1, required=True)
@click.option("--hub", "is_hub", is_flag=True, help="The folder is a hub's, not a classroom server's.")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the server; it may be running.")
def verify_candidate_receipt(code: tuple[str, ...], is_hub: bool, data: Path | None) -> None:
    """Say which recorded work a candidate's receipt stands for; exit code 1 when for none."""
    try:
        verdict = verify_receipt(read_settings("hub" if is_hub else "classroom", {"data": data}), "".join(code))
    except Refusal as refusal:
        raise click.ClickException(describe_refusal(refusal)) from refusal
    click.echo(verdict.text)
    sys.exit(0 if verdict.is_proven else 1)


@rest.command()
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the standby, which is running.")
def promote(data: Path | None) -> None:
    """Tell a standby to lead: the same as its button on the page of the server."""
    settings = read_settings("classroom", {"data": data})
    try:
        click.echo(f"leading {promote_standby(settings)} sitting(s) from now on")
    except Refusal as refusal:
        raise click.ClickException(describe_refusal(refusal)) from refusal


@rest.command("add-account")
@click.argument("login")
@click.option("--role", required=True, type=click.Choice(["coordinator", "expert"]), help="What the person is.")
@click.option("--head", is_flag=True, help="An expert who heads the commission.")
@click.option("--territory", help="What a coordinator sees, what a head leads: a region (a coordinator also "
              "region/municipality); without it, all.")
@click.option("--subject", "subjects", multiple=True, help="A subject a head leads, \"*\" for all; as many as needed.")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the hub.")
def add_account(login: str, role: str, head: bool, territory: str | None, subjects: tuple[str, ...],
                data: Path | None) -> None:
    """Make the first account of a hub that is not running; prints its one-time password."""
    if head != bool(subjects):
        raise click.UsageError("a head needs --subject, and nobody else has one")
    settings = read_settings("hub", {"data": data})
    if is_running(settings.run_folder):
        raise click.ClickException("the hub is running: a coordinator makes accounts on its pages")
    prepare_role(settings)
    storage, now_ms = Storage(settings.storage_url), SystemClock().now_ms()
    try:
        password = storage.write(lambda session: create_account(
            session, now_ms, login, role, territory=territory, is_head=head, subjects=subjects or None,
            by="command line"))
    except Refusal as refusal:
        raise click.ClickException(f"{refusal.code}: {refusal.message}") from refusal
    finally:
        storage.close()
    click.echo(f"{login}: {password}  (one-time: it must be changed at the first sign-in)")


@rest.command("reset-second-factor")
@click.argument("login")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the hub, which is not running.")
def untie_lost_telephone(login: str, data: Path | None) -> None:
    """Untie a coordinator's lost telephone; for the one whom no coordinator above can help."""
    settings = read_settings("hub", {"data": data})
    if is_running(settings.run_folder):
        raise click.ClickException("the hub is running: the coordinator above unties a telephone on its pages")
    prepare_role(settings)
    storage, now_ms = Storage(settings.storage_url), SystemClock().now_ms()
    try:
        with storage.read() as session:
            account = find_account(session, login)
        if account is None:
            raise click.ClickException(f"there is no account {login}")
        storage.write(lambda session: reset_second_factor(session, now_ms, account, "command line"))
    finally:
        storage.close()
    click.echo(f"{account.login}: the next sign-in ties another telephone")


@rest.command()
@click.option("--once", is_flag=True, help="Walk the whole line with robots, print the table, end.")
@click.option("--pace", default=1, type=click.IntRange(1, 60), help="How many times faster the exam clock runs.")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the demonstration (default: a new one).")
@click.option("--quiet", is_flag=True, help="Do not follow every candidate.")
def demo(once: bool, pace: int, data: Path | None, quiet: bool) -> None:
    """Show the whole day: a hub, a classroom, robot candidates who speak, experts."""
    folder = data or Path(tempfile.mkdtemp(prefix="testing-server-demo-"))
    if data is not None and data.exists() and any(data.iterdir()):
        raise click.ClickException(f"{data} is not empty: name a new folder, so that nothing is overwritten")
    logging.getLogger().setLevel(logging.WARNING)
    told = Told(Console(soft_wrap=True), follows=not quiet)
    for number in (signal.SIGTERM, signal.SIGINT):
        # also where a shell told background programs to ignore Ctrl+C: servers and robots must end with the show
        signal.signal(number, _interrupt)
    try:
        sys.exit((run_once if once else run_open)(folder.absolute(), pace, told))
    except KeyboardInterrupt:
        told.say("Показ окончен.")
    except DEMO_FAILURES as failure:
        raise click.ClickException(f"{failure}; logs are in {folder}") from failure


def _interrupt(*told: Any) -> None:
    raise KeyboardInterrupt


for command in (rehearse, verify, simulate_marking, *HOLDERS_COMMANDS, mark_kit):
    rest.add_command(command)
