"""The disk after a power cut: what was synced is there, what was not may be missing; names come in order."""
from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.faults.campaign.control import Control, Disk
from tests.faults.campaign.disk_log import DiskLog, build_shim, make_environ

WRITER = """
import os, sys
folder = sys.argv[1]
kept = os.open(folder + "/kept", os.O_CREAT | os.O_WRONLY)
os.write(kept, b"a" * 5000)
os.fsync(kept)
os.write(kept, b"b" * 50000)
with open(folder + "/late", "wb") as late:
    late.write(b"c" * 100)
os.rename(folder + "/late", folder + "/later")
"""
TRIES = 40


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_shim(tmp_path_factory.mktemp("shim"))


def run_writer(library: Path, control: Control, folder: Path,
               program: str = WRITER) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, **make_environ(library, control, folder)}
    return subprocess.run([sys.executable, "-c", program, str(folder)], env=environ, capture_output=True, text=True,
                          check=False)


def cut(library: Path, tmp_path: Path, seed: int) -> Path:
    control, folder = Control(tmp_path / f"{seed}.page"), tmp_path / str(seed)
    folder.mkdir()
    disk = DiskLog(control, folder)
    disk.begin()
    assert run_writer(library, control, folder).returncode == 0
    disk.cut_power(random.Random(seed))
    return folder


def test_synced_bytes_survive_every_cut_and_later_ones_only_some(library: Path, tmp_path: Path) -> None:
    found = [(cut(library, tmp_path, seed) / "kept").read_bytes() for seed in range(TRIES)]
    assert all(data[:5000] == b"a" * 5000 for data in found)
    tails = {data[5000:] for data in found}
    assert {b"", b"b" * 50000} < tails and len(tails) > 2
    assert all(set(tail) <= {0, ord("b")} for tail in tails)


def test_names_come_in_order(library: Path, tmp_path: Path) -> None:
    names = {frozenset(path.name for path in cut(library, tmp_path, seed).iterdir()) for seed in range(TRIES)}
    assert names == {frozenset({"kept"}), frozenset({"kept", "late"}), frozenset({"kept", "later"})}


@pytest.mark.parametrize(("mode", "word"), [(Disk.full, "No space"), (Disk.read_only, "Read-only")])
def test_a_disk_that_refuses_says_so(library: Path, tmp_path: Path, mode: Disk, word: str) -> None:
    control, folder = Control(tmp_path / "page"), tmp_path / "folder"
    folder.mkdir()
    control.set_disk(mode, free_bytes=6000)
    assert word in run_writer(library, control, folder).stderr


def test_an_unlinked_file_gives_its_room_back(library: Path, tmp_path: Path) -> None:
    control, folder = Control(tmp_path / "page"), tmp_path / "folder"
    folder.mkdir()
    (folder / "reserve").write_bytes(bytes(60000))
    control.set_disk(Disk.full, free_bytes=0)
    assert run_writer(library, control, folder, 'import os, sys; os.unlink(sys.argv[1] + "/reserve")' + WRITER
                      ).returncode == 0


def test_the_clock_jumps_for_that_process_alone(library: Path, tmp_path: Path) -> None:
    control, folder = Control(tmp_path / "page"), tmp_path / "folder"
    folder.mkdir()
    control.jump_clock(-86_400)
    told = run_writer(library, control, folder, "import time; print(time.time(), time.monotonic())").stdout.split()
    assert abs(float(told[0]) + 86_400 - time.time()) < 60
    assert abs(float(told[1]) - time.monotonic()) < 60
