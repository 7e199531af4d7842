"""Pictures without texts: takes PNG, JPEG or GIF bytes, gives the same pixels and nothing that was written beside."""
import struct
import zlib
from collections.abc import Iterator

from task_bank.items.media.errors import BrokenMedia

PNG = b"\x89PNG\r\n\x1a\n"
PNG_PARTS = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB sBIT bKGD pHYs cICP acTL fcTL fdAT".split()
)
MAX_PIXELS = 100_000_000

# Start of frame (all codings), Huffman and quantisation tables, restart interval, arithmetic conditioning.
JPEG_PARTS = frozenset({*range(0xC0, 0xD0), 0xDB, 0xDC, 0xDD})
JPEG_JFIF, JPEG_EXIF, JPEG_ADOBE, JPEG_SCAN, JPEG_END = 0xE0, 0xE1, 0xEE, 0xDA, 0xD9
ORIENTATION = 0x0112

GIF_SHOWN = 0xF9
GIF_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def bare_png(data: bytes, file: str) -> bytes:
    """A PNG (also animated) without texts, times, profiles and bytes after its end."""
    if not data.startswith(PNG):
        raise BrokenMedia(file, "is not a PNG picture, whatever its name says")
    kept = [PNG]
    pixels = []
    for name, body in _read_png_parts(data, file):
        if name in PNG_PARTS:
            kept.append(struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)))
        elif name[:1].isupper():
            raise BrokenMedia(file, f"has an unknown necessary part {name.decode('latin-1')}")
        if name == b"IDAT":
            pixels.append(body)
    _check_pixels(kept[1][4:-4] if len(kept) > 1 else b"", b"".join(pixels), file)
    return b"".join(kept)


def _read_png_parts(data: bytes, file: str) -> Iterator[tuple[bytes, bytes]]:
    place, name = len(PNG), b""
    while name != b"IEND":
        if place + 12 > len(data):
            raise BrokenMedia(file, "ends too early")
        size, name = struct.unpack(">I4s", data[place:place + 8])
        body = data[place + 8:place + 8 + size]
        written = data[place + 8 + size:place + 12 + size]
        if written != struct.pack(">I", zlib.crc32(name + body)):
            raise BrokenMedia(file, f"is damaged in its part {name.decode('latin-1')}")
        yield name, body
        place += 12 + size


def _check_pixels(head: bytes, packed: bytes, file: str) -> None:
    """`head` is the name and body of the first part. Unpacks the pixels, no further than they may reach."""
    if not head.startswith(b"IHDR") or len(head) != 17:
        raise BrokenMedia(file, "does not begin with its size")
    width, height = struct.unpack(">II", head[4:12])
    if not 0 < width * height <= MAX_PIXELS:
        raise BrokenMedia(file, f"has {width} × {height} pixels")
    unpacking = zlib.decompressobj()
    try:
        unpacking.decompress(packed, width * height * 8 + height * 8 + 64)
    except zlib.error as error:
        raise BrokenMedia(file, "has damaged pixels") from error
    if not unpacking.eof:
        raise BrokenMedia(file, "ends inside its pixels")


def bare_jpeg(data: bytes, file: str) -> bytes:
    """A JPEG without comments, Exif, XMP, profiles and previews. A turned photograph stays turned."""
    if not data.startswith(b"\xff\xd8\xff"):
        raise BrokenMedia(file, "is not a JPEG picture, whatever its name says")
    kept = [data[:2]]
    framed = False
    for marker, body in _read_jpeg_parts(data, file):
        bare = _bare_jpeg_part(marker, body)
        if bare is not None:
            kept.append(bare)
        framed = framed or (marker in JPEG_PARTS and marker not in (0xC4, 0xC8, 0xCC, 0xDB, 0xDC, 0xDD))
    if not framed:
        raise BrokenMedia(file, "is a JPEG picture without a picture")
    return b"".join(kept)


def _bare_jpeg_part(marker: int, body: bytes) -> bytes | None:
    """`body` is everything after the marker: length, content and, of a scan, its pixels."""
    if marker in JPEG_PARTS or marker in (JPEG_SCAN, JPEG_END):
        return bytes([0xFF, marker]) + body
    content = body[2:]
    if marker == JPEG_JFIF and content.startswith(b"JFIF\0"):
        return b"\xff\xe0\x00\x10" + content[:12] + b"\0\0"
    if marker == JPEG_ADOBE and content.startswith(b"Adobe"):
        return b"\xff\xee\x00\x0e" + content[:12]
    if marker == JPEG_EXIF and content.startswith(b"Exif\0\0"):
        return _write_orientation(_read_orientation(content[6:]))
    return None


def _read_jpeg_parts(data: bytes, file: str) -> Iterator[tuple[int, bytes]]:
    place = 2
    while place + 2 <= len(data):
        if data[place] != 0xFF:
            raise BrokenMedia(file, "is damaged between its parts")
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        if marker == JPEG_END:
            yield marker, b""
            return
        end = place + 2 + int.from_bytes(data[place + 2:place + 4], "big")
        end = _end_of_scan(data, end) if marker == JPEG_SCAN else end
        if end > len(data) or end < place + 4:
            break
        yield marker, data[place + 2:end]
        place = end
    raise BrokenMedia(file, "ends too early")


def _end_of_scan(data: bytes, place: int) -> int:
    """Pixels reach to the next marker that is neither a stuffed byte nor a restart."""
    while True:
        place = data.find(b"\xff", place)
        if place < 0 or place + 1 >= len(data):
            return len(data) + 1
        if data[place + 1] != 0 and not 0xD0 <= data[place + 1] <= 0xD7:
            return place
        place += 2


def _read_orientation(tiff: bytes) -> int:
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 10:
        return 1
    start = struct.unpack(order + "I", tiff[4:8])[0]
    count = struct.unpack(order + "H", tiff[start:start + 2])[0] if len(tiff) >= start + 2 else 0
    for number in range(count):
        entry = tiff[start + 2 + 12 * number:start + 14 + 12 * number]
        if len(entry) == 12 and struct.unpack(order + "H", entry[:2])[0] == ORIENTATION:
            return int(struct.unpack(order + "H", entry[8:10])[0])
    return 1


def _write_orientation(orientation: int) -> bytes | None:
    if not 2 <= orientation <= 8:
        return None
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, ORIENTATION, 3, 1, orientation, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", len(tiff) + 8) + b"Exif\0\0" + tiff


def bare_gif(data: bytes, file: str) -> bytes:
    """A GIF without comments, texts and programs' own parts; an animation goes on repeating."""
    if data[:6] not in (b"GIF87a", b"GIF89a") or len(data) < 13:
        raise BrokenMedia(file, "is not a GIF picture, whatever its name says")
    place = 13 + _palette_size(data[10])
    kept = [data[:place]]
    while data[place:place + 1] != b";":
        end = _end_of_gif_part(data, place, file)
        if _is_shown(data, place):
            kept.append(data[place:end])
        place = end
    return b"".join([*kept, b";"])


def _is_shown(data: bytes, place: int) -> bool:
    if data[place] == 0x2C or data[place + 1] == GIF_SHOWN:
        return True
    return data[place + 1] == 0xFF and data[place + 3:place + 14] in GIF_LOOPS


def _palette_size(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _end_of_gif_part(data: bytes, place: int, file: str) -> int:
    kind = data[place] if place + 10 < len(data) else 0
    if kind == 0x2C:
        place += 11 + _palette_size(data[place + 9])
    elif kind == 0x21:
        place += 2
    else:
        raise BrokenMedia(file, "is damaged or ends too early")
    while place < len(data) and data[place]:
        place += data[place] + 1
    if place >= len(data):
        raise BrokenMedia(file, "ends too early")
    return place + 1
