"""Why a candidate calls the organizer: chosen from a list, so that no free text, and no name, is ever written."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

CALL = "call"


class CallReason(StrEnum):
    """Carried by an `incident_raised` of kind `call` as `reason`; pages have words for each."""

    HAND = "hand"
    NO_SOUND = "no_sound"
    MICROPHONE = "microphone"
    TASK = "task"
    COMPUTER = "computer"
    LEAVE = "leave"
    UNWELL = "unwell"


def find_reason(incident: Mapping[str, Any]) -> str:
    """The reason of a call; a raised hand where none is known (a call of an older workstation)."""
    reason = incident.get("reason")
    return reason if reason in list(CallReason) else CallReason.HAND
