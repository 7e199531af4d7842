"""Decisions about events. Pure: takes what is stored and what came, gives what to keep and what to answer."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from flask_babel import lazy_gettext as _

from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.directives import DirectiveKind
from testing_server.contracts.events import (
    MAX_BATCH_BYTES, MAX_BATCH_EVENTS, Event, EventKind, digest_of, read_event)
from testing_server.contracts.refusals import BadEvent, BrokenChain
from testing_server.foundation.refusals import Refusal

MAX_MISSING = 16
PARTS_SILENT_MS = 20_000


class LeaseUnknown(Refusal):
    code = "lease_unknown"
    status = 404
    message = _("Сервер не выдавал такой аренды места.")
    safe = _("События остаются в журнале рабочего места.")
    remedy = _("Войдите на рабочем месте по логину ещё раз.")


class LeaseRevoked(Refusal):
    code = "lease_revoked"
    status = 409
    message = _("Участник пересажен: это место больше не пишет за него.")
    safe = _("Всё, что записано здесь, будет принято.")
    remedy = _("Позовите организатора.")


class EventConflict(Refusal):
    code = "event_conflict"
    status = 409
    message = _("Под этим номером сервер хранит другое событие: диск рабочего места потерял часть журнала.")
    safe = _("Оба события сохранены.")
    remedy = _("Войдите по логину ещё раз: рабочее место получит новую аренду.")


class BatchTooLarge(Refusal):
    code = "too_large"
    status = 413
    message = _("В посылке больше 200 событий или 128 килобайт.")
    remedy = _("Отправьте события меньшими посылками.")


class Line(msgspec.Struct, frozen=True, gc=False):
    """An event together with the text it was written as. Thousands are made a second: a struct, not a dataclass."""

    event: Event
    text: str
    digest: str


class StoredHead(msgspec.Struct, frozen=True, gc=False):
    """Where a lease stands: `head_number` is the highest number stored; equal to `acked` when nothing is missing."""

    acked: int
    head_number: int
    head_digest: str
    grant: str

    @property
    def digest(self) -> str:
        """What the next event must follow from."""
        return self.head_digest if self.head_number else sha256_hex(self.grant.encode())


@dataclass(frozen=True)
class Sorted:
    """What a batch brings: `fresh` to store, `aside` to keep as a conflict."""

    fresh: list[Line]
    aside: list[Line]


def read_batch(attempt: str, lease: int, texts: Sequence[str]) -> list[Line]:
    """Every line checked, in order of number. Raises BatchTooLarge, BadEvent, BrokenChain: nothing is queued then."""
    if len(texts) > MAX_BATCH_EVENTS or sum(len(text.encode()) for text in texts) > MAX_BATCH_BYTES:
        raise BatchTooLarge()
    lines = sorted((_read_line(attempt, lease, text) for text in texts), key=lambda line: line.event.number)
    for before, after in zip(lines, lines[1:], strict=False):
        if before.event.number == after.event.number and before.digest != after.digest:
            raise BadEvent(f"two different events {after.event.number} in one batch")
        if after.event.number == before.event.number + 1 and after.event.prev != before.digest:
            raise BrokenChain(f"event {after.event.number} does not follow from the one before it")
    return lines


def _read_line(attempt: str, lease: int, text: str) -> Line:
    event = read_event(text.encode())
    if (event.attempt, event.lease) != (attempt, lease):
        raise BadEvent("an event of another attempt or lease")
    return Line(event, text, digest_of(text.encode()))


def is_next(head: StoredHead, lines: Sequence[Line]) -> bool:
    """Whether a batch is simply what follows: no hole before it, no hole in it, chained to what is stored."""
    if not lines or head.acked != head.head_number:
        return False
    first, last = lines[0].event, lines[-1].event
    follows = first.number == head.acked + 1 and first.prev == head.digest
    return follows and last.number - first.number + 1 == len(lines)


def sort_batch(lines: Sequence[Line], known: Mapping[int, str], grant: str) -> Sorted:
    """Divide a batch by what is stored: `known` number -> digest, around and before the batch.

    From the first line that contradicts what is stored on, everything is set aside: it belongs to another history.
    """
    digests = dict(known)
    digests[0] = sha256_hex(grant.encode())
    fresh: list[Line] = []
    for index, line in enumerate(lines):
        number = line.event.number
        stored, before = digests.get(number), digests.get(number - 1)
        if (stored is not None and stored != line.digest) or (before is not None and before != line.event.prev):
            return Sorted(fresh, [one for one in lines[index:] if digests.get(one.event.number) != one.digest])
        if stored is None:
            fresh.append(line)
            digests[number] = line.digest
    return Sorted(fresh, [])


def find_acked(acked: int, numbers: Iterable[int]) -> tuple[int, list[list[int]]]:
    """The highest gap-free number and at most 16 missing ranges [from, to]; `numbers` above `acked`, in order."""
    missing: list[list[int]] = []
    last = acked
    for number in numbers:
        if number == last + 1 and not missing:
            acked = number
        elif number > last + 1 and len(missing) < MAX_MISSING:
            missing.append([last + 1, number - 1])
        last = number
    return acked, missing


def move_attempt(state: str, line: Event) -> str:
    """The attempt's state after an event of its newest lease."""
    if line.kind == EventKind.ATTEMPT_FINISHED and state not in ("spoiled", "absent", "transferred"):
        return "finished"
    if line.kind != EventKind.DIRECTIVE_APPLIED:
        return state
    moves = {
        DirectiveKind.START: {"seated": "started", "checked": "started", "reopened": "started"},
        DirectiveKind.PAUSE: {"started": "paused"},
        DirectiveKind.RESUME: {"paused": "started"},
    }
    return moves.get(DirectiveKind(line.body["kind"]), {}).get(state, state) if line.body["kind"] in moves else state
