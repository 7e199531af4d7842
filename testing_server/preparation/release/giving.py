"""Ciphers by the express lane: the words of GET /v1/releases/{archive}, for forty thousand schools in one minute.

Takes the services of the application. Gives `note` to whoever gives a cipher, one transaction for all who wait, and a
lane that checks what the gate and the page check; whatever is unusual is left to the page, which says why.
"""
from __future__ import annotations

import logging
import re
from collections.abc import Sequence

import msgspec

from testing_server.foundation.known_tokens import KnownTokens
from testing_server.foundation.lanes import ExpressLane
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import Services
from testing_server.foundation.storage.gathering import Gathering
from testing_server.foundation.tokens import BadToken
from testing_server.preparation.materials.actions import note_released
from testing_server.preparation.release.actions import Release, read_cipher_now

log = logging.getLogger(__name__)
ARCHIVE = re.compile(r"[0-9a-f]{64}")
GATHERED_S = 0.02
# of one school in a minute; more than a classroom server asks, and the page counts on
OFTEN, MINUTE_MS = 30, 60_000


class Giving:
    """One per application."""

    def __init__(self, offered: Services) -> None:
        self._offered = offered
        self._tokens = KnownTokens(offered, "school")
        self._noting = Gathering(self._note, GATHERED_S)
        self._asked: dict[str, int] = {}
        self._minute = 0

    def give(self, archive: str, school: str | None, by: str) -> Release:
        """The cipher of an archive, after its hour, to its own school; audited before it is given.

        Raises NotYet, ArchiveUnknown, Withdrawn, NoCipherNeeded, SlotMissing, HoldersAway.
        """
        found, cipher = read_cipher_now(self._offered, archive, school)
        return Release(cipher, found.released_at_ms or self._noting.put((archive, by)))

    def answer(self, archive: str, token: str, body: bytes) -> bytes | None:
        """What the page says to a school whose hour has come; None: not for this lane."""
        try:
            school = self._tokens.recognise(token)
            if not ARCHIVE.fullmatch(archive) or self._asks_too_often(school):
                return None
            release = self.give(archive, school, f"school:{school}")
        except (BadToken, Refusal):
            return None
        except Exception as error:
            log.exception("the express lane failed, the page answers", exc_info=error)
            return None
        return msgspec.json.encode({"cipher": release.cipher, "opened_at_ms": release.opened_at_ms})

    def _asks_too_often(self, school: str) -> bool:
        minute = self._offered.clock.monotonic_ms() // MINUTE_MS
        if minute != self._minute:
            self._minute, self._asked = minute, {}
        self._asked[school] = self._asked.get(school, 0) + 1
        return self._asked[school] > OFTEN

    def _note(self, given: Sequence[tuple[str, str]]) -> list[int]:
        now_ms = self._offered.clock.now_ms()
        return self._offered.storage.write(lambda session: note_released(session, now_ms, given), locks_rows=True)


def attach_giving(offered: Services) -> Giving:
    """The application's own."""
    if "giving" not in offered.vault:
        offered.vault["giving"] = Giving(offered)
    found: Giving = offered.vault["giving"]
    return found


def release_cipher(offered: Services, archive: str, school: str | None, by: str) -> Release:
    """See Giving.give."""
    return attach_giving(offered).give(archive, school, by)


def open_lane(offered: Services) -> ExpressLane:
    """The minute after half past seven is this request."""
    return ExpressLane(b"GET /v1/releases/", b" HTTP/1.1", 0, attach_giving(offered).answer)
