"""What marking adds to a classroom server: the hub's own desk and protocol, and the organizer's page.

Limits, standardisation, figures and kits stay at the hub: a school's commission is two or three people.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_login import current_user

from testing_server.foundation.access import AccountRole
from testing_server.foundation.live.live import Live
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.marking.listening import pages as listening_pages
from testing_server.marking.protocol import pages as protocol_pages
from testing_server.marking.review import pages as review_pages
from testing_server.marking.school import pages as school_pages
from testing_server.marking.school.forgetting import register_forgetting


def _let_watch(live: Live) -> None:
    """Experts see their queue change, the organizer how far marking is; a hint itself tells nothing."""
    live.allow_watching("marking", lambda scope: bool(
        current_user.is_authenticated and current_user.role in (AccountRole.EXPERT, AccountRole.SCHOOL_ORGANIZER)))


def classroom_mounts() -> list[Mount]:
    """The desk, the protocol, who marks."""
    register_forgetting()
    return [
        Mount(review_pages.pages, review_pages.ACCESS, live=_let_watch,
              menu=(MenuEntry("show_queue", _("Проверка")),)),
        listening_pages.MOUNT,
        Mount(protocol_pages.pages, protocol_pages.ACCESS,
              menu=(MenuEntry("show_commission", _("Комиссия"), heads_only=True),)),
        school_pages.MOUNT,
    ]
