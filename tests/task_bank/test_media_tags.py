"""Pictures and sounds leave without a word in them, look and sound as before, and damaged ones are refused."""
import base64
import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from PIL import Image, ImageOps

from task_bank.items.media.tags import BrokenMedia, strip_tags
from task_bank.items.media.svg import clean_svg
from tests.task_bank.media_files import (
    MAKERS,
    WORD,
    checked_part,
    make_jpeg,
    make_mp3,
    make_png,
    make_svg,
    make_vorbis,
)

SAMPLES = Path(__file__).parents[2] / "task_bank" / "samples"
PICTURES = [name for name, (kind, _) in MAKERS.items() if kind.startswith("image/")]
SOUNDS = [name for name in MAKERS if name not in PICTURES]


def planted_and_bare(name: str) -> tuple[bytes, bytes]:
    kind, make = MAKERS[name]
    planted = make(WORD)
    return planted, strip_tags(planted, kind, name)


@pytest.mark.parametrize("name", MAKERS)
def test_no_word_stays_in_a_medium(name: str) -> None:
    planted, bare = planted_and_bare(name)
    assert WORD in planted and WORD not in bare


def test_no_packed_text_stays_in_a_picture() -> None:
    planted, bare = (Image.open(io.BytesIO(data)) for data in planted_and_bare("a.png"))
    for picture in (planted, bare):
        picture.load()
    assert set(planted.text) == {"Title", "Comment", "Description"} and not bare.text  # type: ignore[attr-defined]
    assert not bare.getexif()


def test_no_word_stays_in_a_drawing_but_its_looks_do() -> None:
    bare = clean_svg(make_svg(), "a.svg")
    assert b"CANARY" in make_svg() and b"CANARY" not in bare and b"seen" in bare
    root = etree.fromstring(bare)
    (gradient,) = root.iter("{*}linearGradient")
    (shape,) = root.iter("{*}rect")
    assert shape.get("fill") == f"url(#{gradient.get('id')})"
    (style,) = root.iter("{*}style")
    assert style.text == f".{root.get('class')}{{fill:red}}"


@pytest.mark.parametrize("spoiled", ["data:image/png;base64,AAAA", "data:image/png;base64,*", "data:text/html,x"])
def test_pictures_inside_a_drawing_are_bare_too(spoiled: str) -> None:
    packed = base64.b64encode(make_png(WORD)).decode()
    drawing = '<svg xmlns="http://www.w3.org/2000/svg"><image href="{}"/></svg>'
    clean = clean_svg(drawing.format(f"data:image/png;base64,{packed}").encode(), "a.svg")
    (image,) = etree.fromstring(clean)
    assert WORD not in base64.b64decode(str(image.get("href")).split(",")[1])
    if spoiled.startswith("data:image"):
        with pytest.raises(BrokenMedia):
            clean_svg(drawing.format(spoiled).encode(), "a.svg")
    else:
        assert spoiled.encode() not in clean_svg(drawing.format(spoiled).encode(), "a.svg")


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_keeps_its_pixels_and_frames(name: str) -> None:
    planted, bare = (Image.open(io.BytesIO(data)) for data in planted_and_bare(name))
    assert planted.size == bare.size and getattr(planted, "n_frames", 1) == getattr(bare, "n_frames", 1)
    assert planted.info.get("loop") == bare.info.get("loop")
    assert planted.convert("RGB").tobytes() == bare.convert("RGB").tobytes()


@pytest.mark.parametrize("name", SOUNDS)
def test_a_sound_keeps_its_samples(name: str) -> None:
    heard = [soundfile.read(io.BytesIO(data))[0] for data in planted_and_bare(name)]
    assert len(heard[0]) > 20_000 and np.array_equal(*heard)


@pytest.mark.parametrize("name", MAKERS)
def test_what_is_bare_stays_as_it_is(name: str) -> None:
    bare = planted_and_bare(name)[1]
    assert strip_tags(bare, MAKERS[name][0], name) == bare


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photograph_stays_turned(orientation: int) -> None:
    bare = strip_tags(make_jpeg(WORD, orientation), "image/jpeg", "a.jpg")
    assert Image.open(io.BytesIO(bare)).getexif().get(0x0112, 1) == orientation
    turned = ImageOps.exif_transpose(Image.open(io.BytesIO(bare)))
    assert turned is not None and turned.size == ((8, 16) if orientation > 4 else (16, 8))


def test_long_comments_over_many_pages_are_blanked_in_place() -> None:
    planted = make_vorbis(WORD * 20_000)
    bare = strip_tags(planted, "audio/ogg", "a.ogg")
    assert len(bare) == len(planted) > 200_000 and WORD not in bare
    assert np.array_equal(soundfile.read(io.BytesIO(planted))[0], soundfile.read(io.BytesIO(bare))[0])


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("other", MAKERS)
def test_a_file_that_is_not_what_its_name_says_is_refused(name: str, other: str) -> None:
    kind, other_kind = MAKERS[name][0], MAKERS[other][0]
    if kind != other_kind:
        with pytest.raises(BrokenMedia, match=name):
            strip_tags(MAKERS[other][1](b""), kind, name)


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("content", [b"", b"png", b"OggS", b"<html></html>", b"\0" * 64])
def test_what_is_no_medium_at_all_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(BrokenMedia):
        strip_tags(content, MAKERS[name][0], name)


@pytest.mark.parametrize("name", [name for name in MAKERS if name != "a.mp3"])
@pytest.mark.parametrize("part", [0.2, 0.5, 0.9])
def test_a_medium_cut_short_is_refused(name: str, part: float) -> None:
    kind, make = MAKERS[name]
    plain = strip_tags(make(b""), kind, name)
    with pytest.raises(BrokenMedia):
        strip_tags(plain[:int(len(plain) * part)], kind, name)


def test_a_damaged_page_or_part_is_refused() -> None:
    for name, at in (("a.png", 60), ("opus.ogg", 200)):
        kind, make = MAKERS[name]
        spoiled = bytearray(make(b""))
        spoiled[at] ^= 0xFF
        with pytest.raises(BrokenMedia, match="damaged"):
            strip_tags(bytes(spoiled), kind, name)


def test_pixels_that_unpack_without_end_are_refused() -> None:
    plain = make_png()
    head = checked_part(b"IHDR", b"\xff\xff\xff\x7f" * 2 + plain[24:29])
    with pytest.raises(BrokenMedia, match="pixels"):
        strip_tags(plain[:8] + head + plain[33:], "image/png", "a.png")


def test_an_mp3_with_a_hole_is_refused() -> None:
    sound = make_mp3()
    with pytest.raises(BrokenMedia, match="frame is missing"):
        strip_tags(sound[:2000] + b"CANARY" * 100 + sound[2000:], "audio/mpeg", "a.mp3")


@pytest.mark.parametrize("path", sorted(SAMPLES.rglob("*.ogg")), ids=lambda path: path.stem)
def test_sounds_of_the_samples_are_whole(path: Path) -> None:
    bare = strip_tags(path.read_bytes(), "audio/ogg", path.name)
    assert np.array_equal(soundfile.read(path)[0], soundfile.read(io.BytesIO(bare))[0])


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(sorted(MAKERS)), data=st.data())
def test_spoiled_bytes_are_refused_by_reason_or_read_but_never_fall(name: str, data: st.DataObject) -> None:
    kind, make = MAKERS[name]
    spoiled = bytearray(make(WORD)[:20_000])
    for place in data.draw(st.lists(st.integers(0, min(len(spoiled), 400) - 1), max_size=4)):
        spoiled[place] = data.draw(st.integers(0, 255))
    try:
        strip_tags(bytes(spoiled), kind, name)
    except BrokenMedia as error:
        assert error.file == name
