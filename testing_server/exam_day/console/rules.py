"""What a seat's trouble is and what its one act is. Pure: facts come in as plain values."""
from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from testing_server.contracts.calls import CALL, CallReason, find_reason
from testing_server.contracts.fold import AttemptState
from testing_server.contracts.verdicts import NEEDS_ORGANIZER, Verdict
from testing_server.exam_day.fitting.rules import Battery

UNCONFIRMED_AFTER_MS = 6_000
# half an hour or more of most notebooks: time to find a socket
SERVER_BATTERY_PERCENT = 40
BYTES_PER_SAMPLE = 2
# A raised hand that nobody answered by a command is shown this long; a dead microphone while it is news.
CALL_SHOWN_MS = 10 * 60_000
DEVICE_SHOWN_MS = 2 * 60_000


SOUND = "sound"
# What the recorder of a seat calls the trouble of a microphone -> the organizer's sentence for it.
MAYBE_MUTED = "device_maybe_muted"
DEVICE_TROUBLES = {
    "all_zero": "device_off", "muted": "device_muted", "unplugged": "device_unplugged",
    "device_missing": "device_unplugged", "no_sound_card": "device_unplugged", "wrong_device": "device_other",
    "device_lost": "device_ended", "no_callbacks": "device_stalled", "device_busy": "device_busy",
    "device_stuck": "device_stuck", "not_allowed": "device_refused", "storage_full": "device_disk",
    "storage_failed": "device_disk", "maybe_muted": MAYBE_MUTED,
}
# What an organizer can still help while the candidate speaks.
USABLE = (Verdict.HEARD, Verdict.CLIPPED, Verdict.NOISY)
HEARD_BADLY = (Verdict.SILENT, Verdict.TOO_QUIET, Verdict.NEIGHBOUR)


class SpokenPart(Protocol):
    """A recording of a spoken answer, as far as it has come."""

    @property
    def item(self) -> str: ...

    @property
    def rate_hz(self) -> int: ...

    @property
    def durable_bytes(self) -> int: ...


@dataclass(frozen=True)
class SeatFacts:
    """One candidate's place as the rules see it. `checks`: codes of list_check_troubles; `verdict`: of the last sound;
    `called`: why the candidate calls, "" for no call; `device`: code of find_device_trouble; `heard`: what is heard of
    the candidate who speaks just now, a word of contracts.verdicts; `unheard`: an answer was left whose last recording
    an organizer has to look after, and nobody wrote down why."""

    state: str
    silent: bool
    verdict: str = ""
    checks: Collection[str] = ()
    conflict: bool = False
    extra_hearing: bool = False
    moved: bool = False
    called: str = ""
    away: bool = False
    device: str = ""
    heard: str = ""
    unconfirmed: Sequence[str] = field(default_factory=tuple)
    sitting_running: bool = False
    unheard: bool = False


# trouble -> the one act that is offered beside its sentence
ACTS = {
    "silent": "move", "called": "look", "conflict": "look", "no_sound": "look",
    "extra_hearing": "look",
    "call_no_sound": "look", "call_microphone": "look", "call_task": "look", "call_computer": "look",
    "call_leave": "let_out", "call_unwell": "look", "away": "return",
    "sound_check": "look", "battery": "look", "disk": "look", "clock": "look", "unconfirmed": "tell_again",
    "late": "start", "moved": "look", "finished_unheard": "look",
}
ACTS |= dict.fromkeys(("device", *DEVICE_TROUBLES.values()), "move") | dict.fromkeys(
    (MAYBE_MUTED, *(f"now_{word}" for word in HEARD_BADLY)), "look")
# Troubles in which the candidate's own work is in question: their sentence says up to when it is kept here.
SAVED_TOLD = frozenset({
    "silent", "no_sound", "disk", "battery", "call_computer", "call_microphone", "conflict", "device",
    *DEVICE_TROUBLES.values(), *(f"now_{word}" for word in HEARD_BADLY)})
GOING_ON = frozenset({"seated", "checked", "started", "paused", "reopened"})
STYLES = {
    "assigned": "waiting", "seated": "waiting", "checked": "ready", "started": "running", "paused": "stopped",
    "interrupted": "offline", "finished": "ready", "reopened": "attention", "absent": "waiting", "spoiled": "stopped",
    "transferred": "waiting",
}


def is_news(incidents: Iterable[Mapping[str, Any]], kind: str, answered_at_ms: int, now_ms: int, for_ms: int) -> bool:
    """Whether an incident of this kind was raised after `answered_at_ms` and not longer ago than `for_ms`."""
    last = max((incident["at_ms"] for incident in incidents if incident["kind"] == kind), default=0)
    return last > max(answered_at_ms, now_ms - for_ms)


def find_call(incidents: Sequence[Mapping[str, Any]], answered_at_ms: int, now_ms: int) -> str:
    """Why the candidate calls and nobody has answered yet; "" for no call."""
    if not is_news(incidents, CALL, answered_at_ms, now_ms, CALL_SHOWN_MS):
        return ""
    return find_reason([told for told in incidents if told["kind"] == CALL][-1])


def find_device_trouble(state: AttemptState, heard: str, now_ms: int) -> str:
    """Code of what is wrong with the candidate's microphone, "" when nothing is or a recording goes on again.

    While the candidate waits at the spoken answer it stays; otherwise it is news for some minutes."""
    told = [incident for incident in state.incidents if incident["kind"] == SOUND]
    begun_at_ms = max((recording.started_at_ms for recording in state.recordings), default=0)
    if not told or told[-1]["at_ms"] < begun_at_ms:
        return ""
    code = name_device_trouble(str(told[-1].get("text", "")))
    goes_on = bool(state.recordings) and not state.recordings[-1].committed
    if code == MAYBE_MUTED and (heard in USABLE or not goes_on):
        return ""
    is_waiting = state.stage == "speak" and code != MAYBE_MUTED
    return code if is_waiting or now_ms - told[-1]["at_ms"] < DEVICE_SHOWN_MS else ""


def find_trouble(facts: SeatFacts) -> str:
    """Code of the most pressing trouble, "" when there is none."""
    if facts.state == "finished":
        return "finished_unheard" if facts.unheard else ""
    if facts.state not in GOING_ON:
        return ""
    tests = (
        ("silent", facts.silent),
        ("away", facts.away),
        (name_call(facts.called), bool(facts.called)),
        (facts.device, bool(facts.device)),
        (f"now_{facts.heard}", facts.heard in HEARD_BADLY),
        ("conflict", facts.conflict),
        ("moved", facts.moved),
        ("extra_hearing", facts.extra_hearing),
        ("no_sound", facts.verdict in NEEDS_ORGANIZER),
        ("battery", "battery" in facts.checks),
        ("disk", "disk" in facts.checks),
        ("clock", "clock" in facts.checks),
        ("sound_check", "sound" in facts.checks and facts.state == "seated"),
        ("unconfirmed", bool(facts.unconfirmed)),
        ("late", facts.state == "checked" and facts.sitting_running),
    )
    return next((code for code, is_so in tests if is_so), "")


def find_running_out(battery: Battery | None) -> int | None:
    """Percent left of the server's own battery once it is running out; None while it is not."""
    if battery is None or battery.on_mains or battery.percent >= SERVER_BATTERY_PERCENT:
        return None
    return battery.percent


def tells_saved(trouble: str) -> bool:
    """Whether the sentence of this trouble says up to when the work is kept."""
    return trouble in SAVED_TOLD


def find_saved_at(answered_at_ms: int | None, coming_since_ms: Iterable[int]) -> int | None:
    """Up to when all is kept on this server: the last answer, or the beginning of sound that has not all come yet."""
    return None if answered_at_ms is None else min((answered_at_ms, *coming_since_ms))


def count_saved_speech(item: str, stage: str, recordings: Iterable[SpokenPart]) -> int | None:
    """Whole seconds of the spoken answer in hand that are on the server's disk; None where nobody speaks."""
    if stage != "speak":
        return None
    parts = [one for one in recordings if one.item == item and one.rate_hz]
    return int(sum(one.durable_bytes / one.rate_hz / BYTES_PER_SAMPLE for one in parts))


def is_unheard(verdicts: Iterable[tuple[str, str]]) -> bool:
    """Whether the last recording of some answer needs an organizer; (item, verdict) in the order they were made."""
    return any(verdict in NEEDS_ORGANIZER for verdict in dict(verdicts).values())


def name_device_trouble(text: str) -> str:
    """The trouble of an incident of sound: its text is the recorder's word, perhaps with details after it."""
    return DEVICE_TROUBLES.get(text.partition(" ")[0], "device")


def name_call(reason: str) -> str:
    """The trouble of a call: a raised hand, or the reason that was chosen."""
    return "called" if reason == CallReason.HAND else f"call_{reason}"


def show_state(state: str, silent: bool) -> str:
    """The state with silence seen: a working seat that is not heard is interrupted."""
    return "interrupted" if silent and state in ("started", "paused", "reopened") else state


def choose_style(state: str, trouble: str) -> str:
    """One of waiting ready running attention stopped offline."""
    if trouble == "silent":
        return "offline"
    return "attention" if trouble else STYLES[state]


def sort_key(style: str) -> int:
    """Faults first, then who works, then the rest."""
    return ("offline", "attention", "stopped", "running", "waiting", "ready").index(style)
