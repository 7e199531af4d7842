"""What the hub mounts of the reception."""
from testing_server.exam_day.appeals import hub_pages as appeal_pages
from testing_server.exam_day.reception import api, judging, pages
from testing_server.exam_day.reception.retention import register_keepers
from testing_server.foundation.mounts import Mount


def hub_mounts() -> list[Mount]:
    """Programs' endpoints first, then pages."""
    register_keepers()
    return [api.MOUNT, judging.MOUNT, pages.MOUNT, appeal_pages.MOUNT]
