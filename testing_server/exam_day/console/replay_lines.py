"""One moment of the time line in words. Takes a moment and what is known of the attempt; gives texts."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from testing_server.contracts.verdicts import choose_verdict
from testing_server.exam_day.console.after_words import ACTS, END_REASONS, REASONS, SERVER, STAGES_SHOWN, WORKSTATION
from testing_server.exam_day.console.incident_words import tell_incident, tell_raised
from testing_server.exam_day.console.times import show_span
from testing_server.exam_day.console.words import COMMANDS, EVENT_KINDS, PURGE_RESULTS, SCREEN_CHANGES, VERDICTS
from testing_server.exam_day.replay.queries import ORDER, Replay
from testing_server.exam_day.replay.rules import LINK_LOST, Lane, Moment
from testing_server.exam_day.responses.queries import Recording

# details of an act that a person reads; the others are for programs
DETAILS: dict[str, Callable[[Any], str]] = {
    "reason": lambda value: str(REASONS.get(value, value)), "text": str,
    "seat": lambda value: _("место %(seat)s", seat=value),
    "variant": lambda value: _("вариант %(variant)s", variant=value),
    "seconds": lambda value: show_span(int(value)), "extra_percent": lambda value: f"+{value} %",
    "result": lambda value: str(PURGE_RESULTS.get(value, value)),
}


@dataclass(frozen=True)
class Names:
    """Opaque item id -> place in the variant."""

    positions: dict[str, int]

    def show(self, item: Any) -> str:
        return _("задание %(position)s", position=self.positions.get(str(item), "?")) if item else ""


@dataclass(frozen=True)
class Line:
    """A row: `number` from 1; `sound`: the recording that may be listened to here."""

    number: int
    moment: Moment
    title: str
    text: str
    by: str
    until_ms: int | None
    sound: Recording | None


def tell_line(number: int, moment: Moment, replay: Replay, names: Names) -> Line:
    """The row of a moment."""
    sound = _find_sound(moment, replay)
    until_ms = moment.until_ms
    if moment.what == "recording_started":
        ended = next((one.ended_at_ms for one in replay.state.recordings
                      if (one.lease, one.number) == (moment.lease, moment.number)), None)
        until_ms = ended
    return Line(number, moment, _title(moment), _text(moment, names, sound), _by(moment), until_ms,
                sound if moment.what == "recording_committed" else None)


def _find_sound(moment: Moment, replay: Replay) -> Recording | None:
    if moment.what != "recording_committed":
        return None
    lease, number = moment.body["started"]
    return replay.recordings.get((lease, number))


def _title(moment: Moment) -> str:
    if moment.what == LINK_LOST:
        return _("Связи не было")
    if moment.what.startswith(ORDER) and moment.what.removeprefix(ORDER) in COMMANDS:
        return _("Команда: %(what)s", what=COMMANDS[moment.what.removeprefix(ORDER)])
    if moment.lane == Lane.COMMAND and moment.what != "directive_applied":
        verb = moment.what.removeprefix(ORDER)
        return str(ACTS.get(verb, verb))
    return str(EVENT_KINDS.get(moment.what, moment.what))


def _text(moment: Moment, names: Names, sound: Recording | None) -> str:
    tell = _TEXTS.get(moment.what)
    told = tell(moment, names, sound) if tell else names.show(moment.body.get("item"))
    if moment.lane == Lane.COMMAND and tell is None:
        told = _tell_act(moment)
    return told if moment.counted else _("%(what)s; не засчитано: пришло с прежнего места или вне времени", what=told)


def _tell_act(moment: Moment) -> str:
    body = moment.body
    told = [tell(body[name]) for name, tell in DETAILS.items() if body.get(name)]
    if body.get("is_order"):
        confirmed = body.get("confirmed_at_ms")
        told.append(_("не подтверждено местом") if confirmed is None else _(
            "подтверждено через %(seconds)s с", seconds=max(0, round((confirmed - moment.at_ms) / 1000))))
    return "; ".join(told)


def _tell_answer(moment: Moment, names: Names, _sound: Recording | None) -> str:
    told = _("%(item)s, знаков: %(length)s", item=names.show(moment.body["item"]), length=moment.body["length"])
    return _("%(what)s, изменён раз: %(times)s", what=told, times=moment.times) if moment.times > 1 else told


def _tell_stage(moment: Moment, names: Names, _sound: Recording | None) -> str:
    return f"{names.show(moment.body['item'])}: {STAGES_SHOWN.get(moment.body['stage'], moment.body['stage'])}"


def _tell_recording(moment: Moment, _names: Names, sound: Recording | None) -> str:
    verdict = choose_verdict(sound.server_verdict, sound.verdict) if sound else moment.body["verdict"]
    seconds = sound.seconds if sound else 0
    told = _("%(span)s, %(verdict)s", span=show_span(seconds), verdict=VERDICTS.get(verdict, verdict))
    gaps = moment.body["gaps"]
    return _("%(what)s, разрывов: %(gaps)s", what=told, gaps=gaps) if gaps else told


def _tell_incident(moment: Moment, _names: Names, _sound: Recording | None) -> str:
    credited, told = moment.body.get("credited_ms"), tell_raised(moment.body)
    return _("%(what)s, возвращено %(seconds)s с", what=told, seconds=credited // 1000) if isinstance(
        credited, int) else told


def _tell_lost(moment: Moment, _names: Names, _sound: Recording | None) -> str:
    seconds = ((moment.until_ms or moment.at_ms) - moment.at_ms) // 1000
    return _("%(span)s; место писало у себя, всё дошло потом", span=show_span(seconds))


_TEXTS: dict[str, Any] = {
    "answer_set": _tell_answer, "item_entered": _tell_stage, "recording_committed": _tell_recording,
    "incident_raised": _tell_incident,
    "incident_recorded": lambda one, *_rest: tell_incident(str(one.body["kind"]), str(one.body["text"])),
    LINK_LOST: _tell_lost,
    "sound_checked": lambda one, *_rest: str(VERDICTS.get(one.body["verdict"], "")),
    "directive_applied": lambda one, *_rest: str(COMMANDS.get(one.body["kind"], one.body["kind"])),
    "screen_changed": lambda one, *_rest: str(SCREEN_CHANGES.get(one.body["change"], "")),
    "play_started": lambda one, names, _sound: f"{names.show(one.body['item'])}, №\u00a0{one.body['play']}",
    "attempt_finished": lambda one, *_rest: str(END_REASONS.get(one.body["reason"], one.body["reason"])),
    "clock_jump": lambda one, *_rest: _("на %(seconds)s с", seconds=one.body["jump_ms"] // 1000),
    "recording_gap": lambda one, *_rest: _("потеряно %(ms)s мс", ms=one.body["lost_ms"]),
    "lease_opened": lambda _one, *_rest: "",
}


def _by(moment: Moment) -> str:
    if moment.lane != Lane.COMMAND or moment.what == "directive_applied":
        return ""
    if moment.by.startswith("workstation:"):
        return str(WORKSTATION)
    return moment.by if moment.by not in ("", "server", "worker", "system") else str(SERVER)
