"""What the hub mounts of the monitor."""
from testing_server.exam_day.monitor import api, audit_pages, board_api, pages, reminder_pages
from testing_server.exam_day.rehearsals import hub_pages as rehearsal_pages
from testing_server.foundation.mounts import Mount


def hub_mounts() -> list[Mount]:
    """Programs' endpoints first, then pages."""
    return [api.MOUNT, board_api.MOUNT, pages.MOUNT, reminder_pages.MOUNT, audit_pages.MOUNT,
            rehearsal_pages.MOUNT]
