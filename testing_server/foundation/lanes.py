"""Express lanes: which requests a stage answers before the web framework, see `foundation.serving.express`.

Takes a first line and a function. Gives `ExpressLane`, which a stage offers by its mount.
"""
from collections.abc import Callable
from dataclasses import dataclass

Answer = Callable[[str, str, bytes], bytes | None]


@dataclass(frozen=True)
class ExpressLane:
    """`start` and `end`: of the first line, around the one part that differs. `body_limit` 0: a request without a body.

    `answer(part of the path, bearer token, body)` gives the JSON of a 200, or None to leave the request to the
    ordinary path. It must not raise.
    """

    start: bytes
    end: bytes
    body_limit: int
    answer: Answer
