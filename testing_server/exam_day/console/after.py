"""Pages for after the work and for what goes wrong at half past seven. Takes nothing; gives their mounts."""
from __future__ import annotations

from testing_server.exam_day.console import (
    appeal_pages, evacuation_pages, relocation_pages, replay_pages, report_pages, support_pages)
from testing_server.exam_day.support import internal as support_internal
from testing_server.foundation.mounts import Mount


def list_after_mounts() -> list[Mount]:
    """In the order of the menu."""
    return [evacuation_pages.MOUNT, relocation_pages.MOUNT, report_pages.MOUNT, replay_pages.MOUNT, appeal_pages.MOUNT,
            support_pages.MOUNT, support_internal.MOUNT]
