"""Small real pictures and sounds with a word planted in every place that can hold one."""
import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import soundfile
from PIL import Image, PngImagePlugin

from task_bank.items.media.sound_tags import _checksum

WORD = b"CANARY-tag"


def make_png(planted: bytes = b"", width: int = 12, height: int = 8) -> bytes:
    """A PNG with texts, a time, an unknown part and bytes after its end."""
    picture = Image.new("RGB", (width, height), (200, 60, 40))
    picture.putpixel((3, 2), (10, 200, 90))
    texts = PngImagePlugin.PngInfo()
    if planted:
        texts.add_text("Title", planted.decode())
        texts.add_text("Comment", planted.decode(), zip=True)
        texts.add_itxt("Description", planted.decode(), "en", planted.decode())
        texts.add(b"prVt", planted)
    out = io.BytesIO()
    exif = Image.Exif()
    exif[270] = planted.decode()
    picture.save(out, "PNG", pnginfo=texts, exif=exif if planted else None)
    return out.getvalue() + planted


def make_jpeg(planted: bytes = b"", orientation: int = 1) -> bytes:
    """A JPEG with a comment, Exif, a foreign part and bytes after its end."""
    picture = Image.new("RGB", (16, 8), (30, 90, 200))
    exif = Image.Exif()
    exif[0x0112] = orientation
    if planted:
        exif[270] = planted.decode()
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, comment=planted)
    plain = out.getvalue()
    foreign = b"\xff\xed" + struct.pack(">H", len(planted) + 2) + planted if planted else b""
    return plain[:2] + foreign + plain[2:] + planted


def make_gif(planted: bytes = b"") -> bytes:
    frames = [Image.new("P", (6, 6), colour) for colour in (0, 1)]
    for frame in frames:
        frame.putpalette([255, 0, 0, 0, 0, 255] + [0] * 762)
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], loop=0, comment=planted, duration=100)
    return out.getvalue() + planted


def make_webp(planted: bytes = b"") -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[270] = planted.decode()
    Image.new("RGB", (8, 8), (5, 120, 5)).save(out, "WEBP", exif=exif if planted else b"", xmp=planted)
    return out.getvalue()


def _record(form: str, subtype: str, planted: bytes) -> bytes:
    out = io.BytesIO()
    tone = 0.3 * np.sin(np.arange(24_000) * 0.05)
    with soundfile.SoundFile(out, "w", 48_000 if subtype == "OPUS" else 44_100, 1, subtype, format=form) as sound:
        if planted:
            sound.title = sound.comment = sound.artist = planted.decode()
        sound.write(tone)
    return out.getvalue()


def make_vorbis(planted: bytes = b"") -> bytes:
    return _record("OGG", "VORBIS", planted)


def make_opus(planted: bytes = b"") -> bytes:
    return _record("OGG", "OPUS", planted)


def make_wav(planted: bytes = b"") -> bytes:
    plain = _record("WAV", "PCM_16", planted)
    part = b"note" + struct.pack("<I", len(planted)) + planted if len(planted) % 2 == 0 else b""
    return plain[:4] + struct.pack("<I", len(plain) - 8 + len(part)) + plain[8:] + part


def make_mp3(planted: bytes = b"") -> bytes:
    """An MP3 with a tag before it and one behind."""
    sound = _record("MP3", "MPEG_LAYER_III", b"")
    if not planted:
        return sound
    frame = b"TIT2" + struct.pack(">IH", len(planted) + 1, 0) + b"\0" + planted
    before = b"ID3\x03\0\0" + bytes([0, 0, len(frame) >> 7, len(frame) & 127]) + frame
    return before + sound + (b"TAG" + planted).ljust(128, b"\0")


def make_svg(planted: bytes = b"CANARY-tag") -> bytes:
    word = planted.decode()
    return (
        f'<?xml-stylesheet href="{word}.css"?><svg xmlns="http://www.w3.org/2000/svg" '
        f'xmlns:inkscape="urn:{word}" viewBox="0 0 20 20" id="{word}" class="{word}" inkscape:label="{word}" '
        f'aria-label="{word}" data-name="{word}" onclick="{word}"><!-- {word} --><title>{word}</title>'
        f"<desc>{word}</desc><metadata>{word}</metadata><script>{word}</script>"
        f'<style>/* {word} */ .{word} {{ fill: red }}</style><defs><linearGradient id="{word}-g">'
        f'<stop offset="0" stop-color="red"/></linearGradient></defs><g id="{word}-layer" class="{word}">'
        f'<rect fill="url(#{word}-g)" width="9" height="9" inkscape:label="{word}"/><use href="#{word}-layer"/>'
        f'</g><a href="http://{word}/"><text x="1" y="9" aria-description="{word}">seen</text></a></svg>'
    ).encode()


def repair_page(page: bytes) -> bytes:
    """An Ogg page with its checksum put right."""
    return page[:22] + _checksum(page) + page[26:]


def checked_part(name: bytes, body: bytes) -> bytes:
    """A part of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


MAKERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "a.png": ("image/png", make_png),
    "a.jpg": ("image/jpeg", make_jpeg),
    "a.gif": ("image/gif", make_gif),
    "a.webp": ("image/webp", make_webp),
    "vorbis.ogg": ("audio/ogg", make_vorbis),
    "opus.ogg": ("audio/ogg", make_opus),
    "a.wav": ("audio/wav", make_wav),
    "a.mp3": ("audio/mpeg", make_mp3),
}
