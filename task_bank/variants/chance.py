"""Chance that is the same on every machine and in every Python: takes words, gives a source of numbers."""
import hashlib
from collections.abc import Sequence
from random import Random
from typing import TypeVar

Thing = TypeVar("Thing")


class Chance:
    """Numbers determined by the words given.

    Of the standard generator only `random()` is used: its sequence for a whole-number seed is the one thing Python
    promises never to change; `shuffle`, `sample` and `randrange` may change.
    """

    def __init__(self, *words: object) -> None:
        # With their lengths, or ("a", "bc") would be ("ab", "c").
        text = "".join(f"{len(str(word))}:{word}" for word in words)
        self._source = Random(int.from_bytes(hashlib.sha256(text.encode()).digest()))
        self.draw = self._source.random

    def pick_below(self, limit: int) -> int:
        """A whole number from 0 to limit - 1."""
        return int(self.draw() * limit)

    def shuffle(self, things: Sequence[Thing]) -> list[Thing]:
        """A shuffled copy."""
        mixed = list(things)
        for place in range(len(mixed) - 1, 0, -1):
            other = int(self.draw() * (place + 1))
            mixed[place], mixed[other] = mixed[other], mixed[place]
        return mixed

    def pick_numbers(self, first: int, last: int, count: int) -> list[int]:
        """`count` different whole numbers from first to last, rising."""
        if 2 * count > last - first:
            return sorted(self.shuffle(range(first, last + 1))[:count])
        found: set[int] = set()
        while len(found) < count:
            found.add(first + self.pick_below(last - first + 1))
        return sorted(found)
