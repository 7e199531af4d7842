"""Points in areas of a picture: takes a point and a shape with its numbers, says whether it lies inside."""
from collections.abc import Sequence
from fractions import Fraction

from task_bank.scoring.declarations import Area
from task_bank.scoring.values import Value


def map_points(value: Value, areas: Sequence[Area]) -> Fraction:
    """Points of the areas that are hit; each area counts once, each point for one area."""
    left, total = list(areas), Fraction(0)
    for point in value.atoms:
        hit = next((area for area in left if is_inside(point, area.shape, area.coords)), None)
        if hit is not None:
            left.remove(hit)
            total += hit.points
    return total


def is_inside(point: object, shape: str, coords: Sequence[Fraction]) -> bool:
    """Whether a point (x, y) lies in a rect, circle, ellipse, poly or default (everywhere)."""
    if not isinstance(point, tuple):
        return False
    x, y = point
    if shape == "rect":
        return bool(coords[0] <= x <= coords[2] and coords[1] <= y <= coords[3])
    if shape == "circle":
        return bool((x - coords[0]) ** 2 + (y - coords[1]) ** 2 <= coords[2] ** 2)
    if shape == "ellipse":
        return bool(((x - coords[0]) / coords[2]) ** 2 + ((y - coords[1]) / coords[3]) ** 2 <= 1)
    if shape == "poly":
        return _is_in_polygon(x, y, coords)
    return shape == "default"


def _is_in_polygon(x: Fraction, y: Fraction, coords: Sequence[Fraction]) -> bool:
    corners = list(zip(coords[::2], coords[1::2], strict=False))
    inside = False
    for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
