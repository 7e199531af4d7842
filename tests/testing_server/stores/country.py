"""A hub of a country on one machine: PostgreSQL, Redis, S3 and nginx, two processes of pages and two of jobs.

Takes the servers. Gives `Country`, whose processes may be killed one by one while the supervisor starts them again.
"""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

from testing_server.foundation.clock import FakeClock
from testing_server.foundation.settings import as_environment
from testing_server.preparation.hub_link import HubLink
from testing_server.roles import prepare_role
from tests.builders import TELEPHONES, close_app, make_settings, save_account
from tests.testing_server.exam_day.reception.make_reception import Reception, make_reception
from tests.testing_server.preparation.make_hub import make_hub
from tests.testing_server.stores.servers import find_ports, wait_until

ROOT = Path(__file__).parents[3]
LOGIN = "vera"
PLACE = re.compile(r"server 127\.0\.0\.1:\d+ max_fails=0;\n")


class Nginx:
    """Debian's nginx with the configuration of deploy/, but for its port, its certificate and its folders."""

    def __init__(self, folder: Path, data: Path, ports: list[int]) -> None:
        self.port, self._folder = find_ports(1)[0], folder
        (folder / "nginx.conf").write_text(self._frame(adapt_site(self.port, data, ports)))
        self.process = subprocess.Popen(
            ["/usr/sbin/nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")],
            stdout=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{self.port}"

    def _frame(self, site: str) -> str:
        user = "user root;" if os.geteuid() == 0 else ""
        temporary = "".join(f"{name}_temp_path {self._folder}/{name};\n"
                            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        return (f"{user}\nworker_processes 1;\ndaemon off;\npid {self._folder}/nginx.pid;\n"
                f"events {{ worker_connections 1024; }}\nhttp {{\naccess_log off;\n{temporary}{site}\n}}\n")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


def adapt_site(port: int, data: Path, ports: list[int]) -> str:
    """deploy/nginx/testing-server.conf for this machine."""
    site = (ROOT / "deploy" / "nginx" / "testing-server.conf").read_text()
    site = re.sub(r"    ssl_.*\n", "", site).replace("listen 443 ssl http2;", f"listen 127.0.0.1:{port};")
    site = site.replace("/var/lib/testing-server/", f"{data}/").replace("/opt/testing-server/", f"{ROOT}/")
    servers = "    ".join(f"server 127.0.0.1:{one} max_fails=0;\n" for one in ports)
    return PLACE.sub("", site).replace("least_conn;\n", f"least_conn;\n    {servers}")


class Country:
    """The running hub; `reception` is a school whose packages it takes, made before the start."""

    def __init__(self, folder: Path, database_url: str, redis_url: str, files_url: str) -> None:
        port, console_port, files_port = find_rows()
        self.folder, self.data = folder, folder / "hub"
        self.settings = make_settings(
            self.data, database_url=database_url, redis_url=redis_url, files_url=files_url, port=port,
            console_port=console_port, files_port=files_port, servers=2, workers=2, trusted_proxies=1,
            sent_by_proxy=True)
        prepare_role(self.settings)
        self.reception = self._seed(database_url, files_url)
        self.nginx = Nginx(folder, self.data, [port, port + 1])
        self.process = self._start()

    def _seed(self, database_url: str, files_url: str) -> Reception:
        hub = make_hub(self.folder, clock=FakeClock(int(time.time() * 1000)), database_url=database_url,
                       files_url=files_url)
        made = make_reception(hub, self.folder)
        save_account(hub.app, LOGIN, "coordinator")
        self.telephone: str = hub.app.extensions[TELEPHONES][LOGIN]
        close_app(hub.app)
        return made

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "testing_server.cli", "hub", "--data", str(self.data)]
        self.log = (self.folder / "hub.log").open("wb")
        process = subprocess.Popen(command, env=os.environ | as_environment(self.settings), stdout=self.log,
                                   stderr=self.log)
        for port in (self.settings.port, self.settings.port + 1):
            wait_until(lambda: self.answers(f"http://127.0.0.1:{port}"), f"the hub, see {self.log.name}")
        return process

    def answers(self, address: str) -> bool:
        try:
            return httpx.get(address + "/v1/health").is_success
        except httpx.TransportError:
            return False

    def list_processes(self) -> dict[str, int]:
        """Name -> process number, as the supervisor wrote it last."""
        found: dict[str, int] = json.loads((self.data / "run" / "pids.json").read_text())
        return found

    def kill(self, name: str) -> None:
        """SIGKILL; gone already is no error."""
        try:
            os.kill(self.list_processes()[name], signal.SIGKILL)
        except (ProcessLookupError, KeyError):
            return

    def open_link(self) -> HubLink:
        """The school's line through nginx, with a session."""
        ours = self.reception.ours
        link = HubLink(self.nginx.url, self.reception.hub.keys.root_fingerprint, certificate=ours.link.certificate,
                       hub_keys=self.reception.hub.keys.statement)
        link.open_session(ours.key)
        return link

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.nginx.stop()
        self.log.close()


def find_rows() -> tuple[int, int, int]:
    """Ports of pages and of the console, two in a row each, and one of files."""
    while True:
        first, second, third = find_ports(3)
        try:
            for port in (first + 1, second + 1):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        if len({first, first + 1, second, second + 1, third}) == 5:
            return first, second, third
