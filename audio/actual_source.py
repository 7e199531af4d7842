"""Which source this process really records from, where a PulseAudio server (or PipeWire's) is in between.

Takes nothing but the process's number, gives the source's name, or None where there is no way to know
(no such server, no `pactl`, no stream, several sources).
"""

import json
import os
import shutil
import subprocess
from typing import Any

ASK_SECONDS = 2.0


def find_actual_source(process: int | None = None) -> str | None:
    """The name of the source; a hung or absent sound server counts as not known."""
    outputs = _ask("source-outputs")
    numbers = {found.get("source") for found in outputs if _belongs(found, process or os.getpid())}
    if len(numbers) != 1:
        return None
    names = [found.get("name") for found in _ask("sources") if found.get("index") in numbers]
    return str(names[0]) if names else None


def _belongs(found: dict[str, Any], process: int) -> bool:
    return str(found.get("properties", {}).get("application.process.id")) == str(process)


def _ask(what: str) -> list[dict[str, Any]]:
    program = shutil.which("pactl")
    if program is None:
        return []
    try:
        answer = subprocess.run(
            [program, "-f", "json", "list", what], capture_output=True, timeout=ASK_SECONDS, check=True
        )
        return list(json.loads(answer.stdout))
    except (subprocess.SubprocessError, OSError, ValueError):
        return []
