"""The technician's commands: check, install, uninstall, update, pair. Each says what it did and what is left to do."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from kiosk_client.installing import UNIT, Start, Step, do_steps, plan_install, plan_uninstall
from kiosk_client.link import check_address
from kiosk_client.claims_seen import ClaimsSeen
from kiosk_client.identity import Paired, keep_paired, name_machine, open_key
from kiosk_client.journal import Journal
from kiosk_client.pairing_file import hand_to_agent, open_file, pair_by_file
from kiosk_client.purging import HUB_ROOT
from kiosk_client.refusals import AlreadyRunning, PairingRefused, SeatRefusal
from kiosk_client.startup import FolderLock
from kiosk_client.system_door import SystemDoor, open_door
from kiosk_client.updating import update
from testing_server.contracts.pairing_file import PairingFile


@dataclass(frozen=True)
class Told:
    """What every command knows from the group's options; `data` is None where the usual folder is meant."""

    folder: Path
    server: str
    microphone: str | None
    data: Path | None


@click.command("check")
@click.option("--seconds", default=5.0, help="How long to listen; 0 = nobody speaks.")
@click.option("--language", default="ru", type=click.Choice(["ru", "en"]), help="Of what is printed.")
@click.pass_obj
def check(told: Told, seconds: float, language: str) -> None:
    """Look at this machine: sound, disk, clock, browser, link, and what ruins exam days. Exit code 1 = not ready."""
    # Every start of a seat reads this module, and none of them checks.
    from kiosk_client.machine.terminal import Asked, check_machine

    sys.exit(check_machine(Asked(told.folder, told.server, told.microphone, seconds, language), open_door()))


@click.command("install")
@click.option("--headless", is_flag=True, help="Without a browser and a desktop.")
@click.option("--dry-run", is_flag=True, help="Tell what would be done, do nothing.")
@click.pass_obj
def install(told: Told, headless: bool, dry_run: bool) -> None:
    """Let the workstation start by itself when this user signs in."""
    door = open_door()
    try:
        steps = plan_install(door, Start(find_program(door), list_options(told), headless))
    except SeatRefusal as refusal:
        raise click.ClickException(f"{refusal.code}: {refusal.details}") from refusal
    carry_out(door, steps, dry_run)
    if not dry_run:
        click.echo("\n".join(list_next_steps(door, headless)))


@click.command("uninstall")
@click.option("--dry-run", is_flag=True, help="Tell what would be done, do nothing.")
@click.pass_obj
def uninstall(told: Told, dry_run: bool) -> None:
    """Let it start by itself no more. Journal and sound stay where they are."""
    door = open_door()
    carry_out(door, plan_uninstall(door), dry_run)
    if not dry_run:
        click.echo(f"Место больше не запускается само. Ответы и звук остались в {told.folder}: не удаляйте их до "
                   "квитанции хаба.")


@click.command("update")
@click.option("--dry-run", is_flag=True, help="Tell what would be installed, change nothing.")
@click.pass_obj
def update_program(told: Told, dry_run: bool) -> None:
    """Install the version that the paired classroom server hands out. Refused while somebody works here."""
    try:
        version = update(told.folder, open_door(), click.echo, dry_run)
    except SeatRefusal as refusal:
        raise click.ClickException(f"{refusal.code}: {refusal.details}") from refusal
    click.echo(f"Установлена версия {version}.")


@click.command("pair")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--seat", default="", help="Number of this seat; without it the next free one.")
@click.pass_obj
def pair(told: Told, file: Path, seat: str) -> None:
    """Pair this workstation by a file from the console, without digits. Works beside a running workstation too."""
    try:
        click.echo(f"Место {pair_here(told, file.read_bytes(), seat)} сопряжено.")
    except SeatRefusal as refusal:
        raise click.ClickException(f"{refusal.code}: {refusal.details}") from refusal


def pair_here(told: Told, data: bytes, seat: str) -> str:
    """The seat's number; by the agent that is running, else by this process. Raises SeatRefusal."""
    file = open_file(data)
    servers = [check_address(told.server)] if told.server else []
    try:
        lock = FolderLock(told.folder)
    except AlreadyRunning:
        answer = hand_to_agent(told.folder, data, seat)
        if answer.code:
            raise PairingRefused(f"{answer.code}: {answer.details}") from None
        return answer.seat
    try:
        return pair_folder(told.folder, file, seat, servers).seat
    finally:
        lock.release()


def pair_folder(folder: Path, file: PairingFile, seat: str, servers: Sequence[str]) -> Paired:
    """Pin what the file's server answers in a folder that nobody else uses. Raises SeatRefusal."""
    journal = Journal(folder / "journal.sqlite", name_machine())
    try:
        paired = pair_by_file(file, open_key(folder / "workstation.key"), seat, servers)
        keep_paired(journal, paired)
        # Another server may belong to another hub: its first hello names it.
        journal.set(HUB_ROOT, "")
        ClaimsSeen(journal).forget()
        return paired
    finally:
        journal.close()


COMMANDS = (check, install, uninstall, update_program, pair)


def carry_out(door: SystemDoor, steps: Sequence[Step], is_dry: bool) -> None:
    """Do the steps, or tell them. Raises ClickException."""
    if is_dry:
        for step in steps:
            click.echo(step.describe())
        return
    try:
        do_steps(door, steps)
    except SeatRefusal as refusal:
        raise click.ClickException(f"{refusal.code}: {refusal.details}") from refusal


def find_program(door: SystemDoor) -> str:
    """The Python of this environment; on Windows the one that opens no console."""
    program = Path(sys.executable)
    without_console = program.with_name("pythonw.exe")
    is_there = door.platform == "win32" and without_console.name in door.list_names(program.parent)
    return str(without_console if is_there else program)


def list_options(told: Told) -> tuple[str, ...]:
    """The group's options as the installed workstation is started with them. Raises InsecureServer."""
    options: list[str] = []
    if told.server:
        options += ["--server", check_address(told.server)]
    if told.data is not None:
        options += ["--data", str(told.data.absolute())]
    if told.microphone:
        options += ["--microphone", told.microphone]
    return tuple(options)


def list_next_steps(door: SystemDoor, is_headless: bool) -> list[str]:
    """What a person should know after installing."""
    if door.platform == "win32":
        return ["Место запустится при следующем входе этого пользователя в Windows."]
    lines = [f"Место запустится при следующем входе в графический сеанс. Сейчас: systemctl --user start {UNIT}"]
    if is_headless:
        # Without a desktop nobody signs in: the user's services begin only where lingering is on.
        lines = [f"Чтобы место запускалось без входа: sudo loginctl enable-linger {getpass.getuser()}",
                 f"Сейчас: systemctl --user start {UNIT}"]
    return lines
