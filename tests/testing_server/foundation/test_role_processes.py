"""A whole role as its user starts it: TLS on the network port, plain on loopback, alive again after a kill."""
import json
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import socketio

PATIENCE_S = 40


def wait_for(found: Any, what: str) -> Any:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            if value := found():
                return value
        except (httpx.TransportError, FileNotFoundError, json.JSONDecodeError, socketio.exceptions.ConnectionError):
            pass
        time.sleep(0.1)
    raise AssertionError(f"waited in vain for {what}")


class RunningRole:
    def __init__(self, data: Path) -> None:
        self.data = data
        command = [sys.executable, "-m", "testing_server.cli", "classroom", "--data", str(data)]
        self.process = subprocess.Popen(command, env=os.environ | {"TESTING_SERVER_TITLE": "School 7"})
        self.ports: dict[str, int] = wait_for(lambda: self.read("ports.json"), "ports")
        self.plain = f"http://127.0.0.1:{self.ports['console_port']}"
        self.secure = f"https://127.0.0.1:{self.ports['port']}"
        wait_for(lambda: httpx.get(self.plain + "/v1/health").is_success, "the core")

    def read(self, name: str) -> dict[str, int]:
        found: dict[str, int] = json.loads((self.data / "run" / name).read_text())
        return found

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)


@pytest.fixture(scope="module")
def role(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRole]:
    running = RunningRole(tmp_path_factory.mktemp("classroom"))
    yield running
    running.stop()


def trusting(role: RunningRole) -> httpx.Client:
    return httpx.Client(verify=ssl.create_default_context(cafile=role.data / "keys" / "authority.pem"))


def test_network_port_speaks_tls_of_the_schools_authority(role: RunningRole) -> None:
    with trusting(role) as client:
        assert client.get(role.secure + "/v1/health").json()["role"] == "classroom"
        # a server nobody has set up yet leads from the sign-in to its first page
        page = client.get(role.secure + "/sign-in", follow_redirects=True)
        assert page.headers["set-cookie"].count("Secure") == 1
        assert "strict-transport-security" in page.headers


def test_stranger_authority_is_not_trusted(role: RunningRole) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(role.secure + "/v1/health")


def test_plain_http_never_reaches_the_network_port(role: RunningRole) -> None:
    with pytest.raises(httpx.TransportError):
        httpx.get(role.secure.replace("https", "http") + "/v1/health")


def test_console_on_loopback_is_plain(role: RunningRole) -> None:
    answer = httpx.get(role.plain + "/sign-in", follow_redirects=True)
    assert answer.is_success and "Secure" not in answer.headers["set-cookie"]


@pytest.mark.parametrize("side", ["plain", "secure"])
def test_sockets_of_strangers_are_refused_on_both_ports(role: RunningRole, side: str) -> None:
    with trusting(role) as verified:
        client = socketio.Client(ssl_verify=False)
        refusals: list[Any] = []
        client.on("connect_error", refusals.append)
        with pytest.raises(socketio.exceptions.ConnectionError):
            client.connect(getattr(role, side), transports=["websocket"], wait_timeout=5)
        assert verified.get(role.secure + "/v1/health").is_success
    # the refusal came through the WebSocket itself, so the upgrade had worked
    assert "not_signed_in" in str(refusals)


def test_killed_core_comes_back_on_its_port(role: RunningRole) -> None:
    before = role.read("pids.json")["core"]
    os.killpg(before, signal.SIGKILL)
    wait_for(lambda: role.read("pids.json").get("core", before) != before, "a new core")
    wait_for(lambda: httpx.get(role.plain + "/v1/health").is_success, "the core after the kill")


def test_files_process_speaks_tls_and_lets_no_stranger_in(role: RunningRole) -> None:
    address = f"127.0.0.1:{role.ports['files_port']}/v1/files/{'a' * 64}"
    with trusting(role) as client:
        assert wait_for(lambda: client.get(f"https://{address}").status_code, "the files process") in (401, 403, 404)
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://{address}")


def test_term_ends_every_process(tmp_path: Path) -> None:
    running = RunningRole(tmp_path)
    pids = running.read("pids.json")
    assert running.stop() == 0
    for name in ("core", "files", "worker"):
        with pytest.raises(ProcessLookupError):
            os.killpg(pids[name], 0)
