"""Handing software out: listed files and nothing else, commands a technician can trust, an installer that is run."""
from __future__ import annotations

import hashlib
import re
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest
from werkzeug.serving import make_server

from audio.sources import FileSource
from build_dist.manifest import write_manifest
from kiosk_client.agent import Agent, Options
from kiosk_client.machine import checking, resetting
from testing_server.contracts.handout import Handout, HandoutFile
from testing_server.exam_day.handout import seat_installer, store
from testing_server.exam_day.handout.rules import FREEZING, find_incomplete, is_frozen, list_addresses, make_command
from testing_server.exam_day.workstations.addresses import find_authority
from testing_server.exam_day.workstations.queries import list_workstations
from testing_server.foundation.tls import ensure_tls, make_authority
from tests.build_dist.builders import make_wheel
from tests.kiosk_client.conftest import wait_until
from tests.kiosk_client.machine.fake_door import FakeDoor
from tests.testing_server.exam_day.builders import Classroom

TARGET = seat_installer.name_target()


@pytest.fixture(autouse=True)
def no_folder_of_this_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A dist folder that a person has built beside the sources is not this test's."""
    monkeypatch.setattr(store.testing_server, "__file__", str(tmp_path / "elsewhere" / "package" / "__init__.py"))


def fill_dist(room: Classroom) -> Path:
    """A folder to hand out: one wheel that can be installed."""
    folder = room.data / "dist"
    wheel = make_wheel(folder, "testing-server", "0.9", command="kiosk-client")
    (folder / "python-3.12.7-amd64.exe").write_bytes(b"MZ")
    write_manifest(folder, "0.9", {TARGET: {wheel.name}})
    return folder


def test_without_a_folder_there_is_nothing_to_hand_out(open_room: Classroom) -> None:
    client = open_room.app.test_client()
    assert client.get("/v1/handout").get_json()["code"] == "nothing_to_hand_out"
    assert "make dist" in open_room.browser("technician").get("/handout").text
    assert "нет программ для рабочих мест" in client.get("/install").text


def test_everybody_in_the_room_gets_listed_files_and_no_others(open_room: Classroom) -> None:
    folder, client = fill_dist(open_room), open_room.app.test_client()
    (folder / "unlisted.whl").write_bytes(b"x")
    told = client.get("/v1/handout").get_json()
    assert told["version"] == "0.9" and told["protocol"] == ["1.0", "1.0"]
    for file in told["files"]:
        body = client.get(f"/v1/handout/files/{file['name']}").data
        assert hashlib.sha256(body).hexdigest() == file["sha256"] and len(body) == file["bytes"]
    for name in ("unlisted.whl", "manifest.json", "..%2fclassroom.sqlite", "SHA256SUMS"):
        assert client.get(f"/v1/handout/files/{name}").status_code == 404


@pytest.mark.parametrize("harm", ["shorten", "remove", "manifest", "names"])
def test_a_folder_copied_by_halves_is_not_handed_out(open_room: Classroom, harm: str) -> None:
    folder = fill_dist(open_room)
    wheel = next(folder.glob("*.whl"))
    if harm == "shorten":
        wheel.write_bytes(wheel.read_bytes()[:-1])
    elif harm == "remove":
        wheel.unlink()
    elif harm == "manifest":
        (folder / "manifest.json").write_text("{")
    else:
        told = msgspec.json.decode((folder / "manifest.json").read_bytes())
        told["files"][0]["name"] = "../room.sqlite"
        (folder / "manifest.json").write_bytes(msgspec.json.encode(told))
    refused = open_room.app.test_client().get("/v1/handout")
    assert (refused.status_code, refused.get_json()["code"]) == (503, "handout_damaged")


def test_updates_wait_while_a_sitting_goes_on(open_room: Classroom) -> None:
    fill_dist(open_room)
    assert open_room.app.test_client().get("/v1/handout").get_json()["frozen"] is True
    assert not is_frozen([]) and not is_frozen(["draft", "receipted", "purged", "cancelled"])
    assert all(is_frozen([state]) for state in FREEZING)


def test_the_console_lists_files_addresses_and_a_code(open_room: Classroom) -> None:
    fill_dist(open_room)
    page = open_room.browser("technician").get("/handout").text
    assert "python-3.12.7-amd64.exe" in page and "<svg" in page and "Идут работы" in page
    address = re.search(r"https://[0-9.]+:\d+/install", page)
    assert address is not None
    digest = store.hash_installer(find_authority(open_room.services.settings).pem)
    assert page.count(digest) >= 2 and digest.upper() in page
    assert open_room.app.test_client().get("/handout").status_code in (302, 401, 403)


def test_the_page_of_a_new_workstation_names_the_address_it_came_by(open_room: Classroom) -> None:
    fill_dist(open_room)
    page = open_room.app.test_client().get("/install", base_url="https://192.168.1.10:8443").text
    assert "python3 install.py https://192.168.1.10:8443" in page
    assert "http://localhost" not in open_room.app.test_client().get("/install").text


def test_the_link_is_measured_with_bytes_for_workstations_only(open_room: Classroom) -> None:
    kiosk = open_room.pair("1")
    first, second = (kiosk.ask("GET", "/v1/handout/probe?bytes=70000") for _ in range(2))
    assert first.status == 200 and open_room.app.test_client().get("/v1/handout/probe?bytes=9").status_code == 401
    assert kiosk.ask("GET", "/v1/handout/probe?bytes=-5").status == 200 and second.status == 200


def test_a_version_that_does_not_fit_is_told_where_the_fitting_one_is(open_room: Classroom) -> None:
    kiosk = open_room.pair("1")
    refused = kiosk.ask("POST", "/v1/hello", json={
        "workstation": kiosk.workstation, "protocol": ["2.0", "2.3"], "software": "", "boot_id": ""})
    assert refused.status == 426 and refused.json["details"]["kiosk"].endswith("/install")


def test_loopback_is_told_only_where_there_is_no_other_network() -> None:
    assert list_addresses(["127.0.0.1", "10.0.0.5"], 8443) == ["https://10.0.0.5:8443"]
    assert list_addresses(["127.0.0.1"], 8443) == ["https://127.0.0.1:8443"]


def test_sizes_find_what_is_missing() -> None:
    handout = Handout(format="handout/1", version="1", protocol=[], files=[
        HandoutFile(name=name, sha256="0" * 64, bytes=2) for name in ("a", "b", "c")])
    assert find_incomplete(handout, {"a": 2, "b": 1, "d": 2}) == ["b", "c"]


def test_a_real_seat_measures_its_link_and_is_listed(
        open_room: Classroom, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "look_at_devices", lambda: [])
    monkeypatch.setattr(resetting, "BEYOND_PROFILES", tmp_path)
    agent = Agent(Options(tmp_path / "seat", server, lambda: FileSource(np.zeros(2400, np.int16)), 0, FakeDoor()))
    agent.start()
    try:
        digits = agent.begin_pairing()
        assert open_room.type_digits(SimpleNamespace(pairing=agent.pairing.pairing), digits, "4") == "green"
        agent.confirm_pairing(True)
        wait_until(lambda: read_checks(open_room))
        found = read_checks(open_room)[0]
        assert found["link_kbytes_s"] > 100 and found["starts"] == 1
        assert {"server_good", "link_good", "tls_good"} <= {one["code"] for one in found["findings"]}
    finally:
        agent.stop()


def read_checks(room: Classroom) -> list[dict[str, Any]]:
    with room.services.storage.read() as session:
        return [one.check for one in list_workstations(session) if one.check]


# The installer, run as a technician runs it.

@pytest.fixture
def server(open_room: Classroom) -> Iterator[str]:
    """The room's application over its own TLS."""
    settings = open_room.services.settings
    files = ensure_tls(settings.keys_folder, int(time.time() * 1000))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    listening = make_server("127.0.0.1", 0, open_room.app, threaded=True, ssl_context=context)
    threading.Thread(target=listening.serve_forever, args=(0.05,), daemon=True).start()
    yield f"https://127.0.0.1:{listening.server_port}"
    listening.shutdown()
    listening.server_close()


def run_installer(room: Classroom, folder: Path, server: str, authority: str | None = None) -> Any:
    """Fetch /install.py and run it, as the one line does."""
    script = folder / "install.py"
    body = room.app.test_client().get("/install.py").data
    own = find_authority(room.services.settings).pem
    assert hashlib.sha256(body).hexdigest() == store.hash_installer(own)
    script.write_bytes(body if authority is None else body.replace(own.strip().encode(), authority.encode()))
    return subprocess.run([sys.executable, str(script), server, "--folder", str(folder / "program"), "--no-autostart"],
                          capture_output=True, text=True, timeout=120, env={"https_proxy": "http://127.0.0.1:1",
                                                                            "PATH": "/usr/bin:/bin"})


def test_a_new_workstation_is_installed_from_the_server_alone(
        open_room: Classroom, server: str, tmp_path: Path) -> None:
    fill_dist(open_room)
    done = run_installer(open_room, tmp_path, server)
    assert done.returncode == 0, done.stdout + done.stderr
    command = tmp_path / "program" / "bin" / "kiosk-client"
    assert subprocess.run([command], capture_output=True, text=True).stdout == "here\n"


def test_a_file_that_was_changed_on_the_server_is_not_installed(
        open_room: Classroom, server: str, tmp_path: Path) -> None:
    wheel = next(fill_dist(open_room).glob("*.whl"))
    changed = bytearray(wheel.read_bytes())
    changed[100] ^= 1
    wheel.write_bytes(changed)
    done = run_installer(open_room, tmp_path, server)
    assert done.returncode == 1 and "damaged" in done.stderr and not (tmp_path / "program").exists()


def test_a_server_of_another_authority_is_not_believed(open_room: Classroom, server: str, tmp_path: Path) -> None:
    fill_dist(open_room)
    other = make_authority("Другая школа", int(time.time() * 1000))
    done = run_installer(open_room, tmp_path, server, other.certificate.decode().strip())
    assert done.returncode == 1 and "another server" in done.stderr


def test_the_source_as_it_lies_here_trusts_nobody(tmp_path: Path) -> None:
    assert seat_installer.main(["https://127.0.0.1:1", "--folder", str(tmp_path)]) == 1


@pytest.mark.parametrize("listed", [
    b"{", b"[]", b'{"format": "handout/2", "version": "1", "files": []}',
    b'{"format": "handout/1", "version": "1 --index-url x", "files": []}',
    b'{"format": "handout/1", "version": "1", "files": [{"name": "../../x"}]}'])
def test_a_list_that_leads_elsewhere_is_refused(listed: bytes) -> None:
    with pytest.raises(seat_installer.Stop):
        seat_installer.read_list(listed)


def test_an_address_without_tls_is_refused() -> None:
    with pytest.raises(seat_installer.Stop):
        seat_installer.fetch(seat_installer.urllib.request.build_opener(), "http://127.0.0.1:1")


def test_the_line_for_linux_compares_before_it_runs(tmp_path: Path) -> None:
    """curl is replaced by a copy, spaces are lost as on a page: a script with another digest is not run."""
    good = b"import sys; print('ran', sys.argv[1])\n"
    for body, said in ((good, "ran https://10.0.0.5:8443"), (good + b"#", "STOP")):
        (tmp_path / "served").write_bytes(body)
        line = make_command("linux", "https://10.0.0.5:8443", hashlib.sha256(good).hexdigest())
        line = line.replace("curl -sko install.py https://10.0.0.5:8443/install.py", "cp served install.py", 1)
        done = subprocess.run(["sh", "-c", " ".join(line.split())], cwd=tmp_path, capture_output=True, text=True)
        assert done.stdout.startswith(said) and ("ran" in done.stdout) is (body == good)


def test_the_line_for_windows_compares_before_it_runs() -> None:
    line = make_command("windows", "https://10.0.0.5:8443", "ab" * 32)
    assert line.index("Get-FileHash") < line.index("py install.py") and "AB" * 32 in line
