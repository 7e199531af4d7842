"""What outcomes add to a role."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.outcomes.forms import coordinator_pages, expert_pages
from testing_server.outcomes.forms import pages as form_pages
from testing_server.outcomes.forms.retention import register_keepers
from testing_server.outcomes.individual import pages as individual_pages
from testing_server.outcomes.results import pages


def hub_mounts() -> list[Mount]:
    """Result forms handed in and sent from marking, exports, results by code, files of appeals."""
    register_keepers()
    return [form_pages.MOUNT, coordinator_pages.MOUNT, expert_pages.MOUNT, individual_pages.MOUNT,
            Mount(pages.pages, pages.ACCESS, menu=(MenuEntry("show_forms", _("Результаты")),))]
