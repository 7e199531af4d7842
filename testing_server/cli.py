"""The command `testing-server`.

Takes arguments and the environment. Starts a role under its supervisor, or one of the role's processes.
"""
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from testing_server.exam_day.appeals.command import verify_receipt
from testing_server.exam_day.recovery.backups import make_backup
from testing_server.exam_day.recovery.command import Asked, begin_recovery, describe_refusal, promote_standby
from testing_server.exam_day.support.bundle import make_bundle
from testing_server.exam_day.support.logs import keep_log
from testing_server.exam_day.support.passwords import list_logins, replace_password
from testing_server.foundation.accounts.actions import create_account
from testing_server.foundation.clock import SystemClock
from testing_server.foundation.disk.ballast import keep_ballast
from testing_server.foundation.disk.disk import ask_free
from testing_server.foundation.files.serving import serve_files
from testing_server.foundation.jobs.worker import run_worker
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.serving import (
    DiskTooFull, PlainNetworkRefused, check_disk, check_exposure, serve_core)
from testing_server.foundation.settings import BadSetting, Settings, load_settings
from testing_server.foundation.storage import Storage
from testing_server.foundation.supervision import (
    PARENT, MemoryKeeper, Supervisor, choose_ports, end_with_parent, is_running, make_children)
from testing_server.foundation.tls.files import list_own_hosts
from testing_server.rehearsal.demo import run_once, run_open
from testing_server.rehearsal.drill.command import rehearse, verify
from testing_server.rehearsal.organizer import TookTooLong
from testing_server.rehearsal.person import Refused
from testing_server.rehearsal.processes import NotUp
from testing_server.rehearsal.report import Told
from testing_server.roles import make_files_app, make_role_app, prepare_role

REFUSALS = (DiskTooFull, PlainNetworkRefused)
DEMO_FAILURES = (NotUp, Refused, TookTooLong)


@click.group()
def main() -> None:
    """Testing server: the hub of a region or the classroom server of a school."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")


def role_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What every role takes; an option left out comes from TESTING_SERVER_… or its default."""
    for option in (
            click.option("--data", type=click.Path(path_type=Path), help="Folder for everything that is kept."),
            click.option("--host", help="Address to listen on (hub 127.0.0.1, classroom all)."),
            click.option("--port", type=int, help="Network port; 0 takes a free one."),
            click.option("--console-port", type=int, help="Plain HTTP on loopback; 0 takes a free one."),
            click.option("--tls/--no-tls", default=None, help="TLS from the role's own authority."),
            click.option("--title", help="Name shown at the top of pages.")):
        command = option(command)
    return command


@main.command()
@role_options
def hub(**options: Any) -> None:
    """Run a hub: core, files and worker under one supervisor."""
    sys.exit(run_role(read_settings("hub", options)))


@main.command()
@role_options
@click.option("--recover", is_flag=True, help="Take over from a server that died: --key, --archive, a new --data.")
@click.option("--standby", default="", help="Stand by for the server at this address: --key, a new --data.")
@click.option("--key", type=click.Path(path_type=Path), default=Path("school.key"), help="The organizer's school.key.")
@click.option("--archive", "archives", multiple=True, type=click.Path(path_type=Path),
              help="Folder of a materials archive (archive.age, key.age, statement.json); may be repeated.")
@click.option("--from", "source", type=click.Path(path_type=Path), help="A backup, or the old server's data folder.")
def classroom(recover: bool, standby: str, key: Path, archives: tuple[Path, ...], source: Path | None,
              **options: Any) -> None:
    """Run a classroom server: core, files and worker under one supervisor."""
    settings = read_settings("classroom", options)
    if not recover and not standby:
        sys.exit(run_role(settings))
    keeper = MemoryKeeper.create()
    try:
        begin_recovery(settings, Asked(key, archives, source, standby), keeper, prepare_role)
    except Refusal as refusal:
        raise click.ClickException(describe_refusal(refusal)) from refusal
    sys.exit(run_role(settings, keeper))


@main.command()
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


@main.command("reset-password")
@click.argument("login", required=False)
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the classroom server; it may be running.")
def replace_lost_password(login: str | None, data: Path | None) -> None:
    """Give somebody of the room a new one-time password; without a login, list the logins."""
    settings = read_settings("classroom", {"data": data})
    try:
        told = [f"{login}: {replace_password(settings, login)}  (one-time)"] if login else list_logins(settings)
    except Refusal as refusal:
        raise click.ClickException(describe_refusal(refusal)) from refusal
    click.echo("\n".join(told))


@main.command("support-bundle")
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


@main.command("verify-receipt")
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


@main.command()
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the standby, which is running.")
def promote(data: Path | None) -> None:
    """Tell a standby to lead: the same as its button on the page of the server."""
    settings = read_settings("classroom", {"data": data})
    try:
        click.echo(f"leading {promote_standby(settings)} sitting(s) from now on")
    except Refusal as refusal:
        raise click.ClickException(describe_refusal(refusal)) from refusal


@main.command("add-account")
@click.argument("login")
@click.option("--role", required=True, type=click.Choice(["coordinator", "expert"]), help="What the person is.")
@click.option("--head", is_flag=True, help="An expert who heads the commission.")
@click.option("--territory", help="What a coordinator sees: a region or region/municipality; without it, all.")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the hub.")
def add_account(login: str, role: str, head: bool, territory: str | None, data: Path | None) -> None:
    """Make the first account of a hub that is not running; prints its one-time password."""
    settings = read_settings("hub", {"data": data})
    if is_running(settings.run_folder):
        raise click.ClickException("the hub is running: a coordinator makes accounts on its pages")
    prepare_role(settings)
    storage, now_ms = Storage(settings.storage_url), SystemClock().now_ms()
    try:
        password = storage.write(lambda session: create_account(
            session, now_ms, login, role, territory=territory, is_head=head, by="command line"))
    except Refusal as refusal:
        raise click.ClickException(f"{refusal.code}: {refusal.message}") from refusal
    finally:
        storage.close()
    click.echo(f"{login}: {password}  (one-time: it must be changed at the first sign-in)")


@main.command()
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


@main.command(hidden=True)
def core() -> None:
    """The core process of the role in TESTING_SERVER_ROLE."""
    settings = read_child_settings("core")
    serve_core(lambda: make_role_app(settings, SystemClock()), settings)


@main.command(hidden=True)
def files() -> None:
    """The files process of the role in TESTING_SERVER_ROLE."""
    settings = read_child_settings("files")
    serve_files(lambda: make_files_app(settings, SystemClock()), settings)


@main.command()
def worker() -> None:
    """The worker process of the role in TESTING_SERVER_ROLE."""
    run_worker(read_child_settings("worker"), SystemClock())


def _interrupt(*told: Any) -> None:
    raise KeyboardInterrupt


def run_role(settings: Settings, memory: MemoryKeeper | None = None) -> int:
    """Checks, prepares and supervises a role until it is told to stop. `memory`: what its processes find unlocked."""
    try:
        check_exposure(settings)
        check_disk(settings.data)
    except REFUSALS as refusal:
        raise click.ClickException(str(refusal)) from refusal
    keep_ballast(settings.data, settings.ballast_mb * 1024 * 1024, ask_free(settings.data))
    keep_log(settings.data, "supervisor")
    chosen = choose_ports(settings)
    prepare_role(chosen)
    supervisor = Supervisor(make_children(chosen), chosen.run_folder, SystemClock(), memory or MemoryKeeper.create())
    supervisor.listen_to_signals()
    click.echo(f"{chosen.role}: {name_address(chosen)}, console http://127.0.0.1:{chosen.console_port}")
    return supervisor.run()


def name_address(settings: Settings) -> str:
    """The address others type: of this machine in its network, where the server listens to all of it."""
    host = list_own_hosts()[-1] if settings.host == "0.0.0.0" else settings.host
    return f"{'https' if settings.tls else 'http'}://{host}:{settings.port}"


def read_settings(role: Any, options: dict[str, Any]) -> Settings:
    """Settings from options and the environment; a bad one is told in one line."""
    try:
        return load_settings(role, os.environ, **options)
    except BadSetting as refusal:
        raise click.ClickException(str(refusal)) from refusal


def read_child_settings(process: str) -> Settings:
    """What the supervisor passed on; without it this process has nothing to do. `process`: the name of its log."""
    parent = os.environ.get(PARENT, "")
    if parent.isdecimal():
        end_with_parent(int(parent))
    settings = read_settings(os.environ.get("TESTING_SERVER_ROLE", "classroom"), {})
    keep_log(settings.data, process)
    return settings


for command in (rehearse, verify):
    main.add_command(command)


if __name__ == "__main__":
    main()
