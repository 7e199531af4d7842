"""Thresholds of a running server's disk, each kind of writing at each, and a ballast that really gives room back."""
from pathlib import Path

import pytest

from testing_server.foundation.disk import (
    Disk, DiskScarce, Level, SoundWaits, Writing, count_ballast, keep_ballast, release_ballast)
from testing_server.foundation.disk.rules import MEBIBYTE, may_hold_ballast
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.serving.disk import DiskTooFull, check_disk

GIBIBYTE = 1024 * MEBIBYTE


@pytest.mark.parametrize(("free", "level"), [
    (2 * GIBIBYTE, Level.AMPLE), (2 * GIBIBYTE - 1, Level.LOW), (500 * MEBIBYTE, Level.LOW),
    (500 * MEBIBYTE - 1, Level.SCARCE), (64 * MEBIBYTE, Level.SCARCE), (64 * MEBIBYTE - 1, Level.FULL),
    (0, Level.FULL)])
def test_each_threshold_has_its_level(tmp_path: Path, free: int, level: Level) -> None:
    assert Disk(tmp_path, lambda _: free).level == level


@pytest.mark.parametrize(("free_mb", "waits"), [
    (3000, []), (1000, []), (400, [DiskScarce]), (10, [SoundWaits, DiskScarce]), (0, [SoundWaits, DiskScarce])])
def test_answers_go_before_sound_and_sound_before_the_rest(tmp_path: Path, free_mb: int,
                                                           waits: list[type[Refusal]]) -> None:
    disk, found = Disk(tmp_path, lambda _: free_mb * MEBIBYTE), []
    for writing in Writing:
        try:
            disk.check(writing)
        except Refusal as refusal:
            found.append(type(refusal))
    assert found == waits


def test_a_disk_that_does_not_tell_is_not_called_full(tmp_path: Path) -> None:
    def fail(_folder: Path) -> int:
        raise OSError(5, "Input/output error")
    assert Disk(tmp_path, fail).level == Level.AMPLE


def test_the_ballast_holds_its_blocks_and_gives_them_back(tmp_path: Path) -> None:
    size = 8 * MEBIBYTE
    assert keep_ballast(tmp_path, size, 3 * GIBIBYTE) and keep_ballast(tmp_path, size, 0)
    # blocks of 512 bytes: a file with holes has none
    assert (tmp_path / "ballast").stat().st_blocks * 512 >= size
    assert (release_ballast(tmp_path), release_ballast(tmp_path), count_ballast(tmp_path)) == (size, 0, 0)


def test_ballast_brings_no_warning_forward(tmp_path: Path) -> None:
    assert may_hold_ballast(2560 * MEBIBYTE, 512 * MEBIBYTE)
    assert not may_hold_ballast(2560 * MEBIBYTE - 1, 512 * MEBIBYTE)
    assert not keep_ballast(tmp_path, 8 * MEBIBYTE, 1 * GIBIBYTE) and not keep_ballast(tmp_path, 0, 1 << 60)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_refuses_ballast_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "ballast.new").mkdir()
    assert not keep_ballast(tmp_path, MEBIBYTE, 3 * GIBIBYTE)


def test_a_start_counts_the_ballast_as_room(tmp_path: Path) -> None:
    free = check_disk(tmp_path, least_bytes=1)
    with pytest.raises(DiskTooFull):
        check_disk(tmp_path, least_bytes=free + GIBIBYTE)
    with open(tmp_path / "ballast", "wb") as file:
        file.truncate(4 * GIBIBYTE)
    assert check_disk(tmp_path, least_bytes=free + GIBIBYTE) > 0
