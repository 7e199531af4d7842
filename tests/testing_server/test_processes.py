"""Processes import what they serve: what each would carry all day is looked for in one of its own."""
from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"numpy", "sqlalchemy", "gevent", "reportlab", "openpyxl", "lxml", "zeroconf", "alembic", "soundfile", "rich",
         "requests", "task_bank.items", "testing_server.marking", "testing_server.rehearsal"}
FILES = "testing_server.processes, testing_server.foundation.files.serving, testing_server.exam_day.responses.files_app"
PARENT = "testing_server.processes, testing_server.foundation.serving.core"
CORE = "testing_server.exam_day.mounts, testing_server.exam_day.tending"
MARKING = "testing_server.marking.school.mounts, testing_server.outcomes.school.mounts"


def list_heavy(modules: str) -> set[str]:
    script = ("import sys\nfrom testing_server.processes import NEVER_CALLED, leave_out\nleave_out(NEVER_CALLED)\n"
              f"import {modules}\nprint(*[name for name, module in sys.modules.items() if module])")
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120)
    return HEAVY & set(found.stdout.split())


@pytest.mark.parametrize(("modules", "carried"), [
    (FILES, set()), (PARENT, {"gevent"}), ("testing_server.cli", set()),
    (CORE, {"sqlalchemy", "gevent", "reportlab", "lxml"}),
    # neither sound nor workbooks nor the sealing of a hub before somebody marks
    (MARKING, {"sqlalchemy", "gevent", "reportlab", "lxml", "testing_server.marking", "task_bank.items"})],
    ids=["files", "parent", "supervisor", "core", "marking"])
def test_a_process_carries_what_it_serves(modules: str, carried: set[str]) -> None:
    assert list_heavy(modules) <= carried


def test_the_core_can_open_a_socket_to_the_hub() -> None:
    """What a library looks for when it is imported must not be left out, if it is used an hour later."""
    script = ("from testing_server.processes import NEVER_CALLED, leave_out\nleave_out(NEVER_CALLED)\n"
              f"import {CORE}\nimport engineio.client\nassert engineio.client.websocket")
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)
