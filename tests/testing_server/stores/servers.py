"""Real servers a hub of a country stands on, started for tests: Redis and SeaweedFS, an S3 store.

Each lives in a folder and on free ports of loopback; `stop` ends it and everything it kept.
"""
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import redis

from testing_server.foundation.supervision.ports import WITHIN, find_free_port

START_S = 240
KEY, SECRET, BUCKET = "trial", "trial-secret", "hub-files"


def find_ports(count: int) -> list[int]:
    """Free ports of loopback, all different; SeaweedFS takes the one 10,000 higher too: that one is drawn as well."""
    found: set[int] = set()
    while len(found) < count:
        port = find_free_port()
        if port + 10_000 in WITHIN:
            found.add(port)
    return list(found)


def wait_until(is_up: Callable[[], bool], what: str) -> None:
    """Fails after four minutes: a loaded machine starts slowly."""
    deadline = time.monotonic() + START_S
    while not is_up():
        assert time.monotonic() < deadline, f"{what} did not start"
        time.sleep(0.05)


class RedisServer:
    """Redis without a disk."""

    def __init__(self, folder: Path) -> None:
        self.port = find_ports(1)[0]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""],
            cwd=folder, stdout=subprocess.DEVNULL)
        wait_until(self._answers, "Redis")

    def _answers(self) -> bool:
        try:
            return bool(redis.Redis.from_url(self.url).ping())
        except redis.ConnectionError:
            return False

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


def find_weed() -> Path | None:
    """SeaweedFS comes with the extra "test"."""
    beside = Path(sys.executable).parent / "weed"
    plain = shutil.which("weed")
    return beside if beside.exists() else Path(plain) if plain else None


class SeaweedServer:
    """Master, volume, filer and S3 gateway of SeaweedFS in one process."""

    def __init__(self, weed: Path, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        master, volume, filer, self.port = find_ports(4)
        rules = folder / "s3.json"
        rules.write_text(json.dumps({"identities": [{
            "name": "trial", "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}))
        self.log = (folder / "weed.out").open("wb")
        options = {"dir": folder, "ip": "127.0.0.1", "ip.bind": "127.0.0.1", "master.port": master,
                   "volume.port": volume, "filer.port": filer, "s3.port": self.port, "s3.config": rules,
                   "master.volumeSizeLimitMB": 64, "volume.max": 400, "master.electionTimeout": "1s",
                   "volume.minFreeSpace": "100MiB", "master.volumePreallocate": "false",
                   # these have fixed ports, for which two servers of one machine would quarrel
                   "s3.port.iceberg": 0, "s3.port.lance": 0}
        self.process = subprocess.Popen(
            [str(weed), "-logtostderr=true", "server", "-filer", "-s3",
             *(f"-{name}={value}" for name, value in options.items())],
            stdout=self.log, stderr=self.log, cwd=folder)
        self.url = f"s3+http://{KEY}:{SECRET}@127.0.0.1:{self.port}/{BUCKET}"
        wait_until(self._answers, "SeaweedFS")

    def _answers(self) -> bool:
        assert self.process.poll() is None, Path(self.log.name).read_text()[-2000:]
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/healthz").status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(20)
        self.log.close()
