"""What the hub mounts of the monitor."""
from testing_server.exam_day.monitor import api, audit_pages, board_api, pages, reminder_pages
from testing_server.exam_day.monitor.retention import register_needs
from testing_server.exam_day.rehearsals import hub_pages as rehearsal_pages
from testing_server.foundation.mounts import Mount


def board_mounts() -> list[Mount]:
    """What a coordinator opens first."""
    register_needs()
    return [api.MOUNT, board_api.MOUNT, pages.MOUNT]


def following_mounts() -> list[Mount]:
    """What is looked up now and then."""
    return [reminder_pages.MOUNT, audit_pages.MOUNT, rehearsal_pages.MOUNT]


def hub_mounts() -> list[Mount]:
    """Both."""
    return [*board_mounts(), *following_mounts()]
