"""A room whose work is done and whose hub is near."""
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.testing_server.exam_day.builders import Classroom, join_hub, make_speech


@pytest.fixture
def closed_room(open_room: Classroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Classroom]:
    """Two candidates have worked, the rest was absent; the balance is settled."""
    open_room.hub = join_hub(open_room, tmp_path / "hub", monkeypatch)
    kiosks = [open_room.seat(0), open_room.seat(1)]
    open_room.start(*kiosks)
    for number, kiosk in enumerate(kiosks):
        kiosk.answer("i1", "r1", "an answer")
        kiosk.record("i2", "r2", make_speech(1 + number))
        kiosk.write("attempt_finished", reason="candidate")
        kiosk.send()
    open_room.command("absent")
    open_room.sweep()
    open_room.run_jobs()
    open_room.close_room()
    yield open_room
