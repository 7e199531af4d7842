"""Updates over a real TLS connection: what is believed, what is refused, and that nobody is disturbed."""

from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from flask import Flask, Response, abort
from werkzeug.serving import make_server

from kiosk_client import updating
from kiosk_client.cli import main
from kiosk_client.clock import Stamp
from kiosk_client.drafts import Draft
from kiosk_client.fake_authority import FakeAuthority
from kiosk_client.identity import Paired, keep_paired, name_machine
from kiosk_client.journal import Journal
from kiosk_client.refusals import AlreadyRunning, ServerAway
from kiosk_client.seating import CURRENT
from kiosk_client.startup import FolderLock
from kiosk_client.system_door import Ran
from testing_server.contracts.events import EventKind
from tests.kiosk_client.machine.fake_door import FakeDoor

TARGET = updating.name_target("linux")
WHEELS = {"testing_server-9.0-py3-none-any.whl": b"our wheel", "numpy-1.0-py3-none-any.whl": b"another"}


@dataclass
class Handing:
    """A server that hands out; tests change what it says and what it gives."""

    authority: FakeAuthority
    told: dict[str, Any]
    files: dict[str, bytes]
    url: str = ""
    asked: list[str] = field(default_factory=list)

    def make_app(self) -> Flask:
        app = Flask("handing")
        app.add_url_rule("/v1/handout", "list", lambda: Response(msgspec.json.encode(self.told)))
        app.add_url_rule("/v1/handout/files/<name>", "file", self.give)
        return app

    def give(self, name: str) -> Response:
        self.asked.append(name)
        return Response(self.files[name]) if name in self.files else abort(404)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Handing]:
    files = [{"name": name, "sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body), "targets": [TARGET]}
             for name, body in WHEELS.items()]
    other = {"name": "other.whl", "sha256": "0" * 64, "bytes": 1, "targets": ["win_amd64-cp311"]}
    handing = Handing(FakeAuthority(), {
        "format": "handout/1", "version": "9.0", "protocol": ["1.0", "1.0"], "files": [*files, other],
        "frozen": False}, dict(WHEELS))
    listening = make_server("127.0.0.1", 0, handing.make_app(), threaded=True,
                            ssl_context=handing.authority.make_context(tmp_path))
    handing.url = f"https://127.0.0.1:{listening.server_port}"
    threading.Thread(target=listening.serve_forever, args=(0.05,), daemon=True).start()
    yield handing
    listening.shutdown()
    listening.server_close()


@pytest.fixture
def folder(tmp_path: Path, server: Handing) -> Path:
    """A data folder that is paired with the server."""
    made = tmp_path / "seat"
    made.mkdir()
    pair(made, server.url, server.authority.pem)
    return made


def pair(folder: Path, url: str, pem: str) -> None:
    journal = Journal(folder / "journal.sqlite", name_machine())
    keep_paired(journal, Paired(url, pem, "w1", "7", "Школа", "{}"))
    journal.close()


def sit(folder: Path, finished: bool) -> None:
    """A candidate at this seat, who has finished or not."""
    journal = Journal(folder / "journal.sqlite", name_machine())
    journal.set(CURRENT, "a1")
    journal.keep_grant("a1", 1, "{}")
    kinds = [EventKind.LEASE_OPENED] + ([EventKind.ATTEMPT_FINISHED] if finished else [])
    data: list[dict[str, Any]] = [{"workstation": "w1", "generation": 1}, {"reason": "candidate"}]
    journal.append("a1", 1, [Draft(kind, data[number]) for number, kind in enumerate(kinds)],
                   lambda: Stamp(1, 0, 1, "b"))
    journal.close()


def door() -> FakeDoor:
    return FakeDoor(programs={f"{sys.executable} -m pip": "", "systemctl": ""})


def test_the_version_of_the_server_is_installed_from_what_it_gave(folder: Path, server: Handing) -> None:
    here, said = door(), list[str]()
    assert updating.update(folder, here, said.append) == "9.0"
    wheels = folder / "updates" / "9.0"
    assert {path.name: path.read_bytes() for path in wheels.iterdir()} == WHEELS
    pip = here.ran[-1]
    assert "--no-index" in pip and "--isolated" in pip and pip.endswith("testing-server==9.0") and str(wheels) in pip
    FolderLock(folder).release()


def test_what_was_fetched_before_a_cut_is_not_fetched_again(folder: Path, server: Handing) -> None:
    wheels = folder / "updates" / "9.0"
    wheels.mkdir(parents=True)
    first, second = WHEELS
    (wheels / first).write_bytes(WHEELS[first])
    (wheels / second).write_bytes(b"half")
    updating.update(folder, door(), lambda text: None)
    assert server.asked == [second]


def test_a_file_that_is_not_the_listed_one_is_refused(folder: Path, server: Handing) -> None:
    server.files[next(iter(WHEELS))] = b"our wheel, changed on the way"
    here = door()
    with pytest.raises(updating.DigestDiffers):
        updating.update(folder, here, lambda text: None)
    assert here.ran == []


def test_a_server_of_another_authority_is_not_asked(folder: Path, server: Handing) -> None:
    pair(folder, server.url, FakeAuthority("Чужие").pem)
    with pytest.raises(ServerAway):
        updating.update(folder, door(), lambda text: None)
    assert server.asked == []


def test_nobody_is_disturbed_at_work(folder: Path, server: Handing) -> None:
    sit(folder, finished=False)
    here = door()
    with pytest.raises(updating.AttemptOpen):
        updating.update(folder, here, lambda text: None)
    assert here.ran == [] and server.asked == []


def test_who_has_finished_is_no_hindrance(folder: Path, server: Handing) -> None:
    sit(folder, finished=True)
    assert updating.update(folder, door(), lambda text: None) == "9.0"


def test_a_sitting_of_the_room_keeps_its_software(folder: Path, server: Handing) -> None:
    server.told["frozen"] = True
    with pytest.raises(updating.WorksGoOn):
        updating.update(folder, door(), lambda text: None)


@pytest.mark.parametrize("change", [{"format": "handout/7"}, {"version": "9.0; rm -rf"}, {"files": []}])
def test_a_list_that_cannot_be_used_is_refused(folder: Path, server: Handing, change: dict[str, Any]) -> None:
    server.told.update(change)
    with pytest.raises(updating.UpdateRefused):
        updating.update(folder, door(), lambda text: None)


def test_a_seat_without_a_server_is_told_what_to_do(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["--data", str(tmp_path / "empty"), "update"])
    assert done.exit_code == 1 and "not_paired" in done.output and not (tmp_path / "empty").exists()


def test_an_agent_that_runs_is_not_updated_under_its_feet(folder: Path, server: Handing) -> None:
    lock, here = FolderLock(folder), door()
    with pytest.raises(AlreadyRunning):
        updating.update(folder, here, lambda text: None)
    assert not any("pip" in line for line in here.ran)
    lock.release()


def test_the_installed_program_is_stopped_and_started_even_when_pip_fails(folder: Path, server: Handing) -> None:
    here = FakeDoor(programs={f"{sys.executable} -m pip": Ran(1, "no room"), "systemctl": ""})
    here.files["/home/pupil/.config/systemd/user/kiosk-client.service"] = "[Unit]"
    with pytest.raises(updating.InstallationFailed, match="no room"):
        updating.update(folder, here, lambda text: None)
    assert [line.split()[2] for line in here.ran if line.startswith("systemctl")] == ["stop", "start"]


def test_the_same_version_and_a_dry_run_change_nothing(
        folder: Path, server: Handing, monkeypatch: pytest.MonkeyPatch) -> None:
    here, said = door(), list[str]()
    assert updating.update(folder, here, said.append, is_dry=True) == updating.find_version()
    monkeypatch.setattr(updating, "find_version", lambda: "9.0")
    assert updating.update(folder, here, said.append) == "9.0"
    assert here.ran == [] and server.asked == [] and "9.0" in said[0]


def test_windows_asks_for_its_own_wheels(folder: Path, server: Handing) -> None:
    with pytest.raises(updating.UpdateRefused, match="win_amd64"):
        server.told["files"] = server.told["files"][:2]
        updating.update(folder, FakeDoor("win32"), lambda text: None)
