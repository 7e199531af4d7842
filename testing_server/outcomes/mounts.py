"""What outcomes add to a role."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.outcomes.results import pages


def hub_mounts() -> list[Mount]:
    """Result forms."""
    return [Mount(pages.pages, pages.ACCESS, menu=(MenuEntry("show_forms", _("Результаты")),))]
