"""How often a listening item may still be heard (protocol.md §2 "Plays")."""

from __future__ import annotations

from dataclasses import dataclass

from testing_server.contracts.refusals import ContractRefusal

RESUME_BACK_MS = 2_000


class NoPlaysLeft(ContractRefusal):
    """Every hearing the assessment allows has been had."""

    code = "no_plays_left"


@dataclass(frozen=True)
class PlayState:
    """One hearing: it counts when it ended; an interrupted one is resumed under its own number."""

    play: int
    position_ms: int = 0
    ended: bool = False
    started_at_ms: int = 0
    ended_at_ms: int | None = None


def plays_left(plays: list[PlayState], allowed: int) -> int:
    """Hearings that have not ended yet."""
    return max(0, allowed - sum(play.ended for play in plays))


def next_play(plays: list[PlayState], allowed: int) -> PlayState:
    """The hearing to start now: the interrupted one from 2 s before its last sign of life, or a new one.

    Raises NoPlaysLeft.
    """
    for play in plays:
        if not play.ended:
            return PlayState(play.play, max(0, play.position_ms - RESUME_BACK_MS))
    if len(plays) >= allowed:
        raise NoPlaysLeft(f"{allowed} of {allowed} hearings have been had")
    return PlayState(len(plays) + 1)
