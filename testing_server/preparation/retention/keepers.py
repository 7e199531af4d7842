"""What each stage keeps of a campaign: registered by the stage, so that nothing is deleted but by its own verb.

Takes `Keeper`s when a stage's mounts are imported, as jobs are; gives them by kind.
"""
from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from testing_server.preparation.campaigns.contents import Kept


@dataclass(frozen=True)
class Amount:
    """`things` of the kind (packages, recordings, sheets …), and about how many bytes of files."""

    things: int = 0
    size_bytes: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.things + other.things, self.size_bytes + other.size_bytes)


@dataclass(frozen=True)
class Keeper:
    """One stage's data of one kind.

    `weigh(session, campaign, before_ms)`: what there is by school, of what came before that moment. `forget(session,
    now_ms, campaign, school, before_ms, by)`: deletes it for one school with its audit line and returns the digests of
    files it referred to; a second time it finds nothing. `refers_to(session, digests)`: files still needed.
    `is_busy(session, now_ms)`: whether it is about to rely on files it may have found in the store.
    """

    name: str
    kind: Kept
    weigh: Callable[[Session, str, int], dict[str, Amount]]
    forget: Callable[[Session, int, str, str, int, str], Collection[str]]
    refers_to: Callable[[Session, Collection[str]], set[str]] = lambda session, digests: set()
    is_busy: Callable[[Session, int], bool] = lambda session, now_ms: False


RemoveCompanions = Callable[[Path, str], None]
_keepers: dict[str, Keeper] = {}
_companions: dict[str, RemoveCompanions] = {}


def register_keeper(keeper: Keeper) -> None:
    """Once for each of a stage's kinds; the same name again takes the place of the first."""
    _keepers[keeper.name] = keeper


def register_companion(name: str, remove: RemoveCompanions) -> None:
    """`remove(data folder, sha256)`: deletes what was computed from a file; what is not there is no error."""
    _companions[name] = remove


def list_keepers(kind: str | None = None) -> list[Keeper]:
    """All of them, or those of one kind."""
    return [one for _name, one in sorted(_keepers.items()) if kind in (None, one.kind)]


def remove_companions(data: Path, sha256: str) -> None:
    """Everything computed from a file that goes."""
    for remove in _companions.values():
        remove(data, sha256)
