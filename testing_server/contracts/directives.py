"""What a server tells a seat: numbered facts that are applied in order and answered by `directive_applied`."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec


class DirectiveKind(StrEnum):
    """Every kind of this protocol version; a seat answers an unknown one `unsupported`, never ignores it."""

    NEEDS = "needs"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    EXTRA_TIME = "extra_time"
    CREDIT = "credit"
    NEXT_ITEM = "next_item"
    REPEAT_ITEM = "repeat_item"
    MOVE = "move"
    FINISH = "finish"
    LEAVE_ROOM = "leave_room"
    RETURN_TO_ROOM = "return_to_room"
    MESSAGE = "message"
    PURGE = "purge"


class Directive(msgspec.Struct, frozen=True, kw_only=True):
    """(attempt, generation, number) is its identity.

    Bodies: start {pace, duration_s, window_ends_at_ms, on_move, auto_credit_s, variant, variant_bundle,
    media {plain sha256: bundle sha256}, keys {bundle sha256: age identity}, plan {parts, breaks, positions}};
    needs {extra_percent, large_print, high_contrast}, the last one before `start` counts; extra_time {seconds};
    credit {ms}; move {workstation, lease}; message {text}; pause/resume/finish {reason};
    purge {receipt, hub_keys}, signed envelopes, answered by a PurgeAnswer and not by an event;
    leave_room and return_to_room {}: the organizer saw the candidate go or come; next_item/repeat_item {item}.
    """

    attempt: str
    generation: int
    number: int
    kind: str
    at_ms: int
    body: dict[str, Any]

    @property
    def key(self) -> tuple[int, int]:
        """(generation, number): the order in which directives are applied."""
        return self.generation, self.number
