"""An event before the journal gives it a number and a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Draft:
    """What happened, in the form of `contracts.events.BODY_FIELDS`."""

    kind: str
    body: dict[str, Any]
