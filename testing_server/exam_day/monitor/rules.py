"""What a report says of a sitting, and what steps say of a school. Pure: takes plain values; gives words of state."""
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from flask_babel import lazy_gettext as _

from testing_server.foundation.progress.rules import NOTHING, TROUBLES, WORST_FIRST, State
from testing_server.foundation.refusals import Refusal

SILENT_AFTER_MS = 30_000
FORGET_AFTER_MS = 24 * 3_600_000
WATCHED_FOR_MS = 20_000
WATCHED_AGAIN_MS = 5_000
# what needs a person comes first, everywhere
ORDER = tuple(word.value for word in WORST_FIRST)
WORKING = ("started", "reopened", "paused", "interrupted")
ENDED = ("finished", "absent", "spoiled", "transferred")
NEEDS_PERSON = frozenset({"silent", "too_quiet", "neighbour", "wrong_device", "no_data"})


class BadReport(Refusal):
    code = "bad_report"
    status = 400
    message = _("Сообщение о сеансе не читается.")


class Seat(msgspec.Struct, kw_only=True):
    """One workstation: `item` as the classroom shows it, `left_s` seconds on the work timer, `verdict` of sound."""

    seat: str
    state: str
    item: str | int | None = None
    left_s: int | None = None
    stage: str = ""
    verdict: str | None = None


class Report(msgspec.Struct, kw_only=True):
    """POST /v1/reports. Fields that are not named here are dropped: nothing that tells of a person is kept.

    `unheard`: seats whose last recording nobody hears; `watched_seats` come only while somebody looks, those that need
    a person first, `seats_left_out` of them did not fit.
    """

    sitting: str
    version: int
    assessment: str
    room: str
    counts: dict[str, int]
    incidents: int
    server_at_ms: int
    forecast_end_at_ms: int | None = None
    campaign: str = ""
    unheard: int = 0
    watched_seats: list[Seat] = []
    seats_left_out: int = 0


def read_report(data: bytes) -> Report:
    """Raises BadReport."""
    try:
        report = msgspec.json.decode(data, type=Report)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
        raise BadReport(details={"reason": str(error)[:200]}) from error
    if not 1 <= len(report.sitting) <= 80 or len(report.campaign) > 80 or \
            len(report.watched_seats) > 500 or len(report.counts) > 30:
        raise BadReport()
    return report


def judge_report(report: Report) -> str:
    """The word of a sitting by its own report."""
    counts = report.counts
    if counts.get("interrupted") or report.unheard or any(
            seat.verdict in NEEDS_PERSON for seat in report.watched_seats):
        return "attention"
    if any(counts.get(state) for state in WORKING):
        return "running"
    whole, ended = sum(counts.values()), sum(counts.get(state, 0) for state in ENDED)
    return "ready" if whole and ended == whole else "waiting"


def looks_alike(before: Report, after: Report) -> bool:
    """Whether a board shows the same for both; a forecast is read to the minute, seats are no part of it."""
    return _show(before) == _show(after)


def _show(report: Report) -> tuple[object, ...]:
    forecast = None if report.forecast_end_at_ms is None else report.forecast_end_at_ms // 60_000
    return report.counts, report.incidents, report.room, report.assessment, report.unheard, forecast


def judge_silence(word: str, received_at_ms: int, now_ms: int) -> str:
    """"offline" when a sitting that is not over has said nothing for half a minute; its last word stands beside."""
    return "offline" if word != "ready" and now_ms - received_at_ms > SILENT_AFTER_MS else word


def rank(word: str) -> int:
    """Place in the order of boards: faults first."""
    return ORDER.index(word) if word in ORDER else len(ORDER)


@dataclass(frozen=True)
class StageCount:
    """One cell of the board: of `whole` schools `done` are through, `trouble` need a person."""

    whole: int
    done: int
    trouble: int
    begun: int

    @property
    def word(self) -> str:
        """One word for the cell."""
        if self.trouble:
            return "attention"
        if self.whole and self.done == self.whole:
            return "ready"
        return "running" if self.begun or self.done else "waiting"


def count_letters(letters: Mapping[str, int]) -> StageCount:
    """A cell over schools whose letters of one step are counted."""
    words = {WORST_FIRST[int(letter)]: count for letter, count in letters.items() if letter != NOTHING}
    return StageCount(sum(letters.values()), words.get(State.READY, 0), sum(words.get(word, 0) for word in TROUBLES),
                      words.get(State.RUNNING, 0))
