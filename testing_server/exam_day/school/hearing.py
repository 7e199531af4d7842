"""What is known of the line to the hub. In memory; takes nothing, gives what the console shows."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from testing_server.preparation.hub_link import HubAway, HubLink


@dataclass
class HubHearing:
    """When the hub last answered (Unix ms), what stands in the way (code of a refusal, "" for nothing), and since when
    there is no way to it at all (Unix ms, None while there is one or nobody has tried).

    `watched`: sittings that a coordinator looks at; `due_ms`: sitting → when it is reported next, monotonic;
    `hints`: the socket by which the hub says that somebody looks, None before the first report.
    """

    last_heard_ms: int | None = None
    trouble: str = ""
    away_since_ms: int | None = None
    link: HubLink | None = None
    busy: bool = False
    watched: set[str] = field(default_factory=set)
    due_ms: dict[str, int] = field(default_factory=dict)
    hints: Any = None

    def note_answer(self, now_ms: int) -> None:
        """The hub has just answered something, whoever asked."""
        self.last_heard_ms, self.trouble, self.away_since_ms = now_ms, "", None

    def note_trouble(self, code: str, now_ms: int) -> None:
        """Asking came to nothing. A hub that refuses is there; only one that is away is counted as silent."""
        self.trouble = code
        if code == HubAway.code and self.away_since_ms is None:
            self.away_since_ms = now_ms

    def note_watched(self, sitting: str, is_watched: bool) -> None:
        """What a reply says, or a hint: one that is looked at anew is reported with the next round."""
        if is_watched and sitting not in self.watched:
            self.due_ms[sitting] = 0
        (self.watched.add if is_watched else self.watched.discard)(sitting)
