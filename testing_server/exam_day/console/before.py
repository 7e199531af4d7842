"""Pages for the hours before a sitting that stand beside the old ones. Takes nothing; gives mounts."""
from __future__ import annotations

from testing_server.exam_day.console import name_pages, room_pages, training_pages
from testing_server.foundation.mounts import Mount


def list_before_mounts() -> list[Mount]:
    """In the order of the menu."""
    return [room_pages.MOUNT, name_pages.MOUNT, training_pages.MOUNT]
