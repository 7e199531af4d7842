"""After a crash: the unlisted tail becomes parts, what the disk lost becomes gaps, nothing becomes silence."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.faults import PartsOverlap, PartUnreadable
from audio.parts import Part, Range, find_missing, list_ranges
from audio.pcm_file import PcmFile, read_part, recover_parts
from audio.sources import make_noise
from tests.audio.builders import RATE, make_part

SOUND = make_noise(5, RATE, 500).tobytes()


def write_parts(path: Path, listed_s: float, written_s: float) -> list[Part]:
    """A recording of `written_s`, of which the journal knows the first `listed_s`."""
    file, parts = PcmFile(path, RATE), []
    for start in range(0, int(written_s * RATE) * 2, 960):
        file.append(SOUND[start:start + 960])
        if start <= listed_s * RATE * 2 and (start // 960) % 25 == 24:
            parts += file.make_durable()
    file.close()
    return parts


def test_unlisted_tail_becomes_parts(tmp_path: Path) -> None:
    known = write_parts(tmp_path / "x.pcm", listed_s=2, written_s=4.5)
    recovered = recover_parts(tmp_path / "x.pcm", known, RATE)
    assert recovered.parts == (*known, *recovered.new) and recovered.gaps == ()
    assert sum(part.length_bytes for part in recovered.new) == 2 * RATE * 4.5 - known[-1].end_bytes
    assert b"".join(read_part(tmp_path / "x.pcm", part) for part in recovered.parts) == SOUND[:216000]
    assert recovered.sha256 == hashlib.sha256(SOUND[:216000]).hexdigest()


@pytest.mark.parametrize(("hole", "kept"), [(slice(8192, 12288), 8192), (slice(9000, 12288), 9000)])
def test_blocks_that_were_never_written_end_a_recording_after_a_power_cut(
        tmp_path: Path, hole: slice, kept: int) -> None:
    path = tmp_path / "x.pcm"
    data = bytearray(SOUND[:20000])
    data[hole] = bytes(hole.stop - hole.start)
    path.write_bytes(data)
    assert recover_parts(path, [], RATE, is_after_power_cut=True).bytes == kept
    assert path.read_bytes() == SOUND[:kept]


def test_silence_is_kept_after_a_kill_and_what_was_synced_after_any(tmp_path: Path) -> None:
    path = tmp_path / "x.pcm"
    path.write_bytes(SOUND[:8192] + bytes(4096) + SOUND[:8000])
    assert recover_parts(path, [], RATE).bytes == 20288
    synced = recover_parts(path, [], RATE).parts
    assert recover_parts(path, synced, RATE, is_after_power_cut=True).bytes == 20288


def test_recovery_may_be_repeated(tmp_path: Path) -> None:
    known = write_parts(tmp_path / "x.pcm", listed_s=1, written_s=4)
    first = recover_parts(tmp_path / "x.pcm", known, RATE)
    again = recover_parts(tmp_path / "x.pcm", first.parts, RATE)
    assert again.new == () and again.parts == first.parts and again.sha256 == first.sha256


def test_part_that_the_disk_damaged_becomes_a_gap(tmp_path: Path) -> None:
    path = tmp_path / "x.pcm"
    known = write_parts(path, listed_s=3, written_s=3)
    damaged = bytearray(path.read_bytes())
    damaged[known[1].offset_bytes + 10] ^= 255
    path.write_bytes(damaged)
    recovered = recover_parts(path, known, RATE)
    assert known[1] not in recovered.parts and known[2] in recovered.parts
    assert [(gap.at_sample, gap.lost_ms) for gap in recovered.gaps] == [(known[1].offset_bytes // 2, 500)]


def test_tail_that_the_disk_lost_becomes_a_gap(tmp_path: Path) -> None:
    path = tmp_path / "x.pcm"
    known = write_parts(path, listed_s=3, written_s=3)
    path.write_bytes(path.read_bytes()[:known[-1].offset_bytes])
    recovered = recover_parts(path, known, RATE)
    assert recovered.new == () and [gap.reason for gap in recovered.gaps] == ["unreadable"]


def test_half_a_sample_at_the_end_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "x.pcm").write_bytes(SOUND[:1001])
    recovered = recover_parts(tmp_path / "x.pcm", [], RATE)
    assert (recovered.bytes, recovered.samples) == (1000, 500)


def test_nothing_written_recovers_to_nothing(tmp_path: Path) -> None:
    (tmp_path / "x.pcm").write_bytes(b"")
    recovered = recover_parts(tmp_path / "x.pcm", [], RATE)
    assert recovered.parts == () and recovered.judgement.verdict == "no_data"


@settings(max_examples=25, deadline=None)
@given(kept=st.sets(st.integers(0, 7)))
def test_whatever_the_journal_forgot_the_parts_tile_the_file(
    tmp_path_factory: pytest.TempPathFactory, kept: set[int]
) -> None:
    path = tmp_path_factory.mktemp("forgot") / "x.pcm"
    known = [part for part in write_parts(path, 4, 4) if part.part_no in kept]
    recovered = recover_parts(path, known, RATE)
    assert find_missing(list_ranges(recovered.parts), recovered.bytes) == []
    assert all(read_part(path, part) for part in recovered.parts)


def test_journal_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.pcm").write_bytes(SOUND[:1000])
    with pytest.raises(PartsOverlap):
        recover_parts(tmp_path / "x.pcm", [make_part(0, 500), make_part(400, 500)], RATE)


def test_missing_recording_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        recover_parts(tmp_path / "x.pcm", [], RATE)
    with pytest.raises(PartUnreadable):
        read_part(tmp_path / "x.pcm", make_part(0, 10))


def test_part_with_another_digest_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "x.pcm").write_bytes(SOUND)
    with pytest.raises(PartUnreadable):
        read_part(tmp_path / "x.pcm", make_part(0, 10))


def test_block_longer_than_a_part_is_cut(tmp_path: Path) -> None:
    file = PcmFile(tmp_path / "x.pcm", RATE)
    file.append(SOUND)
    parts = file.make_durable()
    file.close()
    assert list_ranges(parts) == [Range(0, 96000), Range(96000, 192000), Range(192000, 240000)]
