"""Media without what is written into them: takes a file's bytes and type, gives the same picture or sound, bare.

Titles, comments, transcripts, cover pictures, places and names of programs may tell the answer. Each format keeps
only the parts that make the picture or the sound; whatever else a file holds is left behind.
"""
import struct
from collections.abc import Callable, Iterator
from functools import lru_cache

from task_bank.items.media.picture_tags import bare_gif, bare_jpeg, bare_png
from task_bank.items.media.sound_tags import bare_mp3, bare_ogg
from task_bank.items.media.errors import BrokenMedia

__all__ = ["BrokenMedia", "strip_tags"]

WAV_PARTS = (b"fmt ", b"fact", b"data")
WEBP_PARTS = (b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF")
# ICC profile, Exif and XMP: chunks that are left out must not be announced in the head.
WEBP_ANNOUNCED = 0x20 | 0x08 | 0x04


@lru_cache(maxsize=64)
def strip_tags(data: bytes, kind: str, file: str) -> bytes:
    """The bare bytes of a medium of type `kind`; types that have no tags come back unchanged.

    Raises BrokenMedia when the bytes are not of that type, or end too early.
    """
    strip = STRIPPERS.get(kind)
    return data if strip is None else strip(data, file)


def bare_wav(data: bytes, file: str) -> bytes:
    """A WAV of its format and samples only."""
    parts = [(name, body) for name, body in _read_riff(data, b"WAVE", file) if name in WAV_PARTS]
    names = [name for name, _ in parts]
    if b"fmt " not in names or b"data" not in names:
        raise BrokenMedia(file, "is a WAV sound without format or samples")
    return _write_riff(b"WAVE", parts)


def bare_webp(data: bytes, file: str) -> bytes:
    """A WebP of its pictures only."""
    parts = [(name, body) for name, body in _read_riff(data, b"WEBP", file) if name in WEBP_PARTS]
    if not any(name in (b"VP8 ", b"VP8L", b"ANMF") for name, _ in parts):
        raise BrokenMedia(file, "is a WebP picture without a picture")
    return _write_riff(b"WEBP", [(name, _bare_head(body) if name == b"VP8X" else body) for name, body in parts])


def _bare_head(body: bytes) -> bytes:
    return bytes([body[0] & ~WEBP_ANNOUNCED & 0xFF]) + body[1:]


def _read_riff(data: bytes, form: bytes, file: str) -> Iterator[tuple[bytes, bytes]]:
    if data[:4] != b"RIFF" or data[8:12] != form:
        raise BrokenMedia(file, f"is not a {form.decode()} file, whatever its name says")
    place, end = 12, 8 + struct.unpack("<I", data[4:8])[0]
    if end > len(data):
        raise BrokenMedia(file, "ends too early")
    while place + 8 <= end:
        name, size = struct.unpack("<4sI", data[place:place + 8])
        if place + 8 + size > end:
            raise BrokenMedia(file, "ends inside a part")
        yield name, data[place + 8:place + 8 + size]
        place += 8 + size + size % 2


def _write_riff(form: bytes, parts: list[tuple[bytes, bytes]]) -> bytes:
    written = b"".join(
        struct.pack("<4sI", name, len(body)) + body + b"\0" * (len(body) % 2) for name, body in parts
    )
    return b"RIFF" + struct.pack("<I", len(written) + 4) + form + written


STRIPPERS: dict[str, Callable[[bytes, str], bytes]] = {
    "image/png": bare_png,
    "image/jpeg": bare_jpeg,
    "image/gif": bare_gif,
    "image/webp": bare_webp,
    "audio/ogg": bare_ogg,
    "audio/mpeg": bare_mp3,
    "audio/wav": bare_wav,
}
