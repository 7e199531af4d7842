"""Answers by the express lane: the same door as POST /v1/attempts/{id}/events, for what nearly every request is.

Takes the services of the application. Gives a lane that checks what the gate and the page check (token, form, size,
chain) and stores batches that simply follow. Whatever is unusual is left to the page, which says why.
"""
from __future__ import annotations

import logging
import re
import time

import msgspec

from testing_server.contracts.events import EventKind
from testing_server.contracts.messages import EventsAcked, EventsAppend
from testing_server.contracts.refusals import ContractRefusal
from testing_server.exam_day.responses.appending import AGAIN, Batch, Kept, append_many
from testing_server.exam_day.responses.confirming import is_plain_confirmation
from testing_server.exam_day.responses.effects import has_effect
from testing_server.exam_day.responses.hearings import is_worth_counting
from testing_server.exam_day.responses.rules import Line, read_batch
from testing_server.exam_day.room import attach_room
from testing_server.exam_day.scopes import WORKSTATIONS
from testing_server.foundation.known_tokens import KnownTokens
from testing_server.foundation.lanes import ExpressLane
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import Services
from testing_server.foundation.tokens import BadToken

log = logging.getLogger(__name__)
BODY_LIMIT = 512 * 1024
ATTEMPT = re.compile(r"[0-9a-f-]{36}")
# How often a start waits for the one that makes the sitting run, and how long each time.
TRIES, AGAIN_S = 40, 0.025


class Intake:
    """One per application."""

    def __init__(self, offered: Services) -> None:
        self._offered = offered
        self._room = attach_room(offered)
        self._tokens = KnownTokens(offered, "workstation")
        self._read = msgspec.json.Decoder(EventsAppend).decode
        self._write = msgspec.json.Encoder().encode

    def answer(self, attempt: str, token: str, body: bytes) -> bytes | None:
        """The acknowledgement, only after the fsync; None: not for this lane."""
        try:
            return self._append(attempt, token, body)
        except (BadToken, ContractRefusal, Refusal, msgspec.MsgspecError, RecursionError):
            return None
        except Exception as error:
            log.exception("the express lane failed, the page answers: %s", attempt, exc_info=error)
            return None

    def _append(self, attempt: str, token: str, body: bytes) -> bytes | None:
        workstation = self._tokens.recognise(token)
        if not ATTEMPT.fullmatch(attempt):
            return None
        asked, now_ms = self._read(body), self._room.clock.now_ms()
        lines = read_batch(attempt, asked.lease, asked.events)
        if not lines or is_eventful(lines):
            return None
        kept = self._keep(Batch(attempt, asked.lease, workstation, now_ms, lines))
        if kept is None:
            return None
        self._tell(workstation, kept.sitting)
        return self._write(EventsAcked(
            acked=kept.acked, missing=[], server_at_ms=self._room.clock.now_ms(), directives_version=kept.directives,
            lease_state=kept.lease_state))

    def _keep(self, batch: Batch) -> Kept | None:
        for _ in range(TRIES):
            kept: Kept | None = self._offered.storage.write_grouped(append_many, batch, len(batch.lines))
            if kept is not AGAIN:
                return kept
            time.sleep(AGAIN_S)
        return None

    def _tell(self, workstation: str, sitting: str) -> None:
        live, monotonic_ms = self._offered.live, self._room.clock.monotonic_ms()
        if self._room.presence.hear(workstation, monotonic_ms):
            live.changed(WORKSTATIONS, self._room.clock.now_ms())
        live.changed(f"sitting:{sitting}", self._offered.clock.monotonic_ms())


def is_eventful(lines: list[Line]) -> bool:
    """Whether a line changes more than what is stored and which directives are applied."""
    return any(map(_is_the_pages, lines)) or is_worth_counting(lines)


def _is_the_pages(line: Line) -> bool:
    if line.event.kind == EventKind.DIRECTIVE_APPLIED:
        return not is_plain_confirmation(line.event)
    return has_effect(line)


def open_lane(offered: Services) -> ExpressLane | None:
    """None where the database is not one file of ours."""
    if not offered.storage.is_sqlite:
        return None
    return ExpressLane(b"POST /v1/attempts/", b"/events HTTP/1.1", BODY_LIMIT, Intake(offered).answer)
