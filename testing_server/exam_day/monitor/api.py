"""Reports over HTTP, and snapshots for the live board. Takes reports of classrooms; gives JSON without codes."""
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _
from flask_login import current_user

from testing_server.exam_day.monitor.actions import note_watched
from testing_server.exam_day.monitor.answering import answer_together, read_number, round_moment
from testing_server.exam_day.monitor.intake import REPORT_BYTES, attach_intake, open_lane
from testing_server.exam_day.monitor.live import COORDINATOR, tell_school, watch_boards
from testing_server.exam_day.monitor.queries import (
    LiveSitting, find_live_sitting, list_changed_sittings, list_live_sittings, list_silent)
from testing_server.exam_day.monitor.rules import WATCHED_AGAIN_MS, WATCHED_FOR_MS, read_report
from testing_server.exam_day.monitor.words import COLUMN_WORDS
from testing_server.foundation.access import SCHOOL
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import NotFound
from testing_server.foundation.services import services
from testing_server.foundation.web import current_school
from testing_server.foundation.web.languages import current_language
from testing_server.preparation.materials.queries import read_titles

api = Blueprint("monitor_api", __name__, url_prefix="/v1")


@api.post("/reports")
def take() -> Response:
    """A report of a sitting -> {watched}: whether a coordinator looks at this very sitting now."""
    report = read_report(request.get_data())
    taken = attach_intake(services()).take(current_school().subject, report)
    return jsonify({"watched": taken.watched})


@api.get("/monitor/sittings")
def show_sittings() -> Response:
    """{now_ms, sittings}: the whole live board of the coordinator's territory."""
    offered, territory = services(), current_user.territory

    def read(_asked: None) -> dict[str, Any]:
        now_ms = offered.clock.now_ms()
        with offered.storage.read() as session:
            found, titles = list_live_sittings(session, territory, now_ms), read_titles(session)
        return {"now_ms": now_ms, "version": now_ms,
                "sittings": [describe_sitting(one, now_ms, titles) for one in found]}

    return answer_together("sittings", territory, None, read)


@api.get("/monitor/sittings/changes")
def show_changed_sittings() -> Response:
    """`after`: the version of the answer before. {version, sittings, silent: [[school, sitting]]}.

    `sittings`: a little more than what changed, never less; `silent`: all that are silent now.
    """
    offered, territory = services(), current_user.territory

    def read(after_ms: int) -> dict[str, Any]:
        now_ms = offered.clock.now_ms()
        with offered.storage.read() as session:
            found = list_changed_sittings(session, territory, after_ms, now_ms)
            silent = list_silent(session, territory, now_ms)
            titles = read_titles(session) if found else {}
        return {"version": now_ms, "sittings": [describe_sitting(one, now_ms, titles) for one in found],
                "silent": silent}

    return answer_together("changed sittings", territory, round_moment(read_number("after")), read)


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
    if now_ms - found.watched_at_ms >= WATCHED_AGAIN_MS:
        offered.storage.write(lambda db: note_watched(db, now_ms, school, sitting))
    if now_ms - found.watched_at_ms >= WATCHED_FOR_MS:
        tell_school(school, sitting)
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
        "last_s": max(0, (now_ms - one.received_at_ms) // 1000), "heard_at_ms": one.received_at_ms,
        "forecast_end_at_ms": report.forecast_end_at_ms,
        "trouble": describe_trouble(one),
    }


def describe_trouble(one: LiveSitting) -> str:
    """One sentence for a sitting that needs a person, "" for the others."""
    if one.word == "offline":
        return str(COLUMN_WORDS["silent"])
    if one.word != "attention":
        return ""
    interrupted = one.report.counts.get("interrupted", 0)
    if interrupted:
        return _("Прервано рабочих мест: %(count)s. Организатору: сесть за другое место.", count=interrupted)
    return _("Есть записи речи, которых не слышно. Организатору: проверить гарнитуры.")


MOUNT = Mount(
    blueprint=api, live=watch_boards,
    access={"take": frozenset({SCHOOL}), "show_sittings": COORDINATOR, "show_changed_sittings": COORDINATOR,
            "show_sitting": COORDINATOR},
    body_limits={"take": REPORT_BYTES}, express=open_lane)
