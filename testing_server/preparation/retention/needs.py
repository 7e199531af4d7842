"""What still needs data whose term has passed: registered by the stage that needs it, so that nothing goes too early.

Takes `Need`s when a stage's mounts are imported, as keepers are; gives them by kind. A school that is named by one is
passed over whole: the page says by what, and the deletion refuses where nothing else is left.
"""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import LazyString
from sqlalchemy.orm import Session

from testing_server.preparation.campaigns.contents import Kept


@dataclass(frozen=True)
class Need:
    """Why data of some kinds must stay.

    `words`: for a coordinator, who reads what to wait for or to settle. `find(session, campaign, now_ms, school)`: how
    many things need it by school, of one school where one is named; a school that needs nothing is left out.
    """

    name: str
    kinds: frozenset[Kept]
    words: LazyString
    find: Callable[[Session, str, int, str | None], dict[str, int]]


_needs: dict[str, Need] = {}


def register_need(need: Need) -> None:
    """Once for each reason; the same name again takes the place of the first."""
    _needs[need.name] = need


def list_needs(kind: str) -> list[Need]:
    """Those of one kind."""
    return [one for _name, one in sorted(_needs.items()) if kind in one.kinds]
