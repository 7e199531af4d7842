"""`kiosk-client`: runs the agent of this workstation; further commands prepare the machine for it."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
import webbrowser
from logging.handlers import RotatingFileHandler
from pathlib import Path

import click

from kiosk_client.agent import Agent, Options
from kiosk_client.commands import COMMANDS, Told
from kiosk_client.link import check_address
from kiosk_client.lockdown import KioskBrowser
from kiosk_client.recorder_service import make_microphone
from kiosk_client.refusals import SeatRefusal
from kiosk_client.screens.server import PageServer
from kiosk_client.seating import CURRENT
from kiosk_client.startup import RESERVE_BYTES, check_disk
from kiosk_client.system_door import open_door


def default_folder() -> Path:
    """Where this user's agent keeps its journal."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "kiosk-client"
    return Path(os.environ.get("XDG_DATA_HOME", str(Path.home() / ".local" / "share"))) / "kiosk-client"


@click.group(invoke_without_command=True)
@click.option("--server", default="", help="Address of the classroom server; without it the network is asked.")
@click.option("--data", type=click.Path(path_type=Path), default=None, help="Folder of the journal.")
@click.option("--port", default=0, help="Port of the page on 127.0.0.1; 0 = the last one, else a free one.")
@click.option("--microphone", default=None, help="Name of the microphone; without it the default one.")
@click.option("--open-browser", "open_browser", is_flag=True, help="Open the page in the usual browser.")
@click.option("--kiosk", is_flag=True, help="Open the page in a browser that shows nothing else.")
@click.option("--json", "as_json", is_flag=True, help="Tell the page's address as a JSON line.")
@click.version_option(package_name="testing-server")
@click.pass_context
def main(context: click.Context, server: str, data: Path | None, port: int, microphone: str | None,
         open_browser: bool, kiosk: bool, as_json: bool) -> None:
    """The agent of one workstation: journal, recorder, link to the classroom server, and its page."""
    folder = data or default_folder()
    context.obj = Told(folder, server, microphone, data)
    if context.invoked_subcommand is not None:
        return
    try:
        keep_log(folder)
        run_agent(Options(folder, check_address(server) if server else "", make_microphone(microphone),
                          RESERVE_BYTES, open_door()), port, open_browser, kiosk, as_json)
    except SeatRefusal as refusal:
        raise click.ClickException(f"{refusal.code}: {refusal.details}") from refusal


def keep_log(folder: Path) -> None:
    """On the terminal; started without one (Windows, at sign-in), in the data folder, two megabytes at most."""
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    if sys.stderr is None:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(folder / "agent.log", maxBytes=1_000_000, backupCount=1, encoding="utf-8")
    logging.basicConfig(level=logging.INFO, handlers=[handler],
                        format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)


def run_agent(options: Options, port: int, open_browser: bool, kiosk: bool, as_json: bool) -> None:
    """Until it is told to end. Raises AlreadyRunning, DiskTooFull, NoBrowser."""
    options.folder.mkdir(parents=True, exist_ok=True)
    agent = Agent(options)
    if agent.journal.get(CURRENT) is None:
        # Only before a work: who sits here must get back to it whatever the disk holds, the reserve is for that.
        check_disk(options.folder)
    page = PageServer(agent, port)
    browser = KioskBrowser(options.folder / "browser", page.launch_address) if kiosk else None
    agent.start()
    page.start()
    show_address(page.launch_address(), as_json)
    if browser is not None:
        agent.purging.on_deleted = browser.renew
        browser.start()
    elif open_browser:
        webbrowser.open(page.launch_address())
    wait_for_end(agent.exit_guard.left)
    if agent.exit_guard.left.is_set():
        agent.exit_guard.wait_delivered()
    if browser is not None:
        browser.stop()
    page.stop()
    agent.stop()


def show_address(address: str, as_json: bool) -> None:
    """The address works once: whoever opens it is at the seat."""
    if as_json:
        click.echo(json.dumps({"step": "page", "address": address}))
    else:
        click.echo(f"Страница рабочего места (адрес действует один раз): {address}")
    if sys.stdout is not None:
        sys.stdout.flush()


def wait_for_end(left: threading.Event) -> None:
    """Until the process is told to end, or an organizer leaves by the code."""
    ending = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *told: ending.set())
    while not left.is_set() and not ending.wait(0.5):
        continue


for command in COMMANDS:
    main.add_command(command)
