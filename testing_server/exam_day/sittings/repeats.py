"""Whether an item may be done again: the work's own rule and what the seat has told. Pure; refuses by name.

The assessment says it in `repeat_item`: "failed" (what is meant where it says nothing): only what failed technically,
"never", or "any". A hearing beyond the number the item allows is never given by it.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _

from testing_server.contracts.calls import CALL, CallReason, find_reason
from testing_server.contracts.fold import AttemptState, FoldedRecording
from testing_server.contracts.plays import plays_left
from testing_server.contracts.timers import Span
from testing_server.contracts.verdicts import NEEDS_ORGANIZER, choose_verdict
from testing_server.foundation.refusals import Refusal

NEVER, FAILED, ANY = "never", "failed", "any"
# How a recording ends when neither the candidate nor the clock ended it.
BROKEN_ENDS = frozenset({"device", "recovered", "power_lost"})
FAULTS = frozenset({"sound", "outage"})
FAULT_CALLS = frozenset({CallReason.NO_SOUND, CallReason.MICROPHONE, CallReason.COMPUTER})
# A fault that is told this long after the sound of an item ended still belongs to it.
TOLD_LATER_MS = 2 * 60_000


class RepeatRefused(Refusal):
    """The assessment forbids it altogether."""

    code = "repeat_never"
    status = 409
    message = _("В этой работе задания не повторяют.")
    remedy = _("Если задание сорвано, отметьте нештатную ситуацию: участник напишет работу в резервный день.")


class NothingFailed(RepeatRefused):
    code = "repeat_nothing_failed"
    message = _("Повторить можно только задание, где запись или прослушивание сорваны техникой. Здесь сбоя не видно.")
    remedy = _("Послушайте запись в ходе работы этого участника. Если она цела, повтор не нужен.")


class HearingsSpent(RepeatRefused):
    code = "repeat_hearings_spent"
    message = _("Все разрешённые прослушивания этого задания уже прозвучали: повтор дал бы лишнее.")


class ItemUnknown(RepeatRefused):
    code = "repeat_item_unknown"
    message = _("Участник этого задания ещё не открывал.")
    remedy = _("Выберите задание, которое он открыл.")


@dataclass(frozen=True)
class Doing:
    """What one candidate has done: verdicts of the server by (lease, number), hearings allowed by item."""

    state: AttemptState
    verdicts: Mapping[tuple[int, int], str] = field(default_factory=dict)
    plays: Mapping[str, int] = field(default_factory=dict)


def check_repeat(assessment: Mapping[str, Any], doing: Doing, item: str) -> None:
    """Raises RepeatRefused, NothingFailed, HearingsSpent, ItemUnknown."""
    rule = assessment.get("repeat_item", FAILED)
    if rule == NEVER:
        raise RepeatRefused()
    if item not in doing.state.visited:
        raise ItemUnknown()
    if rule != ANY and not has_failed(doing, item):
        raise NothingFailed()
    allowed = doing.plays.get(item, 0)
    if allowed and not plays_left(doing.state.plays.get(item, []), allowed):
        raise HearingsSpent()


def list_repeatable(assessment: Mapping[str, Any], doing: Doing) -> list[str]:
    """Items that the rule lets this candidate do again."""
    return [item for item in doing.state.visited if may_repeat(assessment, doing, item)]


def may_repeat(assessment: Mapping[str, Any], doing: Doing, item: str) -> bool:
    """The same as a question."""
    try:
        check_repeat(assessment, doing, item)
    except RepeatRefused:
        return False
    return True


def has_failed(doing: Doing, item: str) -> bool:
    """Whether sound of the item went wrong: a recording nobody can mark, or a fault told while it sounded."""
    state = doing.state
    recordings = [one for one in state.recordings if one.item == item]
    if any(_is_spoilt(one, doing.verdicts.get((one.lease, one.number), "")) for one in recordings):
        return True
    sounds: list[Span] = [(one.started_at_ms, one.ended_at_ms) for one in recordings]
    sounds += [(one.started_at_ms, one.ended_at_ms) for one in state.plays.get(item, [])]
    return any(_is_fault(told) and _touches(told, start, end) for told in state.incidents for start, end in sounds)


def _is_spoilt(recording: FoldedRecording, server_verdict: str) -> bool:
    verdict = choose_verdict(server_verdict, recording.verdict)
    return verdict in NEEDS_ORGANIZER or recording.end_reason in BROKEN_ENDS or recording.gaps > 0


def _is_fault(told: Mapping[str, Any]) -> bool:
    return told["kind"] in FAULTS or (told["kind"] == CALL and find_reason(told) in FAULT_CALLS)


def _touches(told: Mapping[str, Any], start_ms: int, end_ms: int | None) -> bool:
    from_ms, told_ms = told.get("from_ms"), int(told["at_ms"])
    begun_ms = from_ms if isinstance(from_ms, int) else told_ms
    return start_ms <= told_ms and (end_ms is None or begun_ms <= end_ms + TOLD_LATER_MS)
