"""How a stage joins the application.

Takes a blueprint with its access list. Gives `Mount`, and refuses one that says nothing of an endpoint.
"""
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint

from testing_server.foundation.lanes import ExpressLane
from testing_server.foundation.live.live import Live


@dataclass(frozen=True)
class MenuEntry:
    """A link at the top of every page: `endpoint` without the blueprint's name, `title` a lazy text.

    `heads_only`: shown to those flagged as head of a commission and to nobody else of the role.
    """

    endpoint: str
    title: object
    heads_only: bool = False


@dataclass(frozen=True)
class Rate:
    """`text`: as "10 per minute"; `by`: who is counted together, by default an address; `wrong_only`: refusals alone.

    A school is behind one address: whoever must not be shut out by a neighbour is counted by more than that.
    """

    text: str
    by: Callable[[], str] | None = None
    wrong_only: bool = False


@dataclass(frozen=True)
class Mount:
    """One blueprint of a stage.

    `access`: endpoint without the blueprint's name → roles and words of foundation.access that may use it.
    `live`: registers watch rules and socket handlers, called once with the application's Live.
    `limits`: endpoint → how often: a text, counted by address, or several `Rate`s.
    `body_limits`: endpoint → bytes, where the ordinary limit is too small.
    `express`: a lane for requests that come a thousand times a second, made once from the application's services.
    `seen_locked`: endpoints that only look on and stay open while the console is locked.
    `menu`: links at the top of pages, shown to those who may open them.
    """

    blueprint: Blueprint
    access: Mapping[str, frozenset[str]]
    live: Callable[[Live], None] | None = None
    limits: Mapping[str, str | tuple[Rate, ...]] = field(default_factory=dict)
    body_limits: Mapping[str, int] = field(default_factory=dict)
    menu: tuple[MenuEntry, ...] = ()
    seen_locked: frozenset[str] = frozenset()
    express: Callable[[Any], ExpressLane | None] | None = None
