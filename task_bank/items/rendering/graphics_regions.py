"""Regions of a picture (hotspots): takes redacted elements with shape and coords, gives them in reading order.

The author's order may be the order of the key, so a candidate gets regions by where they lie: rows from the top,
left to right within a row. A region is drawn as SVG over the picture, in pixels of the picture as authored.
"""
import re
from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from task_bank.items.rendering.context import RenderContext, make
from task_bank.items.rendering.graphics_picture import Picture
from task_bank.items.xml import PackageError, find_all, local_name

LENGTHS = {"rect": 4, "circle": 3, "ellipse": 4}
TELLING = re.compile(r"\b(correct|incorrect|right|wrong|true|false|key|answer|верн|неверн|правильн|ответ|ключ)", re.I)


@dataclass(frozen=True)
class Region:
    """A hotspot. `numbers` are its coords in pixels; `box` is left, top, right, bottom; `label` may be ""."""

    node: etree._Element
    shape: str
    numbers: tuple[float, ...]
    box: tuple[float, float, float, float]
    label: str = ""

    @property
    def middle(self) -> tuple[float, float]:
        """Centre of the box."""
        left, top, right, bottom = self.box
        return (left + right) / 2, (top + bottom) / 2


def read_regions(nodes: Iterable[etree._Element], picture: Picture, context: RenderContext) -> list[Region]:
    """Regions in reading order, with labels where these may be said.

    Raises PackageError for coords that do not fit their shape or lie outside the picture, and for none at all.
    """
    found = list(nodes)
    if not found:
        raise PackageError(context.file, "has no regions", local_name(picture.element))
    # Regions at one and the same place are told apart by nothing: chance decides, not the author's order.
    context.random.shuffle(found)
    labels = choose_labels(found, context.stimulus_text)
    return sort_for_reading([_read_region(node, label, picture, context.file) for node, label in labels])


def sort_for_reading(regions: list[Region]) -> list[Region]:
    """Rows from the top, left to right; a region belongs to a row while its middle is not below the row's first."""
    rest = sorted(regions, key=lambda region: (region.shape == "default", region.middle[1], region.middle[0]))
    ordered: list[Region] = []
    while rest:
        first = rest[0]
        row = [one for one in rest if one.shape == first.shape == "default" or _is_in_row(one, first)]
        ordered += sorted(row, key=lambda region: region.middle[0])
        rest = [one for one in rest if one not in row]
    return ordered


def _is_in_row(one: Region, first: Region) -> bool:
    return one is first or (one.shape != "default" and first.middle[1] <= one.middle[1] < first.box[3])


def choose_labels(nodes: list[etree._Element], stimulus_text: str = "") -> list[tuple[etree._Element, str]]:
    """Each hotspot with its label for screen readers, or with "" when labels could tell the key.

    They are said when every hotspot has one, all differ, none speaks of right and wrong, and none shares a word
    with the texts of the item: "Find Paris" with a region called Paris would answer itself.
    """
    labels = [" ".join(node.get("hotspot-label", "").split()) for node in nodes]
    distinct = len({label.casefold() for label in labels}) == len(labels)
    if not all(labels) or not distinct or any(TELLING.search(label) for label in labels):
        return [(node, "") for node in nodes]
    told = _find_stems(f"{_read_texts(nodes[0])} {stimulus_text}")
    if any(_find_stems(label) & told for label in labels):
        return [(node, "") for node in nodes]
    return list(zip(nodes, labels, strict=True))


def _read_texts(node: etree._Element) -> str:
    root = node.getroottree().getroot()
    return " ".join([*map(str, root.itertext()), *(image.get("alt", "") for image in find_all(root, "img"))])


def _find_stems(text: str) -> set[str]:
    """Words without their endings; words of one to three letters as they are written."""
    words = re.findall(r"\w+", text)
    return {word if len(word) < 4 else word.casefold()[:4] for word in words}


def _read_region(node: etree._Element, label: str, picture: Picture, file: str) -> Region:
    shape, written = node.get("shape", "default"), node.get("coords", "")
    size = (picture.width, picture.height)
    numbers = (0.0, 0.0, *map(float, size)) if shape == "default" else _read_numbers(written, shape, size)
    fits = len(numbers) >= 6 and len(numbers) % 2 == 0 if shape == "poly" else len(numbers) == LENGTHS.get(shape, 4)
    if not fits or shape not in (*LENGTHS, "poly", "default"):
        raise PackageError(file, f"coords {written!r} do not fit shape {shape!r}", local_name(node))
    box = _find_box(shape, numbers)
    if box[0] >= box[2] or box[1] >= box[3]:
        raise PackageError(file, f"coords {written!r} enclose nothing", local_name(node))
    if box[2] <= 0 or box[3] <= 0 or box[0] >= size[0] or box[1] >= size[1]:
        message = f"coords {written!r} lie outside the picture of {size[0]} × {size[1]}"
        raise PackageError(file, message, local_name(node))
    return Region(node, shape, numbers, box, label)


def _read_numbers(written: str, shape: str, size: tuple[int, int]) -> tuple[float, ...]:
    """Numbers of coords; percents are of the picture's width, height, or (a radius) the lesser of them."""
    numbers = []
    for place, word in enumerate(re.split(r"[,\s]+", written.strip())):
        match = re.fullmatch(r"(-?\d{1,7}(?:\.\d+)?)(%?)", word)
        if match is None:
            return ()
        whole = min(size) if shape == "circle" and place == 2 else size[place % 2]
        numbers.append(float(match[1]) * whole / 100 if match[2] else float(match[1]))
    return tuple(numbers)


def _find_box(shape: str, numbers: tuple[float, ...]) -> tuple[float, float, float, float]:
    if shape in ("circle", "ellipse"):
        x, y, across = numbers[:3]
        down = numbers[-1]
        return x - across, y - down, x + across, y + down
    return min(numbers[::2]), min(numbers[1::2]), max(numbers[::2]), max(numbers[1::2])


def draw_region(region: Region) -> etree._Element:
    """The SVG shape of a region, in pixels of the picture."""
    numbers = [f"{number:g}" for number in region.numbers]
    if region.shape == "poly":
        points = " ".join(f"{x},{y}" for x, y in zip(numbers[::2], numbers[1::2], strict=True))
        return make("polygon", {"points": points})
    if region.shape == "circle":
        return make("circle", dict(zip(("cx", "cy", "r"), numbers, strict=True)))
    if region.shape == "ellipse":
        return make("ellipse", dict(zip(("cx", "cy", "rx", "ry"), numbers, strict=True)))
    left, top, right, bottom = region.box
    sides = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    return make("rect", {name: f"{number:g}" for name, number in sides.items()})
