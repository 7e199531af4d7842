"""Databases for tests: a real PostgreSQL of its own, and empty databases at a step of the history to be copied.

Takes binaries and folders. Gives URLs of databases that nobody else uses.
"""
from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from testing_server.foundation.supervision import find_free_port
from testing_server.migrations import read_revision, upgrade_database

OWNER = "postgres"


def find_binaries() -> Path | None:
    """Debian keeps them outside the search path, newest version last."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    plain = shutil.which("initdb")
    return found[-1].parent if found else Path(plain).parent if plain else None


def as_owner(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root."""
    return ["runuser", "-u", OWNER, "--", *command] if os.geteuid() == 0 else command


class PostgresServer:
    """A server of its own in a temporary folder, on a free port of loopback."""

    def __init__(self, binaries: Path) -> None:
        self.binaries = binaries
        self.folder = Path(tempfile.mkdtemp(prefix="postgres-"))
        self.port = find_free_port()
        if os.geteuid() == 0:
            shutil.chown(self.folder, OWNER, OWNER)
        self.count = 0

    def run(self, program: str, *arguments: str) -> None:
        subprocess.run(as_owner([str(self.binaries / program), *arguments]), check=True, cwd="/",
                       stdout=subprocess.DEVNULL, timeout=120)

    def start(self) -> None:
        data = str(self.folder / "data")
        self.run("initdb", "-D", data, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder} -c fsync=off"
        self.run("pg_ctl", "-D", data, "-o", options, "-l", str(self.folder / "log"), "-w", "start")

    def stop(self) -> None:
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def make_database(self, model: str = "template1") -> str:
        """A fresh database, a copy of `model`; gives its URL."""
        self.count += 1
        name = f"trial{self.count}"
        self.run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", OWNER, "-T", model, name)
        return f"postgresql://{OWNER}@127.0.0.1:{self.port}/{name}"


class Model:
    """An empty database at a step of the history: climbing there takes a second, a copy next to nothing.

    It only climbs, so ask for steps in their order. `server`: of PostgreSQL; without one it is a file of SQLite.
    """

    def __init__(self, folder: Path, server: PostgresServer | None = None) -> None:
        self.folder, self.server = folder, server
        self.url = server.make_database() if server else f"sqlite:///{folder / 'model.sqlite'}"
        self.revision: str | None = None
        self.count = 0

    def copy_at(self, revision: str) -> str:
        """The URL of a database of its own that stands there; "head" is the newest step."""
        if revision != self.revision:
            upgrade_database(self.url, revision)
            assert revision in ("head", read_revision(self.url)), "a model does not climb down"
            self.revision = revision
        if self.server:
            return self.server.make_database(self.url.rpartition("/")[2])
        self.count += 1
        name = self.folder / f"copy{self.count}.sqlite"
        shutil.copyfile(self.folder / "model.sqlite", name)
        return f"sqlite:///{name}"
