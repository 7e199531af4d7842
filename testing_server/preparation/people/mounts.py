"""What the hub mounts of this folder."""
from testing_server.foundation.mounts import Mount
from testing_server.preparation.people import credential_pages, expert_pages, number_pages, organizer_pages, pages


def hub_mounts() -> list[Mount]:
    """In the order of the menu."""
    return [pages.MOUNT, organizer_pages.MOUNT, credential_pages.MOUNT, expert_pages.MOUNT, number_pages.MOUNT]
