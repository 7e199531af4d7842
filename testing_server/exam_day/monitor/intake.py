"""Reports as they come: three hundred a second from 1,500 classrooms, written for all who wait in one transaction.

Takes the services of the application. Gives `Intake.take` to the page and the express lane of POST /v1/reports, which
checks what the gate and the page check; whatever is unusual is left to the page, which says why.
"""
from __future__ import annotations

import logging
from collections.abc import Sequence

import msgspec

from testing_server.exam_day.monitor.actions import Heard, Taken, take_reports
from testing_server.exam_day.monitor.live import BOARD
from testing_server.exam_day.monitor.rules import Report, read_report
from testing_server.foundation.known_tokens import KnownTokens
from testing_server.foundation.lanes import ExpressLane
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import Services
from testing_server.foundation.storage.gathering import Gathering
from testing_server.foundation.tokens import BadToken

log = logging.getLogger(__name__)
REPORT_BYTES = 32 * 1024
# a classroom does not wait for its answer, a watcher sees the change this much later
GATHERED_S = 0.1


class Intake:
    """One per application."""

    def __init__(self, offered: Services) -> None:
        self._offered = offered
        self._tokens = KnownTokens(offered, "school")
        self._gathering = Gathering(self._write, GATHERED_S)

    def take(self, school: str, report: Report) -> Taken:
        """Durable when it returns. Raises as Storage.write."""
        return self._gathering.put((school, report))

    def answer(self, part: str, token: str, body: bytes) -> bytes | None:
        """What the page says to a report; None: not for this lane."""
        try:
            taken = self.take(self._tokens.recognise(token), read_report(body)) if not part else None
        except (BadToken, Refusal):
            return None
        except Exception as error:
            log.exception("the express lane failed, the page answers", exc_info=error)
            return None
        return msgspec.json.encode({"watched": taken.watched}) if taken else None

    def _write(self, heard: Sequence[Heard]) -> list[Taken]:
        now_ms, live = self._offered.clock.now_ms(), self._offered.live
        taken = self._offered.storage.write(lambda session: take_reports(session, now_ms, heard), locks_rows=True)
        if any(one.changed for one in taken):
            live.changed(BOARD, now_ms)
        for (school, report), one in zip(heard, taken, strict=True):
            if one.watched:
                live.changed(f"{BOARD}:{school}/{report.sitting}", now_ms)
        return taken


def attach_intake(offered: Services) -> Intake:
    """The application's own."""
    if "intake" not in offered.vault:
        offered.vault["intake"] = Intake(offered)
    found: Intake = offered.vault["intake"]
    return found


def open_lane(offered: Services) -> ExpressLane:
    """Nearly every request to a hub on the day is this one."""
    return ExpressLane(b"POST /v1/reports", b" HTTP/1.1", REPORT_BYTES, attach_intake(offered).answer)
