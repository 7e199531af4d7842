"""Replay of one seat: an overview by lanes, a table of every moment, recordings to listen to."""
from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request, send_file
from flask_babel import gettext as _

from testing_server.contracts.verdicts import choose_verdict
from testing_server.exam_day.console.after_words import LANES
from testing_server.exam_day.console.replay_lines import Line, Names, tell_line
from testing_server.exam_day.console.snapshot import read_item_names
from testing_server.exam_day.console.words import ATTEMPT_STATES
from testing_server.exam_day.replay.queries import Replay, read_replay
from testing_server.exam_day.replay.rules import Lane, Moment
from testing_server.exam_day.responses.parts import RecordingName
from testing_server.exam_day.responses.recordings import find_recording
from testing_server.exam_day.room import room
from testing_server.exam_day.scopes import ORGANIZERS
from testing_server.exam_day.sittings.actions import find_attempt, find_sitting
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import NotFound
from testing_server.foundation.services import services
from testing_server.foundation.web.languages import current_language

pages = Blueprint("room_replay", __name__)
WIDTH, LANE_HEIGHT, LEFT, RIGHT = 1000, 26, 110, 8


@dataclass(frozen=True)
class Mark:
    """A moment on the overview: its line, where it stands and how wide it is (units of the drawing)."""

    line: int
    lane: Lane
    x: float
    y: int
    width: float
    needs_look: bool


@pages.get("/sittings/<sitting>/seats/<attempt>/replay")
def show_replay(sitting: str, attempt: str) -> str:
    with services().storage.read() as session:
        found, seat = find_sitting(session, sitting), find_attempt(session, attempt)
        if seat.sitting != sitting:
            raise NotFound()
        replay = read_replay(session, found, seat)
    names = Names({item: name.position for item, name in read_item_names(
        room().data, found.archive, seat.variant, current_language()).items()})
    lines = [tell_line(number, one, replay, names) for number, one in enumerate(replay.moments, start=1)]
    wanted = [lane for lane in request.args.getlist("lane") if lane in LANES]
    shown = [line for line in lines if (not wanted or line.moment.lane in wanted)
             and (not request.args.get("look") or line.moment.needs_look)]
    return render_template(
        "console/replay.html", sitting=found, attempt=seat, lines=shown, count=len(lines), lanes=LANES, wanted=wanted,
        only_look=bool(request.args.get("look")), marks=draw_marks(lines), hours=draw_hours(lines), width=WIDTH,
        left=LEFT, lane_height=LANE_HEIGHT, state_text=ATTEMPT_STATES[seat.state], facts=count_facts(replay))


def draw_marks(lines: list[Line]) -> list[Mark]:
    """Where moments stand on the overview; a mark is never narrower than can be seen."""
    if not lines:
        return []
    begin, scale = _find_scale(lines)
    rows = {lane: row for row, lane in enumerate(Lane)}
    return [Mark(one.number, one.moment.lane, round(LEFT + (one.moment.at_ms - begin) * scale, 1),
                 rows[one.moment.lane] * LANE_HEIGHT + 5,
                 round(max(3.0, ((one.until_ms or one.moment.at_ms) - one.moment.at_ms) * scale), 1),
                 one.moment.needs_look) for one in lines]


def draw_hours(lines: list[Line]) -> list[tuple[float, int]]:
    """(x, Unix ms) of six times along the overview."""
    if not lines:
        return []
    begin, scale = _find_scale(lines)
    step = (WIDTH - LEFT - RIGHT) / scale / 6
    return [(round(LEFT + step * number * scale, 1), int(begin + step * number)) for number in range(6)]


def _find_scale(lines: list[Line]) -> tuple[int, float]:
    begin = min(one.moment.at_ms for one in lines)
    end = max(one.until_ms or one.moment.at_ms for one in lines)
    return begin, (WIDTH - LEFT - RIGHT) / max(1000, end - begin)


def count_facts(replay: Replay) -> list[tuple[str, str]]:
    """What a person asks first, as (title, value)."""
    lost = [one for one in replay.moments if one.lane == Lane.LINK]
    lost_s = sum((one.until_ms or one.at_ms) - one.at_ms for one in lost) // 1000
    recordings = list(replay.recordings.values())
    heard = sum(choose_verdict(one.server_verdict, one.verdict) == "heard" for one in recordings)
    return [(_("Ответов записано"), str(sum(_count(one) for one in replay.moments if one.lane == Lane.ANSWER))),
            (_("Записей речи, из них слышно"), f"{len(recordings)} / {heard}"),
            (_("Связи не было"), _("%(times)s раз, %(seconds)s с", times=len(lost), seconds=lost_s)),
            (_("Требует внимания"), str(sum(one.needs_look for one in replay.moments)))]


def _count(moment: Moment) -> int:
    return moment.times if moment.what == "answer_set" else 0


@pages.get("/recordings/<attempt>/<int:lease>/<int:number>.flac")
def play(attempt: str, lease: int, number: int) -> Response:
    """The lossless sound, by ranges. Raises NotFound while it is not encoded."""
    with services().storage.read() as session:
        recording = find_recording(session, RecordingName(attempt, lease, number))
    path = room().data / "encoded" / f"{recording.pcm_sha256}.flac"
    if not recording.flac_sha256 or not path.exists():
        raise NotFound()
    return send_file(path.absolute(), "audio/flac", conditional=True)


MOUNT = Mount(blueprint=pages, access={"show_replay": ORGANIZERS, "play": ORGANIZERS})
