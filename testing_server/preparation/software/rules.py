"""Whether a campaign has what its schools need in time. Pure: takes what is offered and instants; gives a word."""
from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Literal, Protocol

from testing_server.preparation.campaigns.rules import MOSCOW, Campaign, instant_of

Kind = Literal["software", "training"]
KINDS: tuple[Kind, ...] = ("software", "training")


class Offered(Protocol):
    """What the rules see of a file."""

    @property
    def kind(self) -> str: ...
    @property
    def offered_at_ms(self) -> int: ...


def is_ahead(campaign: Campaign, now_ms: int) -> bool:
    """Whether a day at computers is still to come, or is today."""
    days = [work.periods["computer"].last for work in campaign.contents.works if "computer" in work.periods]
    return bool(days) and now_ms < instant_of(max(days) + timedelta(days=1), "00:00", MOSCOW)


def judge_kind(files: Iterable[Offered], kind: Kind, due_ms: int | None, now_ms: int) -> str:
    """ready (the first came in time), late (it came later), waiting, missing (the day is over and there is none)."""
    first_ms = min((one.offered_at_ms for one in files if one.kind == kind), default=None)
    if first_ms is not None:
        return "ready" if due_ms is None or first_ms < due_ms else "late"
    return "missing" if due_ms is not None and now_ms >= due_ms else "waiting"
