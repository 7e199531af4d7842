"""Whether a school marks a work on its own server, and what it waits for. Pure: states and the roster's words come in.

Marking here begins when the sittings are closed, the signed list of codes allows it and the criteria are open.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Step(StrEnum):
    """Where a work stands, the first obstacle first."""

    WRITING = "writing"            # a sitting of it goes on or its balance is not struck
    UNKNOWN = "unknown"            # the list of codes says nothing of how it is marked
    FORBIDDEN = "forbidden"        # the campaign does not let a school mark its own work
    ELSEWHERE = "elsewhere"        # the campaign lets it, but others than the school appoint the experts
    NO_CRITERIA = "no_criteria"    # the criteria archive is not here
    LOCKED = "locked"              # it is here and closed
    OPEN = "open"                  # marking may go on


def judge_work(settled: bool, criteria: str, marking: Mapping[str, Any], criteria_state: str) -> Step:
    """Where a work stands. `settled`: all its sittings are balanced; `criteria`, `marking`: as the roster has them, ""
    and {} where it says nothing; `criteria_state`: of that archive on this server, "" where it is not here."""
    if not settled:
        return Step.WRITING
    if not criteria or not marking:
        return Step.UNKNOWN
    if not marking.get("own_school", False):
        return Step.FORBIDDEN
    if marking.get("by") != "school":
        return Step.ELSEWHERE
    if criteria_state in ("", "offered", "fetching"):
        return Step.NO_CRITERIA
    return Step.OPEN if criteria_state == "opened" else Step.LOCKED
