"""`kiosk-client update`: the version the classroom server hands out, installed into this very environment.

Takes the data folder and the door; gives the version installed. Nothing is believed but the pinned authority and the
digests it vouches for; nothing is changed while somebody works here or the server says that works go on.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from kiosk_client.identity import Paired, name_machine, read_paired
from kiosk_client.installing import switch
from kiosk_client.journal import CURRENT, Journal
from kiosk_client.link import FILES_TIMEOUT, Wire
from kiosk_client.refusals import SeatRefusal
from kiosk_client.startup import FolderLock
from kiosk_client.system_door import SystemDoor
from testing_server.contracts.events import EventKind
from testing_server.contracts.handout import BadHandout, Handout, HandoutFile, HandoutTold, choose_files, read_handout

DISTRIBUTION = "testing-server"
PIP_SECONDS = 900.0

Say = Callable[[str], None]


class UpdateRefused(SeatRefusal):
    """Not now, or not from there; the text says what to do."""

    code = "update_refused"


class AttemptOpen(UpdateRefused):
    """Somebody works at this seat."""

    code = "attempt_open"


class WorksGoOn(UpdateRefused):
    """A sitting of the classroom keeps its software until the hub's receipt."""

    code = "works_go_on"


class NotPaired(UpdateRefused):
    """No server is pinned."""

    code = "not_paired"


class DigestDiffers(UpdateRefused):
    """A file is not the one that the server's list vouches for."""

    code = "digest_mismatch"


class InstallationFailed(UpdateRefused):
    """pip refused."""

    code = "pip_failed"


@dataclass(frozen=True)
class Offer:
    """What the server hands out for this machine."""

    handout: HandoutTold
    files: list[HandoutFile]


def update(folder: Path, door: SystemDoor, say: Say, is_dry: bool = False) -> str:
    """The version that is installed now. Raises UpdateRefused, AlreadyRunning, Refused, ServerAway."""
    paired = read_seat(folder)
    wire = Wire(paired.server, paired.authority_pem if paired.server.startswith("https") else None)
    try:
        offer = ask_offer(wire, name_target(door.platform))
        if offer.handout.version == find_version():
            say(f"Версия {offer.handout.version} уже установлена.")
            return offer.handout.version
        say(f"Версия {find_version()} → {offer.handout.version}, файлов: {len(offer.files)}.")
        if is_dry:
            return find_version()
        wheels = fetch_files(wire, offer, folder / "updates" / offer.handout.version, say)
    finally:
        wire.close()
    with standing_still(folder, door):
        install_wheels(door, wheels, offer.handout.version)
    return offer.handout.version


def read_seat(folder: Path) -> Paired:
    """What pairing gave. Raises NotPaired, AttemptOpen."""
    if not (folder / "journal.sqlite").exists():
        raise NotPaired("Место ещё не сопряжено: поставьте программу строкой со страницы /install сервера.")
    journal = Journal(folder / "journal.sqlite", name_machine())
    try:
        refuse_open_attempt(journal)
        paired = read_paired(journal)
    finally:
        journal.close()
    if paired is None:
        raise NotPaired("Место ещё не сопряжено: сопрягите его с сервером аудитории.")
    return paired


def refuse_open_attempt(journal: Journal) -> None:
    """Raises AttemptOpen unless the attempt at this seat has ended."""
    attempt = journal.get(CURRENT)
    events = journal.list_events(attempt) if attempt else []
    if attempt and not any(event.kind == EventKind.ATTEMPT_FINISHED for event in events):
        raise AttemptOpen("За местом сидит участник. Обновите программу после того, как он закончит и выйдет.")


def ask_offer(wire: Wire, target: str) -> Offer:
    """Raises WorksGoOn, UpdateRefused."""
    try:
        handout: Handout = read_handout(wire.request("GET", "/v1/handout").body, HandoutTold)
    except BadHandout as error:
        raise UpdateRefused(f"Список программ сервера не читается: {error}") from error
    assert isinstance(handout, HandoutTold)
    if handout.frozen:
        raise WorksGoOn("На сервере идут работы. Обновите программу после квитанции хаба.")
    files = choose_files(handout, target)
    if not files:
        raise UpdateRefused(f"На сервере нет программы для {target}.")
    return Offer(handout, files)


def name_target(platform: str) -> str:
    """This machine as the server's list names it."""
    system = "win_amd64" if platform == "win32" else "linux"
    return f"{system}-cp{sys.version_info[0]}{sys.version_info[1]}"


def find_version() -> str:
    """The version installed here."""
    return metadata.version(DISTRIBUTION)


def fetch_files(wire: Wire, offer: Offer, folder: Path, say: Say) -> Path:
    """Every file, compared with its digest; what is here already is not fetched again. Raises DigestDiffers."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, file in enumerate(offer.files, 1):
        path = folder / file.name
        if path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256:
            continue
        say(f"{number}/{len(offer.files)} {file.name}")
        body = wire.request("GET", f"/v1/handout/files/{file.name}", timeout=FILES_TIMEOUT).body
        if hashlib.sha256(body).hexdigest() != file.sha256:
            raise DigestDiffers(f"Файл {file.name} на сервере повреждён: скопируйте папку dist на сервер заново.")
        path.write_bytes(body)
    return folder


@contextmanager
def standing_still(folder: Path, door: SystemDoor) -> Iterator[None]:
    """The program is stopped, and started again whatever happens. Raises AlreadyRunning, AttemptOpen."""
    switch(door, False)
    try:
        lock = FolderLock(folder)
        try:
            # Between the first look and now somebody may have signed in.
            read_seat(folder)
            yield
        finally:
            lock.release()
    finally:
        switch(door, True)


def install_wheels(door: SystemDoor, wheels: Path, version: str) -> None:
    """From the folder alone, into the environment this program runs in. Raises InstallationFailed."""
    ran = door.run(sys.executable, "-m", "pip", "install", "--isolated", "--no-input", "--disable-pip-version-check",
                   "--quiet", "--no-index", "--find-links", str(wheels), f"{DISTRIBUTION}=={version}",
                   seconds=PIP_SECONDS)
    if not ran.is_good:
        raise InstallationFailed(ran.output.strip()[-1000:] or f"pip: {ran.code}")
