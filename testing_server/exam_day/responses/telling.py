"""Directives by the express lane: the words of GET /v1/attempts/{id}/directives, for a start of a thousand at once.

Takes the services of the application. Gives a lane that checks what the gate and the page check (token, a lease of the
attempt) and tells what follows; whatever is unusual is left to the page, which says why.
"""
from __future__ import annotations

import logging
import re

import msgspec

from testing_server.contracts.messages import DirectivesTold
from testing_server.exam_day.recovery.keeping import attach_ledgers
from testing_server.exam_day.room import attach_room
from testing_server.exam_day.scopes import WORKSTATIONS
from testing_server.foundation.known_tokens import KnownTokens
from testing_server.foundation.lanes import ExpressLane
from testing_server.foundation.services import Services
from testing_server.foundation.tokens import BadToken

log = logging.getLogger(__name__)
ASKED = re.compile(r"([0-9a-f-]{36})/directives\?after=(?:([0-9]{1,15})\.([0-9]{1,15}))?")
# One row, and one look at the database: each statement hands the interpreter to another thread and back.
FIND = """
SELECT EXISTS (SELECT 1 FROM room_lease WHERE attempt = :attempt AND workstation = :workstation),
  (SELECT count(*) FROM room_directive WHERE attempt = :attempt),
  (SELECT json_group_array(text) FROM (SELECT text FROM room_directive WHERE attempt = :attempt
    AND (generation, number) > (:generation, :number) ORDER BY generation, number))
"""


class Telling:
    """One per application."""

    def __init__(self, offered: Services) -> None:
        self._offered = offered
        self._room, self._tokens = attach_room(offered), KnownTokens(offered, "workstation")
        self._read = msgspec.json.Decoder(list[str]).decode
        self._write = msgspec.json.Encoder().encode

    def answer(self, asked: str, token: str, body: bytes) -> bytes | None:
        """What the seat is to do; None: not for this lane."""
        try:
            return self._tell(asked, token)
        except BadToken:
            return None
        except Exception as error:
            log.exception("the express lane failed, the page answers: %s", asked, exc_info=error)
            return None

    def _tell(self, asked: str, token: str) -> bytes | None:
        workstation, found = self._tokens.recognise(token), ASKED.fullmatch(asked)
        if found is None:
            return None
        attempt, generation, number = found.groups(default="0")
        holds, version, texts = self._offered.storage.read_row(FIND, {
            "attempt": attempt, "workstation": workstation, "generation": int(generation), "number": int(number)})
        if not holds:
            return None
        if self._room.presence.hear(workstation, self._room.clock.monotonic_ms()):
            self._offered.live.changed(WORKSTATIONS, self._room.clock.now_ms())
        ledgers = attach_ledgers(self._offered).offer(workstation, self._room.presence.count())
        return self._write(DirectivesTold(directives=self._read(texts), version=version, ledgers=ledgers))


def open_telling_lane(offered: Services) -> ExpressLane | None:
    """None where the database is not one file of ours."""
    if not offered.storage.is_sqlite:
        return None
    return ExpressLane(b"GET /v1/attempts/", b" HTTP/1.1", 0, Telling(offered).answer)
