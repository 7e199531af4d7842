"""Rosters over HTTP, for the school's own classroom server."""
from flask import Blueprint, Response

from testing_server.foundation.access import SCHOOL
from testing_server.foundation.mounts import Mount
from testing_server.foundation.services import services
from testing_server.foundation.web import current_school
from testing_server.preparation.campaigns.queries import find_campaign
from testing_server.preparation.founding.actions import hub_keys
from testing_server.preparation.registry.rules import UnknownSchool
from testing_server.preparation.rosters.actions import NothingPlanned, issue_roster
from testing_server.preparation.rosters.queries import find_day

api = Blueprint("rosters_api", __name__, url_prefix="/v1")


@api.get("/rosters/<school>/<day>")
def show_roster(school: str, day: str) -> Response:
    """The signed roster of a day. Refused for any school but the one whose token asks."""
    if school != current_school().subject:
        raise UnknownSchool()
    offered, now_ms = services(), services().clock.now_ms()
    with offered.storage.read() as session:
        planned = find_day(session, school, day)
    if planned is None:
        raise NothingPlanned()
    campaign, signing = find_campaign(offered.settings.data, planned.campaign), hub_keys().signing
    envelope = offered.storage.write(lambda db: issue_roster(db, now_ms, signing, campaign, school, day))
    return Response(envelope, mimetype="application/json")


MOUNT = Mount(blueprint=api, access={"show_roster": frozenset({SCHOOL})})
