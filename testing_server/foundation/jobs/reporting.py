"""How the worker tells facts to the core. Takes the address and the per-start secret; gives a `Report`."""
from typing import Any

import httpx

from testing_server.foundation.settings import Settings

LOOPBACK = "127.0.0.1"
TIMEOUT_S = 30


class CoreRefused(Exception):
    """The core answered something else than success; the job will be run again."""


class ReportToCore:
    """Posts JSON to INTERNAL endpoints of the core over loopback."""

    def __init__(self, settings: Settings, secret: str) -> None:
        self._client = httpx.Client(
            base_url=f"http://{LOOPBACK}:{settings.console_port}", timeout=TIMEOUT_S, trust_env=False,
            headers={"Authorization": f"Internal {secret}"})

    def __call__(self, path: str, body: dict[str, Any]) -> Any:
        """The JSON answer. Raises CoreRefused, or httpx.TransportError while the core is away."""
        answer = self._client.post(path, json=body)
        if answer.is_error:
            raise CoreRefused(f"{path}: {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else None
