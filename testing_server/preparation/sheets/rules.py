"""What sheets have in common. Pure: takes content; gives numbers."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any


def compute_shape(content: Mapping[str, Any]) -> int:
    """The same number for contents that name the same things, whatever is said of them; from 0 to 2**56.

    How far a school is depends on what it named alone, so a country of forty thousand schools is judged shape by
    shape. Two levels are looked at: a work and its forms, or a question.
    """
    return int.from_bytes(blake2b("\n".join(sorted(_list_named(content))).encode(), digest_size=7).digest())


def _list_named(content: Mapping[str, Any]) -> Iterator[str]:
    for name, told in content.items():
        if isinstance(told, Mapping):
            yield from (f"{name}\t{inner}" for inner in told)
        else:
            yield name
