"""A recording by hand: what is announced is on the disk, whatever the device does."""

import errno
import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from audio import pcm_file
from audio.faults import DeviceBusy, NotRecording, RateChanged, RecordingExists
from audio.frames import FrameReader
from audio.levels import Samples
from audio.parts import count_contiguous_bytes, list_ranges
from audio.pcm_file import PcmFile, read_part
from audio.recorder import Recorder
from audio.recording import FaultKind
from audio.sources import Door, make_noise, make_tone
from tests.audio.builders import RATE, Clock, HandSource, make_recorder, put_in_room, wait_until


def test_what_was_spoken_lies_on_the_disk_part_by_part(tmp_path: Path, speech: dict[str, Samples]) -> None:
    recorder, source, heard = make_recorder(tmp_path)
    sound = put_in_room(speech["ru"])
    source.give(sound)
    recorded = recorder.stop()
    file = (tmp_path / "speech.pcm").read_bytes()
    assert file == sound.tobytes() and recorded.sha256 == hashlib.sha256(file).hexdigest()
    assert (recorded.bytes, recorded.samples, recorded.parts) == (len(file), len(sound), len(heard.parts))
    assert b"".join(read_part(recorder.path, part) for part in heard.parts) == file
    assert recorded.verdict == "heard" and recorded.gaps == () and heard.faults == []
    assert recorded.end_reason == "finished" and source.is_stopped


def test_parts_come_while_speech_goes_on(tmp_path: Path) -> None:
    recorder, source, heard = make_recorder(tmp_path)
    for second in range(1, 4):
        source.give(make_noise(1, RATE, 500))
        wait_until(lambda: recorder._keeper.samples == second * RATE)
        source.clock.now += 0.5
        wait_until(lambda: count_contiguous_bytes(list_ranges(heard.parts)) == second * RATE * 2)
    recorder.stop()
    assert [part.part_no for part in heard.parts] == list(range(len(heard.parts)))


def test_part_is_announced_only_after_its_bytes_are_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    sync = os.fsync
    monkeypatch.setattr(
        pcm_file.os, "fsync", lambda handle: (sync(handle), synced.append(os.fstat(handle).st_size))
    )
    recorder, source, heard = make_recorder(tmp_path)
    announced: list[tuple[int, int]] = []
    recorder._listeners._on_part = lambda part: announced.append((part.end_bytes, synced[-1]))
    source.give(make_noise(3, RATE, 500))
    recorder.stop()
    assert announced and all(end <= durable for end, durable in announced)


def test_disk_that_answers_late_still_gives_parts_of_two_seconds_at_most(tmp_path: Path) -> None:
    recorder, source, heard = make_recorder(tmp_path)
    source.give(make_noise(9, RATE, 500), in_time=False)
    recorder.stop()
    assert len(heard.parts) == 5 and max(part.length_bytes for part in heard.parts) == 4 * RATE


def test_meter_moves_ten_times_a_second(tmp_path: Path) -> None:
    recorder, source, heard = make_recorder(tmp_path)
    source.give(make_tone(1, RATE, amplitude=16384))
    source.give(np.zeros(RATE, dtype=np.int16))
    recorder.stop()
    assert len(heard.levels) == 20
    assert abs(heard.levels[5].level_db10 + 90) <= 2 and heard.levels[15].level_db10 == -960


def test_stalled_device_is_a_fault_within_a_second_and_a_gap_when_it_returns(tmp_path: Path) -> None:
    clock = Clock()
    recorder, source, heard = make_recorder(tmp_path, clock)
    source.give(make_noise(2, RATE, 500))
    clock.now += 0.9
    wait_until(lambda: heard.kinds == ["no_callbacks"])
    clock.now += 2.1
    source.give(make_noise(2, RATE, 500))
    wait_until(lambda: heard.gaps)
    assert [(gap.at_sample, gap.lost_ms) for gap in heard.gaps] == [(2 * RATE, 3000)]
    wait_until(lambda: heard.faults[-1].is_over and heard.faults[-1].kind is FaultKind.no_callbacks)
    assert recorder.stop().samples == 4 * RATE


def test_device_that_never_returns_leaves_a_gap_at_the_end(tmp_path: Path) -> None:
    clock = Clock()
    recorder, source, heard = make_recorder(tmp_path, clock)
    source.give(make_noise(2, RATE, 500))
    clock.now += 5
    wait_until(lambda: heard.faults)
    gaps = recorder.stop("device_lost").gaps
    assert [(gap.at_sample, gap.lost_ms, gap.reason) for gap in gaps] == [(2 * RATE, 5000, "device_stalled")]


def test_sound_system_that_ends_the_stream_is_told_at_once(tmp_path: Path) -> None:
    recorder, source, heard = make_recorder(tmp_path)
    source.give(make_noise(1, RATE, 500))
    recorder.finish("device_lost")
    wait_until(lambda: heard.kinds == ["device_lost"])
    assert heard.faults[0].kind.stops_speech
    assert recorder.stop().end_reason == "finished" and heard.kinds == ["device_lost"]


def test_headset_plugged_in_again_goes_on_in_the_same_recording(tmp_path: Path) -> None:
    clock = Clock()
    recorder, source, heard = make_recorder(tmp_path, clock)
    source.give(make_noise(2, RATE, 500))
    recorder.finish("device_lost")
    clock.now += 7
    again = HandSource(clock)
    recorder.replace_source(again)
    again.give(make_noise(2, RATE, 500))
    recorded = recorder.stop()
    assert source.is_stopped and recorded.samples == 4 * RATE
    assert [(gap.at_sample, gap.lost_ms) for gap in recorded.gaps] == [(2 * RATE, 7000)]


def test_device_of_another_rate_cannot_go_on(tmp_path: Path) -> None:
    recorder, source, _ = make_recorder(tmp_path)
    with pytest.raises(RateChanged):
        recorder.replace_source(HandSource(source.clock, rate=48000))
    recorder.stop()


@pytest.mark.parametrize(("before_s", "kind"), [(1, "all_zero"), (0, "maybe_muted")])
def test_muted_capsule_is_noticed_and_forgiven(tmp_path: Path, before_s: int, kind: str) -> None:
    recorder, source, heard = make_recorder(tmp_path)
    source.give(make_noise(before_s, RATE, 500))
    source.give(np.zeros(4 * RATE, dtype=np.int16))
    source.give(make_noise(1, RATE, 500))
    recorded = recorder.stop()
    assert [(fault.kind, fault.is_over) for fault in heard.faults] == [(kind, False), (kind, True)]
    assert recorded.verdict == "silent"
    assert FaultKind.all_zero.stops_speech and not FaultKind.maybe_muted.stops_speech


def test_parts_are_judged_with_the_two_seconds_before(tmp_path: Path, speech: dict[str, Samples]) -> None:
    recorder, source, heard = make_recorder(tmp_path)
    source.give(make_noise(2, RATE, 30))
    source.give(speech["en"])
    source.give(make_noise(4, RATE, 30))
    recorder.stop()
    verdicts = [str(part.verdict) for part in heard.parts]
    assert verdicts[0] == verdicts[-1] == "silent" and "heard" in verdicts
    assert set(verdicts) <= {"silent", "heard", "noisy", "clipped"}


@pytest.mark.parametrize(("is_right", "verdict"), [(True, "heard"), (False, "wrong_device")])
def test_parts_of_another_device_say_so(
    tmp_path: Path, speech: dict[str, Samples], is_right: bool, verdict: str
) -> None:
    file, reader = PcmFile(tmp_path / "speech.pcm", RATE), FrameReader(RATE)
    file.is_right_device = is_right
    for at in range(0, len(speech["en"]), RATE // 50):
        block = speech["en"][at:at + RATE // 50]
        file.append(block.tobytes())
        file.describe(reader.read(block))
    parts = file.make_durable()
    file.close()
    assert str(parts[0].verdict) == verdict


def test_overrun_is_a_gap_and_never_padded(tmp_path: Path) -> None:
    clock = Clock()
    recorder, source, heard = make_recorder(tmp_path, clock)
    source.give(make_noise(2, RATE, 500))
    clock.now += 0.4
    source.give(make_noise(2, RATE, 500), overrun=True)
    recorded = recorder.stop()
    assert [(gap.at_sample, gap.lost_ms, gap.reason) for gap in recorded.gaps] == [(2 * RATE, 400, "overrun")]
    assert recorded.samples == 4 * RATE and heard.kinds == ["overrun"]


def test_sound_from_another_device_is_told_and_judged(tmp_path: Path, speech: dict[str, Samples]) -> None:
    recorder, source, heard = make_recorder(tmp_path)
    source.give(speech["en"])
    source.is_right = False
    wait_until(lambda: heard.faults)
    assert heard.kinds == ["wrong_device"] and recorder.stop().verdict == "wrong_device"


def test_listener_that_fails_does_not_end_the_recording(tmp_path: Path) -> None:
    recorder, source, heard = make_recorder(tmp_path)
    recorder._listeners._on_part = lambda part: os.stat(tmp_path / "no journal")
    source.give(make_noise(2, RATE, 500))
    recorded = recorder.stop()
    assert recorded.samples == 2 * RATE and heard.kinds == ["listener_failed"]
    assert "FileNotFoundError" in heard.faults[0].details


@pytest.mark.parametrize("fault", ["device_lost", "all_zero"])
def test_listener_of_faults_may_end_the_recording(tmp_path: Path, fault: str) -> None:
    recorder, source, heard = make_recorder(tmp_path)
    ended: list[str] = []
    recorder._listeners._on_fault = lambda found: ended.append(recorder.stop(found.kind).end_reason)
    source.give(make_noise(1, RATE, 500))
    source.give(np.zeros(4 * RATE, dtype=np.int16))
    if fault == "device_lost":
        recorder.finish(fault)
    wait_until(lambda: ended)
    assert ended[0] in ("device_lost", "all_zero")


def fail_writes(monkeypatch: pytest.MonkeyPatch, code: int) -> list[bool]:
    """Writes fail while the returned list is not empty."""
    failing, write = [True], os.write

    def write_or_fail(handle: int, block: memoryview) -> int:
        if failing:
            raise OSError(code, os.strerror(code))
        return write(handle, block)

    monkeypatch.setattr(pcm_file.os, "write", write_or_fail)
    return failing


def test_full_disk_keeps_speech_in_memory_until_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder, source, heard = make_recorder(tmp_path)
    failing = fail_writes(monkeypatch, errno.ENOSPC)
    sound = make_noise(20, RATE, 500)
    source.give(sound)
    wait_until(lambda: heard.kinds == ["storage_full"])
    failing.clear()
    wait_until(lambda: heard.faults[-1].is_over)
    recorded = recorder.stop()
    assert (tmp_path / "speech.pcm").read_bytes() == sound.tobytes() and recorded.gaps == ()


def test_disk_full_for_longer_than_memory_lasts_is_a_gap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder, source, heard = make_recorder(tmp_path)
    failing = fail_writes(monkeypatch, errno.ENOSPC)
    source.give(make_noise(70, RATE, 500))
    failing.clear()
    recorded = recorder.stop()
    lost = sum(gap.lost_ms for gap in recorded.gaps)
    assert {gap.reason for gap in recorded.gaps} == {"storage_full"}
    assert recorded.samples * 1000 // RATE + lost == 70_000 and 59_000 <= 70_000 - lost <= 61_000


def test_disk_that_stays_full_does_not_hold_the_candidate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    recorder, source, heard = make_recorder(tmp_path, clock)
    source.give(make_noise(1, RATE, 500))
    wait_until(lambda: recorder._keeper.samples == RATE)
    fail_writes(monkeypatch, errno.ENOSPC)
    source.give(make_noise(2, RATE, 500))
    wait_until(lambda: heard.faults)
    monkeypatch.setattr("audio.keeper.LAST_TRIES_SECONDS", 0.0)
    recorded = recorder.stop()
    assert recorded.samples == RATE
    assert [(gap.at_sample, gap.lost_ms) for gap in recorded.gaps] == [(RATE, 2000)]


def test_what_waits_when_the_recording_ends_is_kept_in_the_room_that_was_held_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder, source, heard = make_recorder(tmp_path)
    failing = fail_writes(monkeypatch, errno.ENOSPC)
    recorder.use_reserve(lambda: bool(failing and failing.pop()))
    sound = make_noise(1, RATE, 500)
    source.give(sound)
    wait_until(lambda: heard.kinds == ["storage_full"])
    recorded = recorder.stop()
    assert (tmp_path / "speech.pcm").read_bytes() == sound.tobytes() and recorded.gaps == ()


def test_a_gap_stands_before_the_sound_that_found_room_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder, source, heard = make_recorder(tmp_path)
    full, write = [True], os.write

    def write_or_fail(handle: int, block: memoryview) -> int:
        """No room until the recording ends, and once after that."""
        if full:
            if recorder._ending.is_set():
                full.clear()
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(handle, block)

    monkeypatch.setattr(pcm_file.os, "write", write_or_fail)
    monkeypatch.setattr("audio.keeper.LAST_TRIES_SECONDS", 0.0)
    source.give(make_noise(1, RATE, 500))
    wait_until(lambda: heard.kinds == ["storage_full"])
    assert [(gap.at_sample, gap.lost_ms) for gap in recorder.stop().gaps] == [(0, 20)]


def test_a_disk_without_room_for_a_name_gets_the_file_once_there_is_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full, create = [True], os.open

    def create_or_fail(path: Path, *how: int) -> int:
        if full and str(path).endswith(".pcm"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return create(path, *how)

    monkeypatch.setattr(pcm_file.os, "open", create_or_fail)
    recorder, source, heard = make_recorder(tmp_path)
    sound = make_noise(2, RATE, 500)
    source.give(sound)
    wait_until(lambda: heard.kinds == ["storage_full"])
    full.clear()
    wait_until(lambda: heard.faults[-1].is_over)
    assert recorder.stop().gaps == () and (tmp_path / "speech.pcm").read_bytes() == sound.tobytes()


def test_a_disk_that_never_has_room_leaves_no_file_and_says_what_was_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path, *how: int) -> int:
        raise OSError(errno.EDQUOT, "Disk quota exceeded")

    monkeypatch.setattr(pcm_file, "_create", fail)
    monkeypatch.setattr("audio.keeper.LAST_TRIES_SECONDS", 0.0)
    recorder, source, heard = make_recorder(tmp_path)
    source.give(make_noise(1, RATE, 500))
    recorded = recorder.stop()
    assert (recorded.bytes, recorded.verdict) == (0, "no_data") and not (tmp_path / "speech.pcm").exists()
    assert [gap.lost_ms for gap in recorded.gaps] == [1000]


def test_a_name_that_was_not_made_durable_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(folder: Path) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(pcm_file, "sync_folder", fail)
    with pytest.raises(OSError, match="Input/output"):
        make_recorder(tmp_path)
    assert not (tmp_path / "speech.pcm").exists()


def test_failed_fsync_is_not_tried_again_and_announces_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder, source, heard = make_recorder(tmp_path)

    def fail(handle: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(pcm_file.os, "fsync", fail)
    source.give(make_noise(3, RATE, 500))
    recorded = recorder.stop()
    assert heard.parts == [] and heard.kinds == ["storage_failed"]
    assert recorded.gaps and recorded.gaps[0].reason == "storage_failed"


def test_recording_is_never_written_over_another(tmp_path: Path) -> None:
    (tmp_path / "speech.pcm").write_bytes(b"an older answer")
    with pytest.raises(RecordingExists):
        make_recorder(tmp_path)
    assert (tmp_path / "speech.pcm").read_bytes() == b"an older answer"


def test_file_is_open_before_the_device(tmp_path: Path) -> None:
    class Busy(HandSource):
        def start(self, door: Door) -> None:
            assert (tmp_path / "speech.pcm").exists()
            raise DeviceBusy("taken")

    with pytest.raises(DeviceBusy):
        Recorder(Busy(Clock()), tmp_path / "speech.pcm", lambda part: None).start()


def test_recording_ends_once(tmp_path: Path) -> None:
    recorder, source, _ = make_recorder(tmp_path)
    recorder.stop()
    with pytest.raises(NotRecording):
        recorder.stop()
    with pytest.raises(NotRecording):
        recorder.replace_source(source)
    with pytest.raises(NotRecording):
        Recorder(source, tmp_path / "other.pcm", lambda part: None).stop()


def test_recording_of_nothing_has_no_data(tmp_path: Path) -> None:
    recorder, _, heard = make_recorder(tmp_path)
    recorded = recorder.stop("cancelled")
    assert (recorded.bytes, recorded.parts, recorded.verdict) == (0, 0, "no_data") and heard.parts == []
