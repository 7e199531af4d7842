"""The outbox: batches that fit, parts that the server lost, one lease that never holds up another."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import Any

import pytest

from kiosk_client.clock import ServerTime
from kiosk_client.drafts import Draft
from kiosk_client.fake_clock import FakeSeatClock
from kiosk_client.journal import Journal, PartRow
from kiosk_client.link import Refused
from kiosk_client.outbox import EventOutbox, PartOutbox, Sender, cut_batch
from kiosk_client.refusals import ServerAway
from testing_server.contracts.events import MAX_BATCH_BYTES
from testing_server.contracts.messages import EventsAcked, EventsAppend, PartAcked
from tests.kiosk_client.builders import ATTEMPT, LEASE, make_log
from tests.kiosk_client.conftest import wait_until


class FakeLink:
    """Answers batches and parts as a test says; remembers them."""

    def __init__(self) -> None:
        self.batches: list[tuple[int, list[int]]] = []
        self.parts: list[int] = []
        self.refuses: dict[int, str] = {}
        self.acked: dict[int, int] = {}
        self.missing: list[list[int]] = []

    def send_events(self, attempt: str, body: EventsAppend) -> EventsAcked:
        if body.lease in self.refuses:
            raise Refused(409, self.refuses[body.lease], "", None, {})
        numbers = [json.loads(line)["number"] for line in body.events]
        self.batches.append((body.lease, numbers))
        acked = self.acked.get(body.lease, numbers[-1])
        return EventsAcked(acked=acked, missing=[], server_at_ms=0, directives_version=0)

    def send_part(self, name: Any, part_no: int, *rest: Any) -> PartAcked:
        self.parts.append(part_no)
        return PartAcked(durable_bytes=10 * len(set(self.parts)), missing=self.missing)


def make_journal(folder: Path, answers: int, lease: int = LEASE) -> Journal:
    journal = Journal(folder / "journal.sqlite")
    log = make_log(journal, ServerTime(FakeSeatClock()), lease)
    log.append(*[Draft("answer_set", {"item": "i1", "response": "r1", "value": str(n)}) for n in range(answers)])
    return journal


def test_a_batch_holds_at_most_two_hundred_events(tmp_path: Path) -> None:
    link = FakeLink()
    outbox = EventOutbox(make_journal(tmp_path, 450), link)  # type: ignore[arg-type]
    while outbox.send():
        continue
    assert [len(numbers) for _, numbers in link.batches] == [200, 200, 51]


def test_a_batch_fits_the_servers_limit_even_after_it_was_written_as_json() -> None:
    lines = [json.dumps({"value": 'строка "в кавычках" ' * 200}, ensure_ascii=False).encode()] * 100
    batch = cut_batch(lines)
    body = json.dumps({"lease": 1, "events": [line.decode() for line in batch]}, ensure_ascii=False)
    assert 1 < len(batch) < 100 and len(body.encode()) <= MAX_BATCH_BYTES


def test_an_event_larger_than_a_batch_is_sent_alone() -> None:
    assert cut_batch([b"x" * 200_000, b"y"]) == [b"x" * 200_000]


def test_what_is_not_acknowledged_is_sent_again(tmp_path: Path) -> None:
    link = FakeLink()
    outbox = EventOutbox(make_journal(tmp_path, 5), link)  # type: ignore[arg-type]
    link.acked[LEASE] = 3
    outbox.send()
    link.acked.clear()
    outbox.send()
    outbox.send()
    assert [numbers for _, numbers in link.batches] == [[1, 2, 3, 4, 5, 6], [4, 5, 6]]


def test_a_refused_lease_does_not_hold_up_another(tmp_path: Path) -> None:
    make_journal(tmp_path, 1, LEASE).close()
    link = FakeLink()
    link.refuses[LEASE] = "event_conflict"
    outbox = EventOutbox(make_journal(tmp_path, 1, LEASE + 1), link)  # type: ignore[arg-type]
    conflicts: list[int] = []
    outbox.on_conflict = lambda lease: conflicts.append(lease.lease)
    with pytest.raises(Refused):
        outbox.send()
    assert conflicts == [LEASE] and link.batches == [(LEASE + 1, [1, 2])]


def add_parts(journal: Journal, folder: Path, count: int) -> None:
    blocks = [bytes([n]) * 10 for n in range(count)]
    (folder / "sound.pcm").write_bytes(b"".join(blocks))
    journal.keep_recording(ATTEMPT, LEASE, 7, "sound.pcm", 24_000)
    for number, block in enumerate(blocks):
        journal.keep_part(PartRow(ATTEMPT, LEASE, 7, number, number * 10, 10, hashlib.sha256(block).hexdigest(), 0))


def make_part_outbox(folder: Path, link: FakeLink, count: int = 3) -> tuple[Journal, PartOutbox]:
    journal = make_journal(folder, 0)
    add_parts(journal, folder, count)
    return journal, PartOutbox(journal, link, lambda recording: folder / recording.path)  # type: ignore[arg-type]


def test_parts_that_the_server_lost_are_sent_again(tmp_path: Path) -> None:
    link = FakeLink()
    journal, outbox = make_part_outbox(tmp_path, link)
    outbox.send()
    assert link.parts == [0, 1, 2] and journal.count_waiting_parts() == 0
    journal.resend_parts(ATTEMPT, LEASE, 7, 10)
    link.missing = [[0, 10]]
    outbox.send()
    link.missing = []
    outbox.send()
    assert link.parts == [0, 1, 2, 1, 2, 0] and journal.count_waiting_parts() == 0


def test_a_part_that_cannot_be_read_any_more_does_not_stop_the_others(tmp_path: Path) -> None:
    link = FakeLink()
    journal, outbox = make_part_outbox(tmp_path, link)
    (tmp_path / "sound.pcm").write_bytes(bytes(10) + b"?" * 10 + bytes([2]) * 10)
    outbox.send()
    assert link.parts == [0, 2] and journal.count_waiting_parts() == 0


def test_a_sender_survives_whatever_is_raised() -> None:
    raised = iter([ServerAway("away"), ValueError("odd"), Refused(503, "busy", "", 0.0, {})])
    done: list[bool] = []

    def send() -> bool:
        problem = next(raised, None)
        if problem is not None:
            raise problem
        done.append(True)
        sender.stop()
        return False

    sender = Sender("test", send)
    sender._pause = 0.01
    sender.start()
    sender.join(timeout=10)
    assert done == [True]


def test_pauses_grow_but_not_for_ever_and_the_server_may_name_its_own() -> None:
    sender = Sender("test", lambda: False)
    pauses = [sender._grow(None) for _ in range(8)]
    assert pauses[:3] == [0.5, 1.0, 2.0] and pauses[-1] == 15.0
    assert sender._grow(3.0) == 3.0


def test_the_first_sign_of_the_server_cuts_the_pause_that_failures_brought() -> None:
    tries: list[float] = []

    def send() -> bool:
        tries.append(time.monotonic())
        raise ServerAway("nobody answers")

    sender = Sender("events", send)
    sender._pause = 15.0
    sender.start()
    wait_until(lambda: len(tries) == 1)
    sender.wake()
    assert not sender._hurried.is_set() and len(tries) == 1
    sender.hurry()
    wait_until(lambda: len(tries) == 2, 5)
    sender.stop()
    sender.join(5)
    assert not sender.is_alive()
