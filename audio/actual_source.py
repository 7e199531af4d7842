"""Which source this process really records from, where a PulseAudio server (or PipeWire's) is in between.

Takes the number of a process, gives the source's number in the server and its name, or None where there is no
way to know (no such server, no `pactl`, no stream, several sources).
"""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import Any

ASK_SECONDS = 2.0


@dataclass(frozen=True)
class ActualSource:
    """A source of the sound server; the number is new each time a device is plugged in, the name is not."""

    number: int
    name: str


def find_actual_source(process: int | None = None) -> ActualSource | None:
    """The source this process records from; a hung or absent sound server counts as not known."""
    number = find_source_number(process)
    names = [found.get("name") for found in _ask("sources") if found.get("index") == number]
    return ActualSource(number, str(names[0])) if number is not None and names else None


def find_source_number(process: int | None = None) -> int | None:
    """The number alone: half the price, for asking again and again."""
    wanted = process or os.getpid()
    numbers = {found.get("source") for found in _ask("source-outputs") if _belongs(found, wanted)}
    return numbers.pop() if len(numbers) == 1 else None


def is_same_source(chosen: ActualSource, process: int | None = None) -> bool:
    """Whether the sound still comes from there; not knowing counts as yes."""
    number = find_source_number(process)
    if number is None or number == chosen.number:
        return True
    actual = find_actual_source(process)
    return actual is None or actual.name == chosen.name


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
