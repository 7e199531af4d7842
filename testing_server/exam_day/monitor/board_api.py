"""The board as JSON: all schools of a territory once, then what changed. The page draws, sums, sorts and searches.

Columns instead of rows: forty thousand schools are two megabytes and one list of places.
"""
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request
from flask_login import current_user

from testing_server.exam_day.monitor.answering import answer_together, read_number, round_moment
from testing_server.exam_day.monitor.board_directory import Directory, read_directory
from testing_server.exam_day.monitor.board_queries import (
    list_changed_lines, list_new_contacts, read_contacts, read_lines)
from testing_server.exam_day.monitor.live import COORDINATOR
from testing_server.exam_day.monitor.marking_queries import list_tallies
from testing_server.foundation.mounts import Mount
from testing_server.foundation.services import services
from testing_server.preparation.campaigns.queries import list_campaigns
from testing_server.preparation.campaigns.tasks import choose_campaign

api = Blueprint("board_api", __name__, url_prefix="/v1/board")
SLOWEST_CONTACTS_MS = 600_000


@api.get("")
def show_lines() -> Response:
    """{version, campaign, places: [[region, municipality]], schools: {id, login, name, place, line, contact}, tallies}.

    `place`: index into `places`; `contact`: Unix ms or null; `line`: letters of foundation.progress.rules; `tallies`:
    [[school, marked, waiting, third ones waiting]] of the schools whose answers are marked.
    """
    offered, territory = services(), current_user.territory

    def read(campaign: str) -> dict[str, Any]:
        version = offered.clock.now_ms()
        with offered.storage.read() as session:
            directory = read_directory(offered, session, territory)
            lines, contacts = read_lines(session, territory, campaign), read_contacts(session, territory)
            tallies = list_tallies(session, territory, campaign)
        return {"version": version, "campaign": campaign, **describe_columns(directory, lines, contacts),
                "tallies": tallies}

    return answer_together("lines", territory, read_campaign_asked(), read)


@api.get("/changes")
def show_changes() -> Response:
    """`after`: the version of the answer before; `contacts`: that of the last contacts, "" for none now.

    {version, lines: [[school, line]], contacts: [[school, Unix ms]], tallies}: a little more than what changed, never
    less.
    """
    offered, territory = services(), current_user.territory

    def read(asked: tuple[str, int, int]) -> dict[str, Any]:
        campaign, after_ms, contacts_ms = asked
        version = offered.clock.now_ms()
        with offered.storage.read() as session:
            lines = list_changed_lines(session, territory, campaign, after_ms)
            tallies = list_tallies(session, territory, campaign, after_ms)
            contacts = list_new_contacts(session, territory, max(
                contacts_ms, version - SLOWEST_CONTACTS_MS)) if contacts_ms else []
        return {"version": version, "lines": lines, "contacts": contacts, "tallies": tallies}

    return answer_together("changed lines", territory, (
        read_campaign_asked(), round_moment(read_number("after")),
        round_moment(read_number("contacts", 0))), read)


def describe_columns(directory: Directory, lines: Mapping[str, str], contacts: Mapping[str, int]) -> dict[str, Any]:
    """What changes beside what does not, in one order."""
    ids = directory.ids
    columns = {"id": ids, "login": directory.logins, "name": directory.names, "place": directory.numbers,
               "line": [lines.get(one, "") for one in ids], "contact": [contacts.get(one) for one in ids]}
    return {"places": directory.places, "schools": columns}


def read_campaign_asked() -> str:
    """The campaign of the address, or the one that has a work today or next; "" where there is none."""
    asked, offered = request.args.get("campaign", "")[:80], services()
    if asked:
        return asked
    found = choose_campaign(list_campaigns(offered.settings.data), offered.clock.now_ms())
    return found.id if found else ""


MOUNT = Mount(blueprint=api, access={"show_lines": COORDINATOR, "show_changes": COORDINATOR})
