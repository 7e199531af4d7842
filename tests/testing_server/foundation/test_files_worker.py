"""A thread of the files process is for a request: who says nothing holds none, who falls silent gives it back."""
from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

SILENT_S = 0.5
THREADS = 2
SERVER = f"""
import sys
from pathlib import Path
from testing_server.foundation.clock import SystemClock
from testing_server.foundation.files import serving, worker
from testing_server.foundation.settings import load_settings
serving.THREADS, worker.HANDSHAKE_S, worker.SILENT_S = {THREADS}, {SILENT_S}, {SILENT_S}

def make_app():
    def app(environ, start_response):
        body = environ["wsgi.input"].read()
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]
    return app

serving.serve_files(make_app, load_settings("classroom", {{}}, data=Path(sys.argv[1]), host="127.0.0.1",
                                            files_port=int(sys.argv[2])))
"""


def find_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def trust_anybody() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def ask(port: int, body: bytes = b"hello") -> float:
    """Seconds until the answer, which is what was said."""
    began = time.monotonic()
    told = httpx.put(f"https://127.0.0.1:{port}/", content=body, verify=False, timeout=60)
    assert told.content == body
    return time.monotonic() - began


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder, found = tmp_path_factory.mktemp("files"), find_port()
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen([sys.executable, "-c", SERVER, str(folder), str(found)], stdout=log, stderr=log)
    try:
        wait_until_up(found, process, folder / "log")
        yield found
        assert b"Traceback" not in (folder / "log").read_bytes()
    finally:
        process.terminate()
        process.wait(20)


def wait_until_up(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            ask(port)
            return
        except httpx.TransportError:
            time.sleep(0.05)
    raise TimeoutError(log.read_text())


def test_connections_that_say_nothing_hold_no_thread(port: int) -> None:
    with ExitStack() as stack:
        for number in range(4 * THREADS):
            plain = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60))
            if number % 2:
                stack.enter_context(trust_anybody().wrap_socket(plain))
        for _ in range(3):
            ask(port)


def test_who_falls_silent_gives_the_thread_back(port: int) -> None:
    """Half a handshake, half a head, half a body: each is cut, and then others are answered."""
    with ExitStack() as stack:
        for said in (b"PUT / HT", b"PUT / HTTP/1.1\r\nHost: here\r\nContent-Length: 900\r\n\r\nhalf"):
            plain = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60))
            stack.enter_context(trust_anybody().wrap_socket(plain)).sendall(said)
        halves = [stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60))
                  for _ in range(THREADS)]
        for half in halves:
            half.sendall(b"\x16\x03\x01\x02\x00")
        assert ask(port) < 60
        assert [half.recv(1) for half in halves] == [b""] * THREADS


def test_a_late_first_request_of_a_silent_connection_is_answered(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as plain:
        wire = trust_anybody().wrap_socket(plain)
        time.sleep(1.2 * SILENT_S)
        for _ in range(2):
            wire.sendall(b"PUT / HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\n\r\nyes")
            told = b""
            while not told.endswith(b"yes"):
                told += wire.recv(1000)
            assert told.startswith(b"HTTP/1.1 200")
