"""Which receipt codes an attempt's events can have shown, and whether those events are unbroken. Pure.

A seat shows its code when the work ends. What comes later (a late packet of an older seat, a reopened work) makes
another code; the earlier one stays true of what it covered, so every end of the work is tried.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _

from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.events import Event, EventKind, digest_of, read_event
from testing_server.contracts.receipt_code import make_receipt_code
from testing_server.foundation.refusals import Refusal

Heads = dict[int, tuple[int, str]]


class ReceiptMistyped(Refusal):
    code = "wrong_digits"
    status = 422
    message = _("Код квитанции набран с ошибкой: знаки не сходятся с проверочными.")
    remedy = _("Сверьте код с листком. В нём 22 знака: четыре группы по пять и два проверочных.")

    def __init__(self, group: int | None = None) -> None:
        super().__init__(_("Код квитанции набран с ошибкой: посмотрите на группу %(group)s.", group=group)
                         if group else None, details={"group": group} if group else {})


@dataclass(frozen=True)
class Mark:
    """One event of the log: its place and the digest that chains everything before it."""

    lease: int
    number: int
    digest: str


@dataclass
class Outline:
    """What codes are made of. `heads`: last event of each lease; `ends`: attempt_finished events; `sounds`: (place of
    the commit, SHA-256 of the sound); `known`: lease -> heads of older leases when it was granted."""

    heads: Heads = field(default_factory=dict)
    ends: list[Mark] = field(default_factory=list)
    sounds: list[tuple[Mark, str]] = field(default_factory=list)
    known: dict[int, Heads] = field(default_factory=dict)


def list_codes(outline: Outline) -> dict[str, dict[int, int]]:
    """Every code this attempt can have shown -> {lease: highest number it covers}."""
    found: dict[str, dict[int, int]] = {}
    for heads in _list_heads(outline):
        covered = {lease: number for lease, (number, _digest) in heads.items()}
        sounds = [sha256 for mark, sha256 in outline.sounds if mark.number <= covered.get(mark.lease, 0)]
        found.setdefault(make_receipt_code(heads, sounds), covered)
    return found


def _list_heads(outline: Outline) -> Iterator[Heads]:
    yield outline.heads
    for end in outline.ends:
        older = {lease: head for lease, head in outline.heads.items() if lease < end.lease}
        yield {**older, end.lease: (end.number, end.digest)}
        if end.lease in outline.known:
            yield {**outline.known[end.lease], end.lease: (end.number, end.digest)}


def outline_events(lines: Iterable[str]) -> Outline:
    """The outline of an attempt's lines; `known` stays empty."""
    outline = Outline()
    for line in lines:
        add_event(outline, read_event(line.encode()), digest_of(line.encode()))
    return outline


def add_event(outline: Outline, event: Event, digest: str) -> None:
    """Note one event."""
    mark = Mark(event.lease, event.number, digest)
    if event.number >= outline.heads.get(event.lease, (0, ""))[0]:
        outline.heads[event.lease] = (event.number, digest)
    if event.kind == EventKind.ATTEMPT_FINISHED:
        outline.ends.append(mark)
    elif event.kind == EventKind.RECORDING_COMMITTED:
        outline.sounds.append((mark, event.body["sha256"]))


def find_break(lines: Iterable[str], grants: Mapping[int, str], covered: Mapping[int, int]) -> str:
    """"" when the covered events are all there and each follows the one before; else which one does not.

    `lines` by lease and number; `grants`: lease -> the grant's text, which number 1 follows.
    """
    before: dict[int, tuple[int, str]] = {lease: (0, sha256_hex(text.encode())) for lease, text in grants.items()}
    for line in lines:
        event = read_event(line.encode())
        number, digest = before.get(event.lease, (0, ""))
        if event.number > covered.get(event.lease, 0):
            continue
        if event.number != number + 1 or event.prev != digest:
            return f"{event.lease}#{event.number}"
        before[event.lease] = (event.number, digest_of(line.encode()))
    short = [lease for lease, number in covered.items() if before.get(lease, (0, ""))[0] != number]
    return f"{min(short)}#{covered[min(short)]}" if short else ""
