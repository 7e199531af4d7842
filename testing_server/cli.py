"""The command `testing-server`.

Takes arguments and the environment. Starts a role under its supervisor, or one of the role's processes; commands for a
special moment are in `commands` and imported when somebody names one: a supervisor lives as long as the exam.
"""
from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from testing_server.asked import read_settings
from testing_server.exam_day.support.logs import keep_log
from testing_server.foundation.clock import SystemClock
from testing_server.foundation.disk.ballast import keep_ballast
from testing_server.foundation.disk.disk import ask_free
from testing_server.foundation.serving.disk import DiskTooFull, check_disk
from testing_server.foundation.serving.plain import PlainNetworkRefused, check_exposure
from testing_server.foundation.settings import Settings
from testing_server.foundation.supervision import MemoryKeeper, Supervisor, choose_ports, make_children
from testing_server.foundation.tls.files import list_own_hosts
from testing_server.processes import FORM, core, files, worker
from testing_server.roles import prepare_role

REFUSALS = (DiskTooFull, PlainNetworkRefused)


class Commands(click.Group):
    """Roles and processes are here, the rest is found when it is named or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_read_rest().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or _read_rest().get_command(ctx, cmd_name)


def _read_rest() -> click.Group:
    from testing_server.commands import rest
    return rest


@click.group(cls=Commands)
def main() -> None:
    """Testing server: the hub of a region or the classroom server of a school."""
    logging.basicConfig(level=logging.INFO, format=FORM)


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
    from testing_server.exam_day.recovery.command import Asked, begin_recovery, describe_refusal
    from testing_server.foundation.refusals import Refusal
    keeper = MemoryKeeper.create()
    try:
        begin_recovery(settings, Asked(key, archives, source, standby), keeper, prepare_role)
    except Refusal as refusal:
        raise click.ClickException(describe_refusal(refusal)) from refusal
    sys.exit(run_role(settings, keeper))


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


for process in (core, files, worker):
    main.add_command(process)


if __name__ == "__main__":
    main()
