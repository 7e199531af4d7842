"""Areas of a picture: takes a shape with its numbers, says whether a point lies inside. Borders belong to the area."""
from collections.abc import Callable
from dataclasses import dataclass

from task_bank.scoring.numbers import Number, read_number

Coords = tuple[Number, ...]


class BadArea(ValueError):
    """A shape that does not exist, or one with the wrong count of numbers."""


@dataclass(frozen=True)
class Area:
    """A shape: `default` (everywhere), rect, circle, ellipse or poly, with its coordinates."""

    shape: str
    coords: Coords

    def holds(self, point: object) -> bool:
        """Whether a point, a pair of numbers, lies inside."""
        return isinstance(point, tuple) and SHAPES[self.shape](self.coords, point[0], point[1])


def read_area(shape: str, coords: str) -> Area:
    """An area from its attributes; coordinates are parted by commas or spaces. Raises BadArea."""
    if shape not in SHAPES:
        raise BadArea(f"shape {shape!r} is not known")
    if shape == "default":
        return Area(shape, ())
    numbers = tuple(read_number(part) for part in coords.replace(",", " ").split())
    known = tuple(number for number in numbers if number is not None)
    if len(known) < len(numbers) or not _is_complete(shape, len(known)):
        raise BadArea(f"coords {coords!r} do not make a {shape}")
    return Area(shape, known)


def _is_complete(shape: str, count: int) -> bool:
    return count >= 6 and count % 2 == 0 if shape == "poly" else count == {"rect": 4, "circle": 3, "ellipse": 4}[shape]


def _holds_rect(coords: Coords, x: Number, y: Number) -> bool:
    left, top, right, bottom = coords
    return left <= x <= right and top <= y <= bottom


def _holds_circle(coords: Coords, x: Number, y: Number) -> bool:
    centre_x, centre_y, radius = coords
    return (x - centre_x) ** 2 + (y - centre_y) ** 2 <= radius ** 2


def _holds_ellipse(coords: Coords, x: Number, y: Number) -> bool:
    centre_x, centre_y, wide, high = coords
    return ((x - centre_x) * high) ** 2 + ((y - centre_y) * wide) ** 2 <= (wide * high) ** 2


def _holds_poly(coords: Coords, x: Number, y: Number) -> bool:
    corners = list(zip(coords[::2], coords[1::2], strict=True))
    inside = False
    for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1], strict=True):
        if _lies_on(x1, y1, x2, y2, x, y):
            return True
        # Crossed left of the edge; multiplied out, so that no fraction is needed.
        if (y1 > y) != (y2 > y) and ((x - x1) * (y2 - y1) < (x2 - x1) * (y - y1)) == (y2 > y1):
            inside = not inside
    return inside


def _lies_on(x1: Number, y1: Number, x2: Number, y2: Number, x: Number, y: Number) -> bool:
    on_line = (x - x1) * (y2 - y1) == (x2 - x1) * (y - y1)
    return on_line and min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2)


SHAPES: dict[str, Callable[[Coords, Number, Number], bool]] = {
    "default": lambda coords, x, y: True, "rect": _holds_rect, "circle": _holds_circle, "ellipse": _holds_ellipse,
    "poly": _holds_poly,
}
