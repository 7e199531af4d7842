"""The world of the journeys: a hub, a classroom, a virtual microphone and a browser, all real and all on loopback.

Made once for all journeys, because founding a campaign and opening its archives takes half a minute.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from audio.virtual import VirtualMicrophone, speak_text, start_virtual_microphone
from testing_server.foundation.clock import SystemClock
from testing_server.foundation.services import build_services
from testing_server.foundation.settings import load_settings
from testing_server.foundation.supervision import find_free_port
from testing_server.migrations import upgrade_database
from testing_server.rehearsal.founding import Account, Founded, draw_account, found_demonstration
from testing_server.rehearsal.processes import Server, Teller
from tests.journeys.browsing import Browsing
from tests.journeys.candidates import Seat
from tests.journeys.organizers import Organizer

CODES = 8
ROOM = "Кабинет 12"
READ_ALOUD = ("Bees are small insects, but their work is very important for people. They live in big families in the "
              "forest or in the garden. In summer bees fly from flower to flower and collect sweet juice.")
DESCRIBED = ("I would like to describe picture two. The picture shows a quiet place and a person who is busy. I like "
             "this picture because it is bright, and because I often do the same with my friends at the weekend.")
CHECKED = "Good morning! I am ready to answer, and you can hear me well."


@dataclass
class World:
    """What runs, and what people of the day know."""

    folder: Path
    founded: Founded
    hub: Server
    classroom: Server
    microphone: VirtualMicrophone
    voices: dict[str, Path]
    browsing: Browsing
    account: Account = field(default_factory=lambda: draw_account("organizer"))
    passphrase: str = field(default_factory=lambda: draw_account("key").password)
    logins: dict[str, str] = field(default_factory=dict)
    handed: dict[str, str] = field(default_factory=dict)

    def take_codes(self, count: int) -> list[str]:
        """Codes no sitting has used yet."""
        taken = sorted(self.logins)[:count]
        for code in taken:
            self.handed[code] = self.logins.pop(code)
        return taken


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Servers just started: nobody has touched the classroom yet."""
    folder = tmp_path_factory.mktemp("day")
    with ExitStack() as stack:
        port, founded = found_campaign(folder / "hub")
        hub = start(stack, Server("hub", folder / "hub", folder / "hub.log", port=port, host="127.0.0.1"))
        classroom = start(stack, Server("classroom", folder / "classroom", folder / "classroom.log",
                                        host="127.0.0.1"))
        microphone = stack.enter_context(start_virtual_microphone(folder / "sound"))
        browsing = Browsing(stack.enter_context(sync_playwright()), folder / "screens")
        stack.callback(browsing.close)
        made = World(folder, founded, hub, classroom, microphone, record_voices(folder), browsing)
        stack.callback(lambda: made.classroom.stop())
        yield made


def found_campaign(data: Path) -> tuple[int, Founded]:
    """The demonstration campaign on a hub that has not started yet."""
    port, settings = find_free_port(), load_settings("hub", {}, data=data)
    data.mkdir(parents=True)
    upgrade_database(settings.storage_url)
    offered = build_services(settings, SystemClock())
    try:
        return port, found_demonstration(offered, f"http://127.0.0.1:{port}", CODES)
    finally:
        offered.storage.close()


def start(stack: ExitStack, server: Server) -> Server:
    """Runs until the end of the stack."""
    stack.callback(server.stop)
    server.wait_until_healthy()
    return server


def record_voices(folder: Path) -> dict[str, Path]:
    """What candidates are going to say."""
    said = {"check": CHECKED, "reading": READ_ALOUD, "photo": DESCRIBED}
    return {name: speak_text(text, "en", folder / f"{name}.wav") for name, text in said.items()}


@pytest.fixture(scope="package")
def organizer(world: World) -> Organizer:
    """The organizer at the console, all preparations done on its pages: archives open, list of codes there."""
    person = Organizer(world.browsing, world.classroom.address)
    person.take_first_steps(world.founded.school_name, ROOM, world.passphrase, world.account)
    person.connect(world.founded.credentials)
    person.open_archives(["Английский язык", "Метапредметная"])
    world.logins.update(person.fetch_codes(world.founded.day))
    return person


@pytest.fixture(scope="module")
def sit_down(world: World) -> Iterator[Callable[[str], Seat]]:
    """`sit_down(name)`: an agent of its own on a new folder, and its page."""
    with ExitStack() as stack:
        def open_seat(name: str) -> Seat:
            agent = start_agent(world, name)
            stack.callback(agent.stop)
            page = world.browsing.open_page(name)
            stack.callback(page.context.close)
            page.goto(str(agent.wait_for("page", 60)["address"]))
            return Seat(world.browsing, page, agent)
        yield open_seat


def start_agent(world: World, name: str) -> Teller:
    """A workstation's own program as a process, hearing the virtual microphone."""
    server = f"https://127.0.0.1:{world.classroom.port}"
    command = [sys.executable, "-m", "kiosk_client", "--server", server, "--data", str(world.folder / name), "--json",
               "--microphone", world.microphone.device]
    return Teller(name, command, world.folder / f"{name}.log", lambda step: None, world.microphone.environment)


@pytest.fixture(autouse=True)
def no_page_complains(world: World) -> Iterator[None]:
    """Every test ends with pages that had nothing to complain of."""
    yield
    found, world.browsing.complaints[:] = list(world.browsing.complaints), []
    assert found == []
