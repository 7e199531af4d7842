"""The outbox: sends what the journal holds, in order, for ever; what the server says it has decides what goes next.

Takes committed events and durable parts; two threads, so that sound never waits for answers or the other way round.
Nothing that the server says stops it: a refusal is waited out, a conflict asks for another lease.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from audio.faults import PartUnreadable
from audio.parts import Part
from audio.pcm_file import read_part
from kiosk_client.journal import CONFLICTED, Journal, Lease, PartRow, RecordingFile
from kiosk_client.link import Link, Refused
from kiosk_client.refusals import SeatRefusal, ServerAway
from testing_server.contracts.events import MAX_BATCH_BYTES, MAX_BATCH_EVENTS
from testing_server.contracts.messages import EventsAcked, EventsAppend, PartAcked

SEND_SECONDS = 0.5
SEND_AT_ONCE = 20
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 15.0
# Nobody answers at all: speech must not be further behind than this once somebody does.
AWAY_PAUSE_SECONDS = 1.5
REFUSED_SECONDS = 5.0
ENVELOPE_BYTES = 1024
SENT, CONFLICT = 1, 2

log = logging.getLogger(__name__)


class Sender(threading.Thread):
    """Calls `send() -> bool` (was there more?) again and again, with growing pauses while it fails."""

    def __init__(self, name: str, send: Callable[[], bool]) -> None:
        super().__init__(name=name, daemon=True)
        self._send = send
        self._wake, self._hurried, self._stopping = threading.Event(), threading.Event(), threading.Event()
        self._pause = FIRST_PAUSE_SECONDS

    def wake(self) -> None:
        """Look at once; a pause after a failure is waited out all the same."""
        self._wake.set()

    def hurry(self) -> None:
        """Try at once: the server has shown itself."""
        self._hurried.set()
        self._wake.set()

    def stop(self) -> None:
        """End after what is being sent now."""
        self._stopping.set()
        self.hurry()

    def run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            self._hurried.clear()
            pause = self._try()
            if pause:
                (self._hurried if pause > SEND_SECONDS else self._wake).wait(pause)

    def _try(self) -> float:
        """How long to wait before the next try."""
        try:
            has_more = self._send()
        except Refused as refusal:
            log.info("%s: refused %s %s", self.name, refusal.code, refusal.details)
            return self._grow(refusal.retry_after_s)
        except ServerAway as away:
            log.info("%s: %s", self.name, away.details)
            return min(AWAY_PAUSE_SECONDS, self._grow(None))
        except SeatRefusal as refusal:
            log.info("%s: %s", self.name, refusal.details)
            return self._grow(None)
        except Exception:
            # Whatever it is, the answers are in the journal and must be tried again.
            log.exception("%s failed", self.name)
            return self._grow(None)
        self._pause = FIRST_PAUSE_SECONDS
        return 0.0 if has_more else SEND_SECONDS

    def _grow(self, wanted: float | None) -> float:
        pause, self._pause = self._pause, min(LONGEST_PAUSE_SECONDS, self._pause * 2)
        return max(wanted, 0.05) if wanted is not None else pause


class EventOutbox:
    """Events of every lease of the journal. `on_acked(attempt, reply)`; `on_conflict(lease)`: its journal must go on
    under another lease; `on_revoked(lease)`; `on_fenced(claim)`: another server leads."""

    def __init__(self, journal: Journal, link: Link) -> None:
        self.on_acked: Callable[[str, EventsAcked], None] = lambda attempt, reply: None
        self.on_conflict: Callable[[Lease], None] = lambda lease: None
        self.on_revoked: Callable[[Lease], None] = lambda lease: None
        self.on_fenced: Callable[[str], None] = lambda claim: None
        self.on_contact: Callable[[bool], None] = lambda reached: None
        self._journal, self._link = journal, link

    def send(self) -> bool:
        """One batch of every lease that has something to send; whether there is more. Raises Refused, ServerAway."""
        has_more, refusal = False, None
        for lease in self._journal.list_leases():
            if lease.state == CONFLICTED:
                continue
            try:
                has_more = self._send_lease(lease) or has_more
            except Refused as found:
                # One lease that is refused must not hold up the others.
                refusal = self._note_refusal(lease, found)
        if refusal is not None:
            raise refusal
        return has_more

    def _send_lease(self, lease: Lease) -> bool:
        lines = self._journal.list_lines(lease.attempt, lease.lease, lease.acked, MAX_BATCH_EVENTS + 1)
        batch = cut_batch(lines[:MAX_BATCH_EVENTS])
        if not batch:
            return False
        body = EventsAppend(lease=lease.lease, events=[line.decode() for line in batch])
        try:
            reply = self._link.send_events(lease.attempt, body)
        except ServerAway:
            self.on_contact(False)
            raise
        self.on_contact(True)
        self._journal.set_acked(lease.attempt, lease.lease, reply.acked)
        if reply.lease_state == "revoked" and lease.state != "revoked":
            self.on_revoked(lease)
        self.on_acked(lease.attempt, reply)
        # A server that confirms nothing of a whole batch is not asked again at once.
        return len(batch) < len(lines) and reply.acked > lease.acked

    def _note_refusal(self, lease: Lease, refusal: Refused) -> Refused:
        self.on_contact(True)
        if refusal.code == "event_conflict":
            self.on_conflict(lease)
        elif refusal.code == "fenced":
            self.on_fenced(str(refusal.facts.get("claim", "")))
        elif refusal.code == "lease_revoked":
            self.on_revoked(lease)
        return refusal


def cut_batch(lines: list[bytes]) -> list[bytes]:
    """As many lines from the start as one request may carry; always at least one."""
    total = ENVELOPE_BYTES
    batch: list[bytes] = []
    for line in lines:
        total += len(line) + 8 + line.count(b'"') + line.count(b"\\")
        if batch and total > MAX_BATCH_BYTES:
            break
        batch.append(line)
    return batch


class PartOutbox:
    """Parts of every recording. `on_sent()` after each; a part that cannot be read any more is left to the recovery."""

    def __init__(self, journal: Journal, link: Link, find_file: Callable[[RecordingFile], Path]) -> None:
        self.on_sent: Callable[[], None] = lambda: None
        self._journal, self._link, self._find_file = journal, link, find_file

    def send(self) -> bool:
        """A few parts; whether there is more. Raises Refused, ServerAway."""
        waiting = self._journal.list_waiting_parts()
        files = {(f.attempt, f.lease, f.number): f for f in self._journal.list_recordings()} if waiting else {}
        for part in waiting:
            self._send_part(part, files[part.attempt, part.lease, part.number])
        return bool(waiting)

    def _send_part(self, part: PartRow, recording: RecordingFile) -> None:
        try:
            block = read_part(self._find_file(recording), Part(part.part_no, part.offset, part.length, part.sha256))
        except PartUnreadable as error:
            log.error("part %s cannot be read: %s", part, error)
            self._journal.mark_part(part, CONFLICT)
            return
        name = (part.attempt, part.lease, part.number)
        try:
            reply = self._link.send_part(name, part.part_no, part.offset, part.sha256, recording.rate, block,
                                         part.verdict)
        except Refused as refusal:
            if refusal.code != "part_conflict":
                raise
            log.error("part %s: the server keeps other bytes there", part)
            self._journal.mark_part(part, CONFLICT)
        else:
            self._note_sent(part, recording, reply)
        self.on_sent()

    def _note_sent(self, part: PartRow, recording: RecordingFile, reply: PartAcked) -> None:
        with self._journal.transaction():
            self._journal.mark_part(part, SENT)
            self._journal.set_durable(part.attempt, part.lease, part.number, reply.durable_bytes)
            # The server may have lost what it once had: what it misses before this part goes again.
            for start, end in reply.missing:
                self._resend(part, int(start), int(end))

    def _resend(self, sent: PartRow, start: int, end: int) -> None:
        for part in self._journal.list_parts(sent.attempt, sent.lease, sent.number):
            overlaps = part.offset < end and start < part.offset + part.length
            if overlaps and part.sent == SENT and part.part_no != sent.part_no:
                self._journal.mark_part(part, 0)
