"""One attempt as its journal knows it: appends events to the seat's own lease and gives the folded state.

Nothing here decides; it is the seat's memory. The state is folded again whenever something was appended.
"""

from __future__ import annotations

import msgspec

from kiosk_client.clock import ServerTime, Stamp
from kiosk_client.drafts import Draft
from kiosk_client.journal import Journal
from testing_server.contracts.directives import Directive, DirectiveKind
from testing_server.contracts.events import Event
from testing_server.contracts.fold import AttemptState, fold
from testing_server.contracts.messages import SignedIn
from testing_server.contracts.receipt_code import make_receipt_code


class AttemptLog:
    """`signed_in`: what the server answered at the sign-in that granted the lease written to here."""

    def __init__(self, journal: Journal, time: ServerTime, signed_in: SignedIn) -> None:
        self.journal, self.time, self.signed_in = journal, time, signed_in
        self.attempt, self.lease = signed_in.attempt, signed_in.lease
        self._folded: AttemptState | None = None
        self.reload()

    def reload(self) -> None:
        """Read everything again: after history arrived or another lease was opened."""
        with self.journal.lock:
            self._events = self.journal.list_events(self.attempt)
            self._directives = [read_directive(text) for text in self.journal.list_directives(self.attempt)]
            self._folded = None

    def take_lease(self, signed_in: SignedIn) -> None:
        """Go on under another lease of the same attempt; what is going on at the seat is not disturbed."""
        with self.journal.lock:
            self.signed_in, self.lease = signed_in, signed_in.lease
            self.reload()

    def append(self, *drafts: Draft) -> list[Event]:
        """Journal the drafts in one transaction; they are durable when this returns."""
        with self.journal.lock:
            events = self.journal.append(self.attempt, self.lease, drafts, self.time.stamp)
            self._events.extend(events)
            self._folded = None
        return events

    def repeat(self, event: Event, draft: Draft) -> Event:
        """Journal an event of a lost lease again, with the time it had."""
        stamp = Stamp(event.at_ms, event.err_ms, event.mono_ms, event.boot_id)
        with self.journal.lock:
            again = self.journal.append(self.attempt, self.lease, [draft], lambda: stamp)[0]
            self._events.append(again)
            self._folded = None
        return again

    @property
    def state(self) -> AttemptState:
        """The fold of everything known here."""
        with self.journal.lock:
            if self._folded is None:
                self._folded = fold(self._events, self._directives)
            return self._folded

    def is_of_this_boot(self, lease: int, number: int) -> bool:
        """Whether the machine has run on since an event was journalled; also where the event is not known."""
        boots = [event.boot_id for event in self._events if (event.lease, event.number) == (lease, number)]
        return all(boot == self.time.stamp().boot_id for boot in boots)

    @property
    def last_at_ms(self) -> int | None:
        """When this attempt last showed a sign of life, at any seat."""
        return self.state.last_at_ms or None

    def left_ms(self, timer: str) -> int | None:
        """Milliseconds left on a timer now, None if it has not been started."""
        return self.state.left_ms(timer, self.time.now_ms())

    def keep_directives(self, texts: list[str]) -> bool:
        """Keep what the server told; whether anything was new. Orders to delete are not the seat's: see `purging`."""
        is_new = False
        with self.journal.transaction():
            for text in texts:
                told = read_directive(text)
                if told.kind == DirectiveKind.PURGE:
                    continue
                is_new = self.journal.keep_directive(self.attempt, told.generation, told.number, text) or is_new
        if is_new:
            self.reload()
        return is_new

    def list_unapplied(self) -> list[Directive]:
        """Directives in order that no seat has applied yet."""
        applied = self.state.applied
        return sorted((d for d in self._directives if d.key not in applied), key=lambda d: d.key)

    def list_directives(self) -> list[Directive]:
        """Everything the server told, in order."""
        return sorted(self._directives, key=lambda directive: directive.key)

    def last_directive(self) -> tuple[int, int]:
        """(generation, number) of the newest one kept here."""
        return max((directive.key for directive in self._directives), default=(0, 0))

    def make_receipt(self) -> str:
        """The candidate's receipt over the heads and recordings known here."""
        heads = {lease: self.journal.head(self.attempt, lease) for lease in self.state.heads}
        return make_receipt_code(heads, [recording.sha256 for recording in self.state.recordings])


def read_directive(text: str) -> Directive:
    """A directive's JSON text."""
    return msgspec.json.decode(text, type=Directive)
