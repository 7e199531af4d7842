"""Sound without tags: takes Ogg or MP3 bytes, gives the same sound without titles, texts and cover pictures.

Ogg: RFC 3533 (pages), RFC 7845 §5.2 (OpusTags), Vorbis I §5 (comment header). MP3: ISO 11172-3 frames.
"""
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from task_bank.items.media.errors import BrokenMedia

OGG_HEAD = 27
FIRST_PAGE, CONTINUED = 2, 1
# How each sound stream begins, and how its second packet (the comments) begins and ends.
CODECS = {b"OpusHead": (b"OpusTags", b""), b"\x01vorbis": (b"\x03vorbis", b"\x01")}
_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))

MP3_TAILS = (b"TAG", b"APETAGEX", b"LYRICSBEGIN", b"ID3", b"3DI")
LAYER_III = 1
BITRATES = {
    True: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


@dataclass
class Stream:
    """One logical stream of an Ogg file. `comments` are the places (start, end) of its comment packet."""

    codec: bytes
    packet: int = 0
    comments: list[tuple[int, int]] = field(default_factory=list)


def bare_ogg(data: bytes, file: str) -> bytes:
    """An Ogg sound whose comments are blank. Their length stays, so that no page moves."""
    bare = bytearray(data)
    streams: dict[bytes, Stream] = {}
    pages = list(_read_pages(data, file))
    for start, body, end in pages:
        _note_packets(data, start, body, streams, file)
    for stream in [*streams.values()]:
        _blank_comments(bare, stream, file)
    for start, _, end in pages:
        if bare[start:end] != data[start:end]:
            bare[start + 22:start + 26] = _checksum(bytes(bare[start:end]))
    return bytes(bare)


def _read_pages(data: bytes, file: str) -> Iterator[tuple[int, int, int]]:
    """Start, start of the body, and end of every page."""
    if not data.startswith(b"OggS"):
        raise BrokenMedia(file, "is not an Ogg sound, whatever its name says")
    start = 0
    while start < len(data):
        body = start + OGG_HEAD + (data[start + 26] if start + OGG_HEAD <= len(data) else 256)
        end = body + sum(data[start + OGG_HEAD:body])
        if data[start:start + 4] != b"OggS" or end > len(data):
            raise BrokenMedia(file, "is damaged or ends too early")
        if _checksum(data[start:end]) != data[start + 22:start + 26]:
            raise BrokenMedia(file, "is damaged: the checksum of a page is wrong")
        yield start, body, end
        start = end


def _checksum(page: bytes) -> bytes:
    # Ogg counts its bits the other way round than zlib does.
    bare = page[:22] + b"\0\0\0\0" + page[26:]
    mirrored = zlib.crc32(bare.translate(_MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return struct.pack("<I", int(f"{mirrored:032b}"[::-1], 2))


def _note_packets(data: bytes, start: int, body: int, streams: dict[bytes, Stream], file: str) -> None:
    serial = data[start + 14:start + 18]
    if data[start + 5] & FIRST_PAGE:
        codec = next((name for name in CODECS if data.startswith(name, body)), None)
        if codec is None or serial in streams:
            raise BrokenMedia(file, "holds something other than Opus or Vorbis sound")
        streams[serial] = Stream(codec)
    stream = streams.get(serial)
    if stream is None:
        raise BrokenMedia(file, "has a page of a stream that never began")
    for size in data[start + OGG_HEAD:body]:
        if stream.packet == 1:
            stream.comments.append((body, body + size))
        body += size
        stream.packet += size < 255


def _blank_comments(bare: bytearray, stream: Stream, file: str) -> None:
    head, tail = CODECS[stream.codec]
    written = b"".join(bytes(bare[start:end]) for start, end in stream.comments)
    room = len(written) - len(head) - 8 - len(tail)
    if not written.startswith(head) or room < 0 or stream.packet < 2:
        raise BrokenMedia(file, "has no comment header where one must stand")
    blank = head + struct.pack("<I", room) + b" " * room + struct.pack("<I", 0) + tail
    for start, end in stream.comments:
        bare[start:end], blank = blank[:end - start], blank[end - start:]


def bare_mp3(data: bytes, file: str) -> bytes:
    """An MP3 of its frames only: tags before, behind and between are left out."""
    start = place = _skip_tags(data, 0)
    while (size := _frame_size(data, place)) and place + size <= len(data):
        place += size
    if _frame_size(data, start) == 0 or place - start < 2 * _frame_size(data, start):
        raise BrokenMedia(file, "is not an MP3 sound, whatever its name says")
    rest = data[place:]
    cut_frame = _frame_size(data, place) > 0
    if rest.strip(b"\0") and not cut_frame and not rest.startswith(MP3_TAILS):
        raise BrokenMedia(file, "is damaged: a frame is missing where one must stand")
    return data[start:place]


def _skip_tags(data: bytes, place: int) -> int:
    while data[place:place + 3] == b"ID3":
        size = 0
        for byte in data[place + 6:place + 10]:
            size = size << 7 | byte & 0x7F
        has_footer = len(data) > place + 5 and data[place + 5] & 0x10
        place += 10 + size + (10 if has_footer else 0)
    while data[place:place + 1] == b"\0":
        place += 1
    return place


def _frame_size(data: bytes, place: int) -> int:
    """Bytes of the frame that begins here, 0 when none does."""
    head = data[place:place + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return 0
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bitrate, rate = head[2] >> 4, head[2] >> 2 & 3
    if version not in RATES or layer != LAYER_III or not 1 <= bitrate <= 14 or rate == 3:
        return 0
    coefficient = 144_000 if version == 3 else 72_000
    return coefficient * BITRATES[version == 3][bitrate - 1] // RATES[version][rate] + (head[2] >> 1 & 1)
