"""What a campaign wants deleted without a word: looked for once an hour, ordered like any other deletion.

Takes services. Gives orders; several processes may look at once, for an order that runs is not given again.
"""
from __future__ import annotations

import logging

import gevent
from flask import Flask

from testing_server.foundation.services import EXTENSION, Services
from testing_server.preparation.campaigns.contents import Kept
from testing_server.preparation.campaigns.queries import list_campaigns
from testing_server.preparation.campaigns.rules import Campaign
from testing_server.preparation.retention.actions import SYSTEM, order_deletion
from testing_server.preparation.retention.jobs import delete_data
from testing_server.preparation.retention.queries import weigh_kind
from testing_server.preparation.retention.rules import DAY_MS, list_dues

log = logging.getLogger(__name__)
ROUND_S = 3_600


def order_automatic(offered: Services) -> list[str]:
    """Orders for the whole country of every kind that is due, automatic and not empty; returns their ids."""
    now_ms, ordered = offered.clock.now_ms(), []
    for campaign in list_campaigns(offered.settings.data):
        for due in list_dues(campaign, now_ms):
            if not due.automatic or due.state != "due" or due.days is None:
                continue
            with offered.storage.read() as session:
                weighed = weigh_kind(session, campaign.id, due.kind, None, now_ms - due.days * DAY_MS, now_ms)
            if weighed.schools:
                ordered.append(_order(offered, now_ms, campaign, due.kind))
    for deletion in ordered:
        offered.jobs.enqueue(delete_data, deletion=deletion)
    return ordered


def _order(offered: Services, now_ms: int, campaign: Campaign, kind: Kept) -> str:
    return offered.storage.write(lambda session: order_deletion(session, now_ms, campaign, kind, None, SYSTEM))


def start_keeping_terms(app: Flask) -> None:
    """In the core of a hub, beside the requests; one bad round never ends the next."""
    offered: Services = app.extensions[EXTENSION]

    def go_on() -> None:
        while True:
            gevent.sleep(ROUND_S)
            try:
                with app.app_context():
                    order_automatic(offered)
            except Exception:
                log.exception("looking for data whose term has passed failed")
    gevent.spawn(go_on)
