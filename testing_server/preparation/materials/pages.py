"""Pages of the school organizer: calendar, archives, ciphers at their hour."""
from collections.abc import Iterable
from datetime import date, timedelta

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from testing_server.contracts.check_digits import cipher_groups
from testing_server.foundation.access import AccountRole
from testing_server.foundation.mounts import MenuEntry, Mount, Rate
from testing_server.foundation.refusals import NotFound
from testing_server.foundation.services import services
from testing_server.preparation.campaigns.queries import list_campaigns
from testing_server.preparation.campaigns.rules import Campaign
from testing_server.preparation.materials.api import send_archive_file
from testing_server.preparation.materials.calendar import arrange_calendar, next_deadline
from testing_server.preparation.materials.queries import list_archives, list_changed, list_late, read_archive
from testing_server.preparation.page_words import FILTERS
from testing_server.preparation.registry.queries import read_school
from testing_server.preparation.release.giving import release_cipher
from testing_server.preparation.release.rules import NotYet
from testing_server.preparation.rosters.queries import ExamDay, list_days

pages = Blueprint("school", __name__)
FILES = frozenset({"archive.age", "archive.tar", "key.age", "statement.json"})
HOMES = {AccountRole.SCHOOL_ORGANIZER.value: "school.show_calendar", AccountRole.COORDINATOR.value: "board.show_board"}

for word, filter_ in FILTERS.items():
    pages.add_app_template_filter(filter_, word)


@pages.before_app_request
def lead_home() -> BaseResponse | None:
    """The first page after signing in is the one of the person's own work."""
    mine = HOMES.get(current_user.role) if current_user.is_authenticated and not current_user.must_change else None
    return redirect(url_for(mine)) if mine and request.endpoint == "home.show_home" else None


@pages.get("/school")
def show_calendar() -> str:
    offered, now_ms = services(), services().clock.now_ms()
    with offered.storage.read() as session:
        school = read_school(session, current_user.school)
        days = list_days(session, school.id)
        calendar = arrange_calendar(days, list_archives(session, school.id), now_ms)
        late = list_late(session, school.id)
        withdrawn = [one for one in list_changed(session, school.id)
                     if one.state == "withdrawn" and one.kind == "materials"]
    return render_template("preparation/calendar.html", school=school, calendar=calendar, now_ms=now_ms,
                           withdrawn=withdrawn, late=late, deadline=next_deadline(calendar, now_ms),
                           software=find_software_days(list_campaigns(offered.settings.data), days))


def find_software_days(campaigns: Iterable[Campaign], days: Iterable[ExamDay]) -> dict[str, str]:
    """Day of a counted work -> the last day (ISO) for its programs and training material by the campaign's rule."""
    before = {one.id: one.contents.materials.software_days_before for one in campaigns if one.counted}
    return {day.day: (date.fromisoformat(day.day) - timedelta(days=before[day.campaign])).isoformat()
            for day in days if day.campaign in before}


@pages.get("/school/archives/<archive>/<name>")
def fetch_file(archive: str, name: str) -> Response:
    """One of the three files of an archive."""
    if name not in FILES:
        raise NotFound()
    return send_archive_file(archive, current_user.school, name)


@pages.get("/school/archives/<archive>/cipher")
def show_cipher(archive: str) -> Response:
    """Six groups of digits, after the hour; before it a page that counts down."""
    offered, now_ms = services(), services().clock.now_ms()
    with offered.storage.read() as session:
        found = read_archive(session, archive, current_user.school)
        school = read_school(session, current_user.school)
    about = {"archive": found, "school": school, "now_ms": now_ms}
    try:
        release = release_cipher(offered, archive, current_user.school, current_user.login)
    except NotYet as refusal:
        page = make_response(render_template("preparation/cipher_waits.html", refusal=refusal, **about), 403)
    else:
        groups = cipher_groups(release.cipher)
        page = make_response(render_template("preparation/cipher.html", groups=groups, release=release, **about))
    page.headers["Cache-Control"] = "no-store"
    return page


def name_person() -> str:
    """A school is behind one address with its neighbours: whoever asks is counted by the account."""
    return f"account:{current_user.login}"


ORGANIZER = frozenset({AccountRole.SCHOOL_ORGANIZER.value})
MOUNT = Mount(
    blueprint=pages, menu=(MenuEntry("show_calendar", _("Материалы")),),
    access={"show_calendar": ORGANIZER, "fetch_file": ORGANIZER, "show_cipher": ORGANIZER},
    limits={"show_cipher": (Rate("60 per minute", by=name_person),)})
