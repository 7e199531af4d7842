"""SIGKILL while somebody speaks: everything announced is on the disk, at most the last second is lost."""

import time
from pathlib import Path

import pytest

from audio.pcm_file import read_part, recover_parts
from tests.audio.builders import RATE
from tests.audio.recording_process import RecordingProcess

MOMENTS = (0.15, 0.49, 0.77, 1.31, 2.6)


@pytest.fixture(scope="module")
def killed(
    tmp_path_factory: pytest.TempPathFactory, spoken: dict[str, Path]
) -> dict[float, tuple[RecordingProcess, float]]:
    """Recordings killed at several moments: (process, seconds spoken until then)."""
    folder = tmp_path_factory.mktemp("killed")
    found = {}
    for moment in MOMENTS:
        recording = RecordingProcess(folder / f"{moment}.pcm", str(spoken["en"]))
        started = recording.wait_for("started")["at"]
        time.sleep(max(0.0, started + moment - time.monotonic()))
        found[moment] = recording, recording.kill() - started
    return found


@pytest.mark.parametrize("moment", MOMENTS)
def test_announced_parts_match_their_digests(
    killed: dict[float, tuple[RecordingProcess, float]], moment: float
) -> None:
    recording, _ = killed[moment]
    parts = recording.list_parts()
    assert len(parts) >= int((moment - 0.2) / 0.6)
    assert all(len(read_part(recording.path, part)) == part.length_bytes for part in parts)


@pytest.mark.parametrize("moment", MOMENTS)
def test_at_most_a_second_is_lost(killed: dict[float, tuple[RecordingProcess, float]], moment: float) -> None:
    recording, spoken_s = killed[moment]
    recovered = recover_parts(recording.path, recording.list_parts(), RATE)
    assert recovered.gaps == () and spoken_s - recovered.samples / RATE < 1.0
    assert sum(part.length_bytes for part in recovered.parts) == recovered.bytes
