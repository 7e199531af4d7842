"""Reports over HTTP, and snapshots for the live board. Takes reports of classrooms; gives JSON without codes."""
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _
from flask_login import current_user

from testing_server.exam_day.monitor.actions import take_report
from testing_server.exam_day.monitor.live import BOARD, COORDINATOR, tell_school, watch_boards
from testing_server.exam_day.monitor.queries import LiveSitting, find_live_sitting, list_live_sittings
from testing_server.exam_day.monitor.rules import WATCHED_FOR_MS, read_report
from testing_server.foundation.access import SCHOOL
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import NotFound
from testing_server.foundation.services import services
from testing_server.foundation.web import current_school
from testing_server.foundation.web.languages import current_language
from testing_server.preparation.materials.queries import read_titles

api = Blueprint("monitor_api", __name__, url_prefix="/v1")
REPORT_BYTES = 32 * 1024


@api.post("/reports")
def take() -> Response:
    """A report of a sitting -> {watched}: whether a coordinator looks at this very sitting now."""
    offered, school = services(), current_school().subject
    report, now_ms = read_report(request.get_data()), offered.clock.now_ms()
    offered.storage.write(lambda db: take_report(db, now_ms, school, report))
    offered.live.changed(BOARD, now_ms)
    offered.live.changed(f"{BOARD}:{school}/{report.sitting}", now_ms)
    return jsonify({"watched": is_watched(school, report.sitting, now_ms)})


@api.get("/monitor/sittings")
def show_sittings() -> Response:
    """{now_ms, sittings}: the whole live board of the coordinator's territory."""
    offered = services()
    now_ms = offered.clock.now_ms()
    with offered.storage.read() as session:
        found, titles = list_live_sittings(session, current_user.territory, now_ms), read_titles(session)
    return jsonify({"now_ms": now_ms, "sittings": [describe_sitting(one, now_ms, titles) for one in found]})


@api.get("/monitor/sittings/<school>/<sitting>")
def show_sitting(school: str, sitting: str) -> Response:
    """One sitting with its seats; asking for it tells its classroom to report every second."""
    offered = services()
    now_ms = offered.clock.now_ms()
    with offered.storage.read() as session:
        found = find_live_sitting(session, current_user.territory, school, sitting, now_ms)
        titles = read_titles(session)
    if found is None:
        raise NotFound()
    if not is_watched(school, sitting, now_ms):
        tell_school(school, sitting)
    _watched()[f"{school}/{sitting}"] = now_ms
    seats = [{"seat": one.seat, "state": one.state, "item": one.item, "left_s": one.left_s, "verdict": one.verdict,
              "is_resting": one.stage == "break"} for one in found.report.watched_seats]
    return jsonify({"now_ms": now_ms, **describe_sitting(found, now_ms, titles), "seats": seats,
                    "seats_left_out": found.report.seats_left_out})


def describe_sitting(one: LiveSitting, now_ms: int, titles: dict[str, dict[str, str]]) -> dict[str, Any]:
    """One row of the board; `titles`: assessment -> {"ru", "en"}."""
    report = one.report
    title = titles.get(report.assessment, {})
    return {
        "school": one.school.id, "school_name": one.school.name, "login": one.school.login,
        "region": one.school.region, "municipality": one.school.municipality, "zone": one.school.zone,
        "sitting": one.sitting, "room": report.room, "assessment": report.assessment,
        "title": title.get(current_language()) or title.get("ru") or report.assessment, "word": one.word,
        "said": one.said, "counts": report.counts, "incidents": report.incidents,
        "last_s": max(0, (now_ms - one.received_at_ms) // 1000), "forecast_end_at_ms": report.forecast_end_at_ms,
        "trouble": describe_trouble(one),
    }


def describe_trouble(one: LiveSitting) -> str:
    """One sentence for a sitting that needs a person, "" for the others."""
    if one.word == "offline":
        return _("Сервер в школе давно не выходил на связь. Сеанс идёт и без неё; позвоните в школу.")
    if one.word != "attention":
        return ""
    interrupted = one.report.counts.get("interrupted", 0)
    if interrupted:
        return _("Прервано рабочих мест: %(count)s. Организатору: сесть за другое место.", count=interrupted)
    return _("Есть записи речи, которых не слышно. Организатору: проверить гарнитуры.")


def is_watched(school: str, sitting: str, now_ms: int) -> bool:
    """Whether a coordinator has asked for this sitting a moment ago."""
    asked: int = _watched().get(f"{school}/{sitting}", 0)
    return now_ms - asked < WATCHED_FOR_MS


def _watched() -> dict[str, int]:
    watched: dict[str, int] = services().vault.setdefault("sittings_watched", {})
    return watched


MOUNT = Mount(
    blueprint=api, live=watch_boards,
    access={"take": frozenset({SCHOOL}), "show_sittings": COORDINATOR, "show_sitting": COORDINATOR},
    body_limits={"take": REPORT_BYTES})
