"""Pages of the school organizer: codes, logins of a day, forms to print."""
from flask import Blueprint, Response, render_template
from flask_babel import lazy_gettext as _
from flask_login import current_user

from testing_server.foundation.access import AccountRole
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.refusals import NotFound
from testing_server.foundation.services import services
from testing_server.preparation.campaigns.queries import find_campaign
from testing_server.preparation.codes.queries import CodeList, read_codes, read_electronic_protocol
from testing_server.preparation.forms.drawing import (
    FormHead, FormLine, draw_name_protocol, draw_slips, write_electronic_protocol)
from testing_server.preparation.materials.queries import list_archives
from testing_server.preparation.page_words import show_day, show_hours
from testing_server.preparation.registry.queries import read_school
from testing_server.preparation.rosters.actions import DayForgotten
from testing_server.preparation.rosters.queries import find_day, list_days

pages = Blueprint("codes", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pages.get("/school/codes")
def show_codes() -> str:
    with services().storage.read() as session:
        school = read_school(session, current_user.school)
        days = [(day, len(read_electronic_protocol(session, day.campaign, school.id, day.day)),
                 read_codes(session, day.campaign, school.id)) for day in list_days(session, school.id)]
    return render_template("preparation/codes.html", school=school, days=days)


@pages.get("/school/codes/<day>")
def show_protocol(day: str) -> str:
    head, lines, _codes = read_forms(day)
    return render_template("preparation/electronic_protocol.html", head=head, lines=lines, day=day)


@pages.get("/school/codes/<day>/slips.pdf")
def fetch_slips(day: str) -> Response:
    head, lines, _codes = read_forms(day)
    return send_form(draw_slips(head, lines), "application/pdf", f"slips-{day}.pdf")


@pages.get("/school/codes/<day>/name-protocol.pdf")
def fetch_name_protocol(day: str) -> Response:
    head, _lines, codes = read_forms(day)
    return send_form(draw_name_protocol(head, codes.codes), "application/pdf", f"name-protocol-{day}.pdf")


@pages.get("/school/codes/<day>/electronic-protocol.xlsx")
def fetch_electronic_protocol(day: str) -> Response:
    head, lines, codes = read_forms(day)
    return send_form(write_electronic_protocol(head, lines, codes.reserve), XLSX, f"electronic-protocol-{day}.xlsx")


def read_forms(day: str) -> tuple[FormHead, list[FormLine], CodeList]:
    """What the forms of a day show. Raises NotFound when nothing is planned on it, DayForgotten when its
    codes were deleted by term."""
    offered = services()
    with offered.storage.read() as session:
        school, planned = read_school(session, current_user.school), find_day(session, current_user.school, day)
        if planned is None:
            raise NotFound()
        codes = read_codes(session, planned.campaign, school.id)
        lines = read_electronic_protocol(session, planned.campaign, school.id, day)
        if planned.forgotten_at_ms is not None and not codes.codes:
            raise DayForgotten()
        works = [one.title["ru"] for one in list_archives(session, school.id, day, "materials")]
    campaign = find_campaign(offered.settings.data, planned.campaign)
    window = show_hours(planned.opens_at_ms, planned.closes_at_ms, school.zone)
    head = FormHead(school.name, school.login, campaign.title, show_day(day), ", ".join(works), window)
    return head, [FormLine(one.place, one.login, one.code) for one in lines], codes


def send_form(content: bytes, kind: str, name: str) -> Response:
    """A file to keep; nothing on the way may keep it too."""
    return Response(content, mimetype=kind, headers={
        "Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"})


ORGANIZER = frozenset({AccountRole.SCHOOL_ORGANIZER.value})
MOUNT = Mount(
    blueprint=pages, menu=(MenuEntry("show_codes", _("Коды и формы")),),
    access={name: ORGANIZER for name in (
        "show_codes", "show_protocol", "fetch_slips", "fetch_name_protocol", "fetch_electronic_protocol")})
