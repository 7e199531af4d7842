"""How much of a menu stands in the line at the top of pages; the rest is under one word beside it. Pure."""
from collections.abc import Sequence

# so many letters stand in one line beside the name of the place and of the person on a screen of 1366 pixels
ROOM = 74
# the space between two titles, and the word under which the others are
GAP, MORE = 2, 6
LEAST = 3


def count_in_line(titles: Sequence[str]) -> int:
    """All of them where they fit, else as many as leave room for the word; at least LEAST."""
    if _measure(titles) <= ROOM:
        return len(titles)
    fitting = [count for count in range(LEAST, len(titles)) if _measure(titles[:count]) <= ROOM - MORE - GAP]
    return max(fitting, default=LEAST)


def _measure(titles: Sequence[str]) -> int:
    return sum(len(title) + GAP for title in titles) - GAP
