"""How the worker tells facts to the core. Takes the addresses and the per-start secret; gives a `Report`."""
import itertools
import time
from collections.abc import Callable
from typing import Any

import httpx

from testing_server.foundation.settings import Settings

LOOPBACK = "127.0.0.1"
TIMEOUT_S = 30
# a killed core is back within this time
PATIENCE_S = 20.0
PAUSE_S = 0.5
AWAY = frozenset({502, 503, 504})


class CoreRefused(Exception):
    """The core answered something else than success; the job will be run again."""


class ReportToCore:
    """Posts JSON to INTERNAL endpoints over loopback, to any core of this machine that answers: all know the same."""

    def __init__(self, settings: Settings, secret: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._cores = [f"http://{LOOPBACK}:{settings.console_port + number}" for number in range(settings.servers)]
        self._sleep = sleep
        self._client = httpx.Client(timeout=TIMEOUT_S, trust_env=False, headers={"Authorization": f"Internal {secret}"})

    def __call__(self, path: str, body: dict[str, Any]) -> Any:
        """The JSON answer. Raises CoreRefused, or httpx.TransportError when every core stays away.

        A core may have died after it did what it was told: what is posted here must bear repeating, like the jobs.
        """
        began_s = time.monotonic()
        for core in itertools.cycle(self._cores):
            is_late = time.monotonic() - began_s > PATIENCE_S
            try:
                answer = self._client.post(core + path, json=body)
            except httpx.TransportError:
                if is_late:
                    raise
            else:
                if answer.status_code not in AWAY or is_late:
                    return _read(path, answer)
            self._sleep(PAUSE_S / len(self._cores))


def _read(path: str, answer: httpx.Response) -> Any:
    if answer.is_error:
        raise CoreRefused(f"{path}: {answer.status_code} {answer.text[:300]}")
    return answer.json() if answer.content else None
