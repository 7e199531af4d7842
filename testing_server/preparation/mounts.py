"""What the hub mounts of this stage."""
from testing_server.foundation.mounts import Mount
from testing_server.preparation.enrolment import api as enrolment_api


def hub_mounts() -> list[Mount]:
    """Programs' endpoints first, then pages in the order of the menu."""
    return [enrolment_api.MOUNT]
