"""The board as JSON: all schools of a territory once, then what changed. The page draws, sums, sorts and searches.

Columns instead of rows: forty thousand schools are two megabytes and one list of places.
"""
from typing import Any

from flask import Blueprint, Response, request
from flask_login import current_user
from sqlalchemy.orm import Session

from testing_server.exam_day.monitor.answering import answer, read_number
from testing_server.exam_day.monitor.board_queries import (
    Place, SchoolLine, list_changed_lines, list_new_contacts, list_school_lines)
from testing_server.exam_day.monitor.live import COORDINATOR
from testing_server.foundation.mounts import Mount
from testing_server.foundation.progress.queries import find_present_campaign
from testing_server.foundation.services import services

api = Blueprint("board_api", __name__, url_prefix="/v1/board")
SLOWEST_CONTACTS_MS = 600_000


@api.get("")
def show_lines() -> Response:
    """{version, campaign, places: [[region, municipality]], schools: {id, login, name, place, line, contact}}.

    `place`: index into `places`; `contact`: Unix ms or null; `line`: letters of foundation.progress.rules.
    """
    offered = services()
    version = offered.clock.now_ms()
    with offered.storage.read() as session:
        campaign = read_campaign_asked(session)
        lines = list_school_lines(session, current_user.territory, campaign)
    return answer({"version": version, "campaign": campaign, **describe_columns(lines)})


@api.get("/changes")
def show_changes() -> Response:
    """`after`: the version of the answer before; `contacts`: that of the last contacts, "" for none now.

    {version, lines: [[school, line]], contacts: [[school, Unix ms]]}: a little more than what changed, never less.
    """
    offered = services()
    version, after_ms, contacts_ms = offered.clock.now_ms(), read_number("after"), read_number("contacts", 0)
    with offered.storage.read() as session:
        lines = list_changed_lines(session, current_user.territory, read_campaign_asked(session), after_ms)
        contacts = list_new_contacts(session, current_user.territory, max(
            contacts_ms, version - SLOWEST_CONTACTS_MS)) if contacts_ms else []
    return answer({"version": version, "lines": lines, "contacts": contacts})


def describe_columns(lines: list[SchoolLine]) -> dict[str, Any]:
    """Rows become columns; a region and municipality is named once."""
    places: dict[Place, int] = {}
    numbers = [places.setdefault((one.region, one.municipality), len(places)) for one in lines]
    columns = {"id": [one.id for one in lines], "login": [one.login for one in lines],
               "name": [one.name for one in lines], "place": numbers, "line": [one.line for one in lines],
               "contact": [one.contact_at_ms for one in lines]}
    return {"places": list(places), "schools": columns}


def read_campaign_asked(session: Session) -> str:
    """The campaign of the address, or the one that something was posted of last."""
    return request.args.get("campaign", "")[:80] or find_present_campaign(session)


MOUNT = Mount(blueprint=api, access={"show_lines": COORDINATOR, "show_changes": COORDINATOR})
