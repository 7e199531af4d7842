"""The picture of a graphic interaction: takes a redacted element, gives its image with authored size.

QTI counts coordinates in pixels of the image as its author placed it: by the width and height that stand with the
image, else by the file's own. The player shows the image at any size and counts in these pixels all the same.
"""
import io
import re
from dataclasses import dataclass

from lxml import etree
from PIL import Image, UnidentifiedImageError

from task_bank.items.rendering.context import RenderContext, make
from task_bank.items.rendering.flow import show_original
from task_bank.items.media.loading import MediaFile
from task_bank.items.xml import PackageError, find_all, find_first, local_name, parse_xml, read_text

IMAGES = ("img", "object", "picture")
# A camera held upright notes that its picture lies on its side; browsers show it upright.
ORIENTATION, TURNED = 0x0112, (5, 6, 7, 8)
LARGEST_SIDE = 20_000
_NUMBER = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(?:px)?\s*")


@dataclass(frozen=True)
class Picture:
    """An image of an interaction; `width` and `height` in pixels as authored, `element` the HTML image."""

    element: etree._Element
    width: int
    height: int


def render_picture(node: etree._Element, context: RenderContext) -> Picture:
    """The one image that is a direct child of `node`: img, object or picture.

    Raises PackageError when there is none, when it is no image, or when its size is nowhere to be found.
    """
    holder = next((child for child in node if local_name(child) in IMAGES), None)
    if holder is None:
        raise PackageError(context.file, "has no picture", node)
    return _read_picture(holder, context)


def _read_picture(holder: etree._Element, context: RenderContext) -> Picture:
    image = find_first(holder, "img") if local_name(holder) == "picture" else holder
    if image is None:
        raise PackageError(context.file, "has no img inside", holder)
    digest = context.add_media(image.get("src") or image.get("data") or "", image)
    media = context.media[digest]
    if not media.type.startswith("image/"):
        raise PackageError(context.file, f"is {media.type}, not a picture", image)
    width, height = _find_size(image, media, context.file)
    attributes = {"src": f"media/{digest}", "alt": _read_alternative(image)}
    attributes.update(width=str(width), height=str(height), draggable="false")
    return Picture(show_original(make("img", attributes), image, context), width, height)


def _read_alternative(image: etree._Element) -> str:
    """Words instead of an image: `alt`, or what stands inside an object."""
    if local_name(image) == "img":
        return str(image.get("alt", ""))
    inner = next((str(one.get("alt", "")) for one in find_all(image, "img")), "")
    return read_text(image) or inner


def _find_size(image: etree._Element, media: MediaFile, file: str) -> tuple[int, int]:
    written = [_NUMBER.fullmatch(image.get(name, "")) for name in ("width", "height")]
    found = [float(one.group(1)) if one else 0.0 for one in written]
    if not all(found):
        own = measure_image(media)
        if own is None:
            raise PackageError(file, "has no width and height, and its file has none either", local_name(image))
        # With one side written the other keeps the file's proportions.
        scale = max(side / whole for side, whole in zip(found, own, strict=True)) or 1.0
        found = [whole * scale for whole in own]
    if max(found) > LARGEST_SIDE:
        raise PackageError(file, f"is larger than {LARGEST_SIDE} pixels", image)
    return max(round(found[0]), 1), max(round(found[1]), 1)


def measure_image(media: MediaFile) -> tuple[float, float] | None:
    """Width and height a file itself declares, in pixels; None when it declares none or cannot be read."""
    if media.type == "image/svg+xml":
        return _measure_drawing(media.data)
    try:
        with Image.open(io.BytesIO(media.data)) as image:
            turned = image.getexif().get(ORIENTATION) in TURNED
            width, height = float(image.width), float(image.height)
            return (height, width) if turned else (width, height)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None


def _measure_drawing(data: bytes) -> tuple[float, float] | None:
    root = parse_xml(data, "picture.svg")
    sides = [_NUMBER.fullmatch(root.get(name, "")) for name in ("width", "height")]
    numbers = [float(side.group(1)) for side in sides if side]
    if len(numbers) != 2:
        box = re.findall(r"-?\d+(?:\.\d+)?", root.get("viewBox", ""))
        numbers = [float(one) for one in box[2:]] if len(box) == 4 else []
    return (numbers[0], numbers[1]) if len(numbers) == 2 and min(numbers) > 0 else None
