"""The file of one recording: raw PCM s16le mono, appended in blocks, made durable in parts.

Takes blocks, gives parts with digests once their bytes are fsynced. After a crash `recover_parts` turns the
unlisted tail into parts. Memory does not depend on the length.
"""

import errno
import hashlib
import os
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

from audio.faults import PartUnreadable, RecordingExists
from audio.judgement import Judgement
from audio.levels import BYTES_PER_SAMPLE, read_samples
from audio.parts import Gap, Part, Range, count_part_bytes, find_missing, list_ranges, tile
from audio.recording import Recovered
from audio.speech_quality import BlockFacts, FrameReader, Tally, join_tallies

READ_BYTES = 64 * 1024
DISK_BLOCK, LEAST_HOLE = 4096, 64
# A part is half a second, too little to tell a voice from a knock: it is judged with what came just before.
JUDGED_MS = 2000
FULL_DISK = (errno.ENOSPC, errno.EDQUOT)
NOT_MADE = -1


class PcmFile:
    """The growing file; one thread uses it. `usual_speech_db10`: the candidate's own level, for the parts' verdicts.
    A full disk without room for its name gets it with its first block.

    :raises RecordingExists: something is already there. :raises OSError: the disk refuses, and not for want of room.
    """

    def __init__(self, path: Path, rate: int, usual_speech_db10: int | None = None) -> None:
        self.path = path
        self.rate = rate
        self.is_right_device = True
        self._usual_speech_db10 = usual_speech_db10
        self._recent: deque[Tally] = deque()
        self.bytes = 0
        self.parts = 0
        self.whole = hashlib.sha256()
        self._longest = count_part_bytes(rate)
        self._closed: list[Part] = []
        self._tally = Tally(rate)
        self._begin_part(0)
        self._descriptor = _create_if_room(path)

    def append(self, block: bytes) -> None:
        """Write the whole block or nothing of it.

        :raises OSError: the disk is full or refuses; the block may be appended again later.
        """
        self._write(block)
        self.bytes += len(block)
        self.whole.update(block)
        for piece in tile_with_first(len(block), self._longest - self._part_bytes, self._longest):
            self._part_digest.update(block[piece.start:piece.end])
            self._part_bytes += piece.end - piece.start
            if self._part_bytes == self._longest:
                self._close_part()

    def describe(self, facts: BlockFacts) -> None:
        """Add what was measured in the appended block to the part it belongs to."""
        self._tally.add(facts)

    def make_durable(self) -> list[Part]:
        """Flush to the disk; the parts whose bytes are now safe.

        :raises OSError: the disk refused; what it holds is unknown and must not be announced.
        """
        if self._part_bytes:
            self._close_part()
        if not self._closed:
            return []
        os.fsync(self._descriptor)
        durable, self._closed = self._closed, []
        return durable

    def close(self) -> None:
        if self._descriptor != NOT_MADE:
            os.close(self._descriptor)

    def _write(self, block: bytes) -> None:
        if self._descriptor == NOT_MADE:
            self._descriptor = _create(self.path)
        written = 0
        try:
            while written < len(block):
                written += os.write(self._descriptor, memoryview(block)[written:])
        except OSError:
            os.ftruncate(self._descriptor, self.bytes)
            raise

    def _begin_part(self, start: int) -> None:
        self._part_digest = hashlib.sha256()
        self._part_start = start
        self._part_bytes = 0
        # A device that mutes its pauses is not dead in a longer one.
        self._tally = Tally(self.rate, mutes_pauses=self._tally.mutes_pauses)

    def _close_part(self) -> None:
        digest = self._part_digest.hexdigest()
        part = make_part(self.parts, self._part_start, self._part_bytes, digest, self._judge_recent())
        self._closed.append(part)
        self.parts += 1
        self._begin_part(part.end_bytes)

    def _judge_recent(self) -> Judgement:
        self._recent.append(self._tally)
        while len(self._recent) > 1 and sum(one.samples for one in self._recent) * 1000 > JUDGED_MS * self.rate:
            self._recent.popleft()
        return join_tallies(self._recent).judge(self._usual_speech_db10, self.is_right_device)


def make_part(part_no: int, offset: int, length: int, sha256: str, judgement: Judgement) -> Part:
    loudest = max(judgement.speech_db10, judgement.noise_db10)
    return Part(part_no, offset, length, sha256, judgement.verdict, loudest, judgement.peak_db10)


def tile_with_first(length: int, first: int, longest: int) -> Iterator[Range]:
    """Cut 0 .. `length`: the first range has at most `first` bytes, the others at most `longest`."""
    cut = min(length, first)
    yield from tile(0, cut, longest)
    yield from tile(cut, length, longest)


def read_part(path: Path, part: Part) -> bytes:
    """The bytes of a part, checked.

    :raises PartUnreadable: the file has fewer bytes, cannot be read, or they differ from the digest.
    """
    try:
        with open(path, "rb") as file:
            file.seek(part.offset_bytes)
            block = file.read(part.length_bytes)
    except OSError as error:
        raise PartUnreadable(f"{path}: {error}") from None
    if len(block) != part.length_bytes or hashlib.sha256(block).hexdigest() != part.sha256:
        raise PartUnreadable(f"{path}: part {part.part_no} at {part.offset_bytes}")
    return block


def recover_parts(path: Path, known_parts: Iterable[Part], rate: int, is_after_power_cut: bool = False) -> Recovered:
    """What a crash left of a recording.

    `known_parts`: what the journal lists, in any order. Bytes that no known part covers become new parts
    (numbered after the last known one); a known part that is missing or damaged on the disk becomes a gap.
    Half a sample at the end is left out. The file is made durable, not changed otherwise. `is_after_power_cut`: the
    machine was started anew since, so of what was never synced the disk may hold a size without bytes: the file ends
    where the rest of a block of the disk reads as zeros.

    :raises PartsOverlap: the listed parts contradict each other. :raises OSError: no such file.
    """
    known = sorted(set(known_parts), key=lambda part: part.offset_bytes)
    listed = list_ranges(known)
    if is_after_power_cut:
        _cut_unwritten(path, max((found.end for found in listed), default=0))
    total = _flush_whole_samples(path)
    kept = [part for part in known if is_readable(path, part)]
    gaps = tuple(_describe_loss(part, rate) for part in known if part not in kept)
    fresh = tuple(_list_new_parts(path, listed, total, rate, _next_number(known)))
    parts = tuple(sorted((*kept, *fresh), key=lambda part: part.offset_bytes))
    digest, tally = _measure_file(path, total, rate)
    return Recovered(total, total // BYTES_PER_SAMPLE, digest, parts, fresh, gaps, tally.judge(), rate)


def is_readable(path: Path, part: Part) -> bool:
    try:
        read_part(path, part)
    except PartUnreadable:
        return False
    return True


def _create_if_room(path: Path) -> int:
    try:
        return _create(path)
    except OSError as error:
        if error.errno not in FULL_DISK:
            raise
        return NOT_MADE


def _create(path: Path) -> int:
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
    except FileExistsError:
        raise RecordingExists(str(path)) from None
    try:
        sync_folder(path.parent)
    except OSError:
        # It holds nothing yet: whoever tries again must not find it there.
        os.close(descriptor)
        path.unlink()
        raise
    return descriptor


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable; Windows does this by itself and cannot open folders."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _cut_unwritten(path: Path, synced: int) -> None:
    """End the file where, behind `synced`, the end of a block of the disk was never written."""
    with open(path, "rb+") as file:
        file.seek(synced)
        while block := file.read(DISK_BLOCK - file.tell() % DISK_BLOCK):
            hole = len(block) - len(block.rstrip(b"\0"))
            if hole >= LEAST_HOLE:
                file.truncate(file.tell() - hole)
                return


def _flush_whole_samples(path: Path) -> int:
    with open(path, "rb+") as file:
        total = file.seek(0, os.SEEK_END)
        os.fsync(file.fileno())
    return total - total % BYTES_PER_SAMPLE


def _describe_loss(part: Part, rate: int) -> Gap:
    lost_ms = part.length_bytes * 1000 // (rate * BYTES_PER_SAMPLE)
    return Gap(part.offset_bytes // BYTES_PER_SAMPLE, lost_ms, "unreadable")


def _next_number(known: list[Part]) -> int:
    return max((part.part_no for part in known), default=-1) + 1


def _list_new_parts(path: Path, listed: list[Range], total: int, rate: int, number: int) -> Iterator[Part]:
    for missing in find_missing(listed, total):
        for piece in tile(missing.start, missing.end, count_part_bytes(rate)):
            yield _measure_piece(path, piece, rate, number)
            number += 1


def _measure_piece(path: Path, piece: Range, rate: int, number: int) -> Part:
    with open(path, "rb") as file:
        file.seek(piece.start)
        block = file.read(piece.end - piece.start)
    tally = Tally(rate)
    tally.add(FrameReader(rate).read(read_samples(block)))
    return make_part(number, piece.start, len(block), hashlib.sha256(block).hexdigest(), tally.judge())


def _measure_file(path: Path, total: int, rate: int) -> tuple[str, Tally]:
    digest, reader, tally = hashlib.sha256(), FrameReader(rate), Tally(rate)
    with open(path, "rb") as file:
        for piece in tile(0, total, READ_BYTES):
            block = file.read(piece.end - piece.start)
            digest.update(block)
            tally.add(reader.read(read_samples(block)))
    return digest.hexdigest(), tally
