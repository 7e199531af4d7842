"""Packages sent to the hub: each piece with its SHA-256, durable, counted; beside nginx taking the same bytes by PUT.

Four senders at once over loopback, a real hub with its own processes, both on one disk. nginx writes without fsync.
"""
import contextlib
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

from testing_server.foundation.clock import FakeClock
from testing_server.preparation import hub_upload
from testing_server.preparation.hub_link import HubLink
from testing_server.roles import prepare_role
from tests.benchmarks.sound import Measured
from tests.builders import close_app, make_settings
from tests.testing_server.preparation.make_hub import enrol, make_hub
from tests.testing_server.stores.servers import find_ports, wait_until

SENDERS, PIECES, PIECE = 4, 8, 8 * 1024 * 1024
MEBIBYTE = 1024 * 1024


def measure_all(folder: Path) -> Iterator[Measured]:
    """MiB a second with all senders together."""
    here = Path.cwd() / f"bench-{secrets.token_hex(4)}"
    here.mkdir()
    try:
        sources = write_sources(here)
        plain = max(run_nginx(here / f"nginx-{turn}", sources) for turn in range(2))
        hub = max(run_hub(here / f"hub-{turn}", sources) for turn in range(2))
        yield Measured("uploads-to-hub", hub, "MiB/s", plain)
    finally:
        subprocess.run(["rm", "-rf", str(here)], check=True)


def write_sources(folder: Path) -> list[Path]:
    """What is sent; in the memory of the machine by then."""
    sources = [folder / f"source-{number}" for number in range(SENDERS)]
    for source in sources:
        source.write_bytes(os.urandom(PIECES * PIECE))
    return sources


def race(sources: list[Path], send: Callable[[Path], object]) -> float:
    """MiB a second of all together."""
    threads = [threading.Thread(target=send, args=(source,)) for source in sources]
    # what the run before left to be written later would be paid for by this one's fsyncs
    os.sync()
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(sources) * PIECES * PIECE / MEBIBYTE / (time.perf_counter() - began)


def run_nginx(folder: Path, sources: list[Path]) -> float:
    """PUT of each piece as a file."""
    (folder / "kept").mkdir(parents=True)
    port = find_ports(1)[0]
    user = "user root;" if os.geteuid() == 0 else ""
    paths = "".join(f"{name}_temp_path {folder}/{name};"
                    for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; worker_processes 1; pid {folder}/pid; events {{}} http {{ access_log off; {paths}"
        f"server {{ listen 127.0.0.1:{port}; root {folder}/kept; client_max_body_size 0; dav_methods PUT; }} }}")
    process = subprocess.Popen(["/usr/sbin/nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"),
                                "-e", str(folder / "error.log")])
    try:
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/"), "nginx")
        return race(sources, lambda source: put_pieces(f"http://127.0.0.1:{port}/{source.name}", source))
    finally:
        process.terminate()
        process.wait(20)


def put_pieces(address: str, source: Path) -> None:
    """The same reading and the same client as ours."""
    with httpx.Client() as client, source.open("rb") as file:
        for number in range(PIECES):
            client.put(f"{address}-{number}", content=file.read(PIECE)).raise_for_status()


def answers(address: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        httpx.get(address)
        return True
    return False


def run_hub(folder: Path, sources: list[Path]) -> float:
    """The real hub on SQLite and a folder, and the classroom's own sending end."""
    prepare_role(make_settings(folder / "hub"))
    hub = make_hub(folder, clock=FakeClock(int(time.time() * 1000)))
    ours = enrol(hub)
    close_app(hub.app)
    ports = dict(zip(("--port", "--console-port"), map(str, find_ports(2)), strict=True))
    process = subprocess.Popen([sys.executable, "-m", "testing_server.cli", "hub", "--data", str(folder / "hub"),
                                *(word for pair in ports.items() for word in pair)],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{ports['--port']}"
    try:
        wait_until(lambda: answers(address + "/v1/health"), "the hub")
        links = []
        for _source in sources:
            link = HubLink(address, hub.keys.root_fingerprint, certificate=ours.link.certificate,
                           hub_keys=hub.keys.statement)
            link.open_session(ours.key)
            links.append(link)
        waiting = dict(zip(sources, links, strict=True))
        assert hub_upload.PIECE == PIECE
        return race(sources, lambda source: waiting[source].upload_package(source))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
