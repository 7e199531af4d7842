"""What marking adds to a role."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_login import current_user

from testing_server.foundation.access import AccountRole
from testing_server.foundation.live.live import Live
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.marking.commission import pages as commission_pages
from testing_server.marking.experts import pages as expert_pages
from testing_server.marking.kits import pages as kit_pages
from testing_server.marking.listening import pages as listening_pages
from testing_server.marking.protocol import pages as protocol_pages
from testing_server.marking.referrals import pages as referral_pages
from testing_server.marking.rescoring import pages as rescoring_pages
from testing_server.marking.retention import register_keepers
from testing_server.marking.review import pages as review_pages
from testing_server.marking.standardisation import pages as standard_pages
from testing_server.marking.statistics import pages as figure_pages


def _let_watch(live: Live) -> None:
    """Experts see their queue change, coordinators how far marking is; a hint itself tells nothing."""
    live.allow_watching("marking", lambda scope: bool(
        current_user.is_authenticated and current_user.role in (AccountRole.EXPERT, AccountRole.COORDINATOR)))


def hub_mounts() -> list[Mount]:
    """The desk, the commission, keys corrected afterwards, who marks."""
    register_keepers()
    return [
        Mount(review_pages.pages, review_pages.ACCESS, live=_let_watch,
              menu=(MenuEntry("show_queue", _("Проверка")),)),
        listening_pages.MOUNT,
        kit_pages.MOUNT,
        Mount(protocol_pages.pages, protocol_pages.ACCESS,
              menu=(MenuEntry("show_commission", _("Комиссия"), heads_only=True),)),
        Mount(commission_pages.pages, commission_pages.ACCESS,
              menu=(MenuEntry("show_people", _("Эксперты комиссии"), heads_only=True),)),
        Mount(referral_pages.pages, referral_pages.ACCESS, menu=(MenuEntry("show_sent", _("Сообщения комиссии")),)),
        Mount(standard_pages.pages, standard_pages.ACCESS),
        figure_pages.MOUNT,
        Mount(rescoring_pages.pages, rescoring_pages.ACCESS,
              menu=(MenuEntry("show_items", _("Ключи"), heads_only=True),)),
        Mount(expert_pages.pages, expert_pages.ACCESS, menu=(MenuEntry("show_experts", _("Эксперты")),)),
    ]
