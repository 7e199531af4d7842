"""What outcomes add to a classroom server."""

from __future__ import annotations

from testing_server.foundation.mounts import Mount
from testing_server.outcomes.school import pages


def classroom_mounts() -> list[Mount]:
    """The filled result form and the signed protocol."""
    return [pages.MOUNT]
