"""Sealing and opening of archives, against the age library itself, the age tool, and `cat`. MB = 10^6 bytes.

The library and the tool get the ready tar; ours makes the tar from files on the way, takes the digest, and brings the
result to the disk, which is what a hub needs. The cipher's own 0.2 s (scrypt) run beside it.
"""
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pyrage

from task_bank.sealing import Entry, open_with_identity, seal_archive
from task_bank.sealing.tar_stream import READ_SIZE, TarStream
from tests.benchmarks.measures import Measure

FILES = 280
FILE_BYTES = 2_000_000
TAR = "ready.tar"
CIPHER = "1" * 30


def seal(folder: Path) -> float:
    """Files on the disk to archive.age and key.age."""
    entries = make_entries(folder)
    return _measure(lambda: seal_archive(entries, CIPHER, folder / "sealed"))


def encrypt_by_library(folder: Path) -> float:
    """pyrage over the ready tar, to the disk."""
    tar = make_tar(folder)
    reader = pyrage.x25519.Identity.generate().to_public()

    def encrypt() -> None:
        with tar.open("rb") as plain, (folder / "library.age").open("wb") as out:
            pyrage.encrypt_io(plain, out, [reader])
            out.flush()
            os.fsync(out.fileno())

    return _measure(encrypt)


def encrypt_by_tool(folder: Path) -> float:
    """`age -r … ready.tar`; where it is not installed, the library."""
    if shutil.which("age") is None:
        return encrypt_by_library(folder)
    reader = str(pyrage.x25519.Identity.generate().to_public())
    command = ["age", "-r", reader, "-o", str(folder / "tool.age"), str(make_tar(folder))]
    return _measure(lambda: _run(command))


def copy_by_cat(folder: Path) -> float:
    """`cat ready.tar > copy`."""
    tar = make_tar(folder)

    def copy() -> None:
        with (folder / "copy").open("wb") as out:
            subprocess.run(["cat", str(tar)], stdout=out, check=True)
            os.fsync(out.fileno())

    return _measure(copy)


def open_sealed(folder: Path) -> float:
    """archive.age to its files, through its tar."""
    sealed = seal_archive(make_entries(folder), CIPHER, folder / "sealed")
    return _measure(lambda: open_with_identity(sealed.archive_path, sealed.identity, folder / "out"))


def decrypt_by_library(folder: Path) -> float:
    """pyrage to the tar only."""
    sealed = seal_archive(make_entries(folder), CIPHER, folder / "sealed")

    def decrypt() -> None:
        with sealed.archive_path.open("rb") as file, (folder / "plain.tar").open("wb") as out:
            pyrage.decrypt_io(file, out, [pyrage.x25519.Identity.from_str(sealed.identity)])

    return _measure(decrypt)


def make_entries(folder: Path) -> list[Entry]:
    """Files as large as recordings are, each different."""
    block = os.urandom(FILE_BYTES - 8)
    entries = []
    for number in range(FILES):
        path = folder / f"medium-{number:04}"
        path.write_bytes(number.to_bytes(8) + block)
        entries.append(Entry(f"media/{number:04}", path))
    return entries


def make_tar(folder: Path) -> Path:
    """The same files as one tar on the disk."""
    stream = TarStream(make_entries(folder))
    with (folder / TAR).open("wb") as out:
        while piece := stream.read(READ_SIZE):
            out.write(piece)
    return folder / TAR


def _measure(act: Callable[[], object]) -> float:
    """MB a second, the best of three: what the disk was busy with before does not count."""
    return max(FILES * FILE_BYTES / 1e6 / _time(act) for _turn in range(3))


def _time(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True)


MEASURES = (
    Measure("sealing-against-age-library", "MB/s", seal, encrypt_by_library),
    Measure("sealing-against-age-tool", "MB/s", seal, encrypt_by_tool),
    Measure("sealing-against-cat", "MB/s", seal, copy_by_cat),
    Measure("opening-against-age-library", "MB/s", open_sealed, decrypt_by_library),
)
