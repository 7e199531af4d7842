"""What the pages of a campaign's stages ask of a request: whose school, which campaign, which file.

Takes the request of a signed-in person. Gives schools, campaigns, authors and bytes, or a refusal.
"""
from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from flask import Response, request, send_file
from flask_babel import lazy_gettext as _
from flask_login import current_user

from testing_server.foundation.access import AccountRole, judge_level
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import services
from testing_server.foundation.workbooks.writing import XLSX
from testing_server.preparation.applications.rules import SCHOOL
from testing_server.preparation.campaigns.queries import find_campaign
from testing_server.preparation.campaigns.rules import Campaign
from testing_server.preparation.registry.queries import School, list_schools, read_own_school, read_school
from testing_server.preparation.sheets.actions import Author

SCHOOLS_OF_A_PAGE = 200
UPLOAD_BYTES = 32 * 1024 * 1024


class NoFile(Refusal):
    code = "no_file"
    status = 422
    message = _("Файл не выбран.")
    remedy = _("Выберите заполненный файл .xlsx и нажмите кнопку ещё раз.")


def is_coordinator() -> bool:
    """Whether the page is asked for by a coordinator."""
    return bool(current_user.role == AccountRole.COORDINATOR.value)


def read_author() -> Author:
    """Who writes, and at which level."""
    return Author(current_user.login, judge_level(current_user.territory).value if is_coordinator() else SCHOOL)


def read_asked_campaign(campaign: str) -> Campaign:
    """Raises UnknownCampaign."""
    return find_campaign(services().settings.data, campaign)


def read_my_school() -> School:
    """The school of an organizer. Raises UnknownSchool."""
    with services().storage.read() as session:
        return read_school(session, current_user.school)


def read_their_school(school: str) -> School:
    """A school of the coordinator's territory. Raises UnknownSchool."""
    with services().storage.read() as session:
        return read_own_school(session, school, current_user.territory)


def list_their_schools() -> list[School]:
    """Open schools of the coordinator's territory."""
    with services().storage.read() as session:
        return list_schools(session, current_user.territory)


def write(action: Any, **details: Any) -> Any:
    """An action of (session, now_ms, …) in one transaction."""
    offered = services()
    now_ms = offered.clock.now_ms()
    return offered.storage.write(lambda session: action(session, now_ms, **details))


def read_file() -> bytes:
    """The bytes of the uploaded file. Raises NoFile."""
    sent = request.files.get("file")
    content = sent.read() if sent is not None else b""
    if not content:
        raise NoFile()
    return content


def read_seen() -> int:
    """The version the page was drawn from."""
    text = request.form.get("seen", "")
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else 0


def send_workbook(content: bytes, name: str) -> Response:
    """An .xlsx to be saved."""
    return send_file(BytesIO(content), mimetype=XLSX, as_attachment=True, download_name=name, max_age=0)


def pick_page(schools: list[Any], wanted: str, step: int = SCHOOLS_OF_A_PAGE) -> tuple[list[Any], int]:
    """(the lines of the page asked for, how many there are in all): a list of two thousand schools is read in parts."""
    number = int(wanted) if re.fullmatch(r"[0-9]{1,4}", wanted) else 0
    return schools[number * step:(number + 1) * step], len(schools)


def matches(school: School, words: str) -> bool:
    """Whether a school is found by what was typed: login, name or municipality."""
    told = f"{school.login} {school.name} {school.municipality}".casefold()
    return all(word in told for word in words.casefold().split())
