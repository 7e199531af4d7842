"""Another server in the place of one that is lost for good: what an organizer has at hand, what the room was before.

Takes the classroom's folder; gives a pocket (key, archive, cipher), a server that recovers into an empty folder, and
the room's facts for comparing. A machine with another disk at the same address: the folder is emptied, ports are kept.
"""
from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from testing_server.exam_day.school.link import open_hub_link
from testing_server.exam_day.school.queries import find_school
from testing_server.foundation.storage import Storage
from testing_server.foundation.supervision import read_ports
from testing_server.foundation.supervision.ports import write_ports
from testing_server.preparation.school_key import unlock_school_key
from testing_server.rehearsal.drill.witness import ask
from testing_server.rehearsal.processes import NotUp, Server

DATABASE = "classroom.sqlite"
TOLD_S, LEDGER_S = 60, 60
LOOK_S = 0.2
Facts = dict[str, set[tuple[Any, ...]]]
# what the room's people did: it must be the same after as before
FACTS = {
    "orders": "SELECT attempt, generation, number, text FROM room_directive",
    "incidents": "SELECT id, sitting, attempt, kind, text, by, at_ms FROM room_incident",
    "audit": "SELECT chain, number, content, digest FROM audit WHERE chain LIKE 'sitting:%'",
    "places": "SELECT id, code, login, variant, workstation FROM room_attempt",
}
# lines of a ledger that came after the takeover stand whole inside lines of the audit that went on
LATE_LINES = ("SELECT chain, json_extract(content, '$.details.number'), json_extract(content, '$.details.content'), "
              "json_extract(content, '$.details.digest') FROM audit "
              "WHERE chain LIKE 'sitting:%' AND verb = 'late_line_added'")


@dataclass(frozen=True)
class Pocket:
    """What recovery needs. `cipher` "" for an archive that has none."""

    key: Path
    archive: Path
    passphrase: str
    cipher: str

    @property
    def typed(self) -> str:
        """What is typed at the terminal, line by line."""
        return "".join(f"{line}\n" for line in (self.passphrase, self.cipher) if line)


def fill_pocket(data: Path, folder: Path, archive: str, passphrase: str, cipher: str) -> Pocket:
    """Copies of the locked key and the sealed archive, as on the organizer's stick; an earlier one is replaced."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copyfile(data / "keys" / "school.key", folder / "school.key")
    shutil.copytree(data / "archives" / archive, folder / "archive")
    return Pocket(folder / "school.key", folder / "archive", passphrase, cipher)


def fetch_cipher(data: Path, archive: str, passphrase: str) -> str:
    """As the organizer reads it at the hub in the morning."""
    storage = Storage(f"sqlite:///{data / DATABASE}")
    try:
        with storage.read() as session:
            school = find_school(session)
    finally:
        storage.close()
    link = open_hub_link(school, unlock_school_key((data / "keys" / "school.key").read_bytes(), passphrase))
    try:
        return str(link.fetch_release(archive)["cipher"])
    finally:
        link.close()


def empty_folder(data: Path) -> None:
    """Everything the server had is gone for good, but the address it stood at."""
    ports = read_ports(data)
    for path in data.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    write_ports(data, ports)


def read_facts(data: Path) -> Facts:
    """Orders, incidents, audit and who sits where, as the database has them."""
    facts = {name: set(ask(data / DATABASE, sql)) for name, sql in FACTS.items()}
    facts["audit"] |= set(ask(data / DATABASE, LATE_LINES))
    return facts


def count_facts(before: Facts, after: Facts) -> tuple[int, int]:
    """(how many there were, how many of these are there again as they were)."""
    kept = [len(rows & after.get(name, set())) for name, rows in before.items()]
    return sum(len(rows) for rows in before.values()), sum(kept)


def has_sitting(data: Path, sitting: str) -> bool:
    """Whether the server knows of it again: a workstation has handed in its ledger."""
    return bool(ask(data / DATABASE, "SELECT 1 FROM room_sitting WHERE id = ?", sitting))


def is_ledger_out(data: Path, sitting: str, seats: Iterable[Path]) -> bool:
    """Whether a workstation holds a ledger made after the last act in the room. `seats`: folders of workstations."""
    made = ask(data / DATABASE, "SELECT generation, version FROM room_ledger WHERE sitting = ? AND made_at_ms > "
               "(SELECT max(at_ms) FROM audit WHERE chain = ?)", sitting, f"sitting:{sitting}")
    return any((folder / "ledgers" / f"{sitting}.{generation}.{version}.ledger").exists()
               for generation, version in made for folder in seats)


def start_recovery(server: Server, pocket: Pocket, log: Path, environ: Mapping[str, str],
                   **options: str | int) -> tuple[Server, str]:
    """`testing-server classroom --recover` at the ports of `server`; (it, the password it printed). Raises NotUp."""
    recovered = Server("classroom", server.data, log, environ, ("--recover",), pocket.typed, port=server.port,
                       console_port=server.console_port, key=str(pocket.key), archive=str(pocket.archive), **options)
    end = time.monotonic() + TOLD_S
    while time.monotonic() < end and recovered.is_alive():
        for line in recovered.said:
            if line.startswith("organizer: "):
                return recovered, line.split()[1]
        time.sleep(LOOK_S)
    raise NotUp(f"{recovered.name} --recover: see {log}")
