"""The robot organizer: from the first set-up of a classroom to the receipt. Speaks HTTP only, to the console."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from testing_server.rehearsal.founding import Account, draw_account
from testing_server.rehearsal.person import Person, Refused

LOOK_S = 0.3
PATIENCE_S = 180
AT_REST = frozenset({"finished", "absent", "spoiled", "transferred"})
READY = frozenset({"checked", "started", "finished"})


class TookTooLong(Exception):
    """Something that should have happened did not; the text says what was waited for."""


def wait_until(what: str, is_done: Callable[[], Any], seconds: float = PATIENCE_S) -> Any:
    """The first true answer of `is_done`. Raises TookTooLong."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := is_done():
            return found
        time.sleep(LOOK_S)
    raise TookTooLong(what)


class RobotOrganizer:
    """One organizer at the console on the server's own PC."""

    def __init__(self, console: str) -> None:
        self._person = Person(console)
        self._account: Account | None = None

    def close(self) -> None:
        """Leaves the browser."""
        self._person.close()

    # Before.

    def set_up(self, school_name: str, room: str, passphrase: str, account: Account,
               credentials: dict[str, Any] | None) -> None:
        """First steps and, where there is a hub, enrolment; then the sign-in."""
        enrolment = {"credentials": {"format": "credentials/1", **credentials}} if credentials else {}
        self._post("/v1/room/first-steps", {
            "school_name": school_name, "room": room, "passphrase": passphrase, "login": account.login,
            "password": account.password, **enrolment})
        self.sign_in(account)

    def sign_in(self, account: Account) -> None:
        """As an account of this server."""
        self._account = account
        self._person.sign_in(account.login, account.password)

    def replace_password(self, login: str, password: str) -> None:
        """In a fresh browser, by a one-time password that somebody read out; from then on the account has its own."""
        self._person.close()
        self._person, fresh = Person(self._person.base), draw_account(login).password
        self._person.sign_in(login, password)
        self._person.open("/password")
        self._person.submit("/password", old=password, new=fresh, again=fresh)
        self._account = Account(login, fresh)

    def sign_in_again(self) -> None:
        """In a fresh browser, as the same account."""
        if self._account is not None:
            self._person.close()
            self._person = Person(self._person.base)
            self.sign_in(self._account)

    def unlock_key(self, passphrase: str) -> None:
        """After the server's whole restart: the school's key is open again."""
        self._post("/v1/room/unlock", {"passphrase": passphrase})

    def is_key_unlocked(self) -> bool:
        """Whether the server can sign with the school's key now."""
        return bool(self._person.read_json("/v1/room")["key_unlocked"])

    def fetch_archives(self, archives: list[str]) -> None:
        """Downloads and opens each, and waits until every variant was checked."""
        self._post("/v1/archives-here/ask", {})
        for archive in archives:
            self._post(f"/v1/archives-here/{archive}/fetch", {})
        for archive in archives:
            wait_until(f"archive {archive[:8]} is kept", lambda: self._archive(archive)["state"] == "kept")
            self._post(f"/v1/archives-here/{archive}/open", {})
        for archive in archives:
            wait_until(f"archive {archive[:8]} is checked", lambda: self._is_checked(archive))

    def bring_archive(self, files: list[Path]) -> None:
        """From a stick: the files of one archive."""
        self._person.open("/archives")
        self._person.submit("/archives/upload", files=[("files", (path.name, path.read_bytes())) for path in files])

    def open_archive(self, archive: str, cipher: str) -> None:
        """By its cipher ("" for one that needs none); waits until every variant was checked. Raises Refused."""
        self._post(f"/v1/archives-here/{archive}/open", {"cipher": cipher})
        wait_until(f"archive {archive[:8]} is checked", lambda: self._is_checked(archive))

    def wait_opened(self) -> None:
        """Until the archive is open: a server that has just taken over opens it by itself."""
        def is_opened() -> bool:
            states = {one["state"] for one in self._person.read_json("/v1/archives-here")["archives"]}
            return "opened" in states and "opening" not in states
        wait_until("the archive is opened", is_opened)

    def read_archive_title(self, archive: str) -> str:
        """As the console names the work."""
        return str(self._archive(archive)["title"])

    def bring_roster(self, envelope: bytes) -> None:
        """From a stick: the day's codes and logins."""
        self._person.open("/codes")
        self._person.submit("/codes/upload", files=[("roster", ("roster.json", envelope))])

    def _archive(self, archive: str) -> dict[str, Any]:
        found = self._person.read_json("/v1/archives-here")["archives"]
        one: dict[str, Any] = next(one for one in found if one["archive"] == archive)
        if one["trouble"]:
            raise Refused(f"archive {archive[:8]}: {one['trouble']}")
        return one

    def _is_checked(self, archive: str) -> bool:
        return bool(self._archive(archive)["state"] == "opened")

    def fetch_roster(self, day: str) -> dict[str, str]:
        """Code → login of the day."""
        self._post("/v1/rosters-here/fetch", {"day": day})
        rosters = self._person.read_json("/v1/rosters-here")["rosters"]
        roster = next(one for one in rosters if one["day"] == day)
        return {entry["code"]: entry["login"] for entry in roster["entries"]}

    def open_sitting(self, archive: str, day: str, campaign: str, room: str, codes: list[str], pace: int) -> str:
        """A sitting for these codes, open for sign-in; returns its id."""
        sitting = str(self._post("/v1/sittings", {
            "archive": archive, "day": day, "campaign": campaign, "room": room, "codes": codes,
            "pace": pace})["sitting"])
        self._post(f"/v1/sittings/{sitting}/open", {"reason": "robots rehearse on one machine"})
        return sitting

    def pair(self, digits: str, seat: str) -> None:
        """Types a workstation's six digits. One workstation waits at a time, as in a room walked through."""
        def confirm() -> bool:
            waiting = [one for one in self._person.read_json("/v1/pairings")["pairings"] if one["revealed"]]
            for one in waiting:
                self._post(f"/v1/pairings/{one['id']}/confirm", {"digits": digits, "seat": seat})
                return True
            return False
        wait_until(f"workstation {seat} waits for pairing", confirm, 30)

    # During.

    def look(self, sitting: str) -> dict[str, Any]:
        """The live grid as the page gets it."""
        found: dict[str, Any] = self._person.read_json(f"/v1/sittings/{sitting}/live")
        return found

    def start_when_ready(self, sitting: str, seats: int) -> None:
        """Waits for so many checked seats and starts all."""
        wait_until(f"{seats} seats are ready", lambda: self._count(sitting, READY) >= seats)
        self.command(sitting, "start")

    def _count(self, sitting: str, states: frozenset[str]) -> int:
        return sum(seat["state"] in states for seat in self.look(sitting)["seats"])

    def command(self, sitting: str, kind: str, targets: list[str] | str = "all", **body: Any) -> dict[str, Any]:
        """A command under a key of its own."""
        reply: dict[str, Any] = self._post(f"/v1/sittings/{sitting}/commands", {
            "kind": kind, "targets": targets, "body": body}, **{"Idempotency-Key": secrets.token_hex(8)})
        return reply

    def is_over(self, sitting: str) -> bool:
        """Whether nobody works any more."""
        return all(seat["state"] in AT_REST for seat in self.look(sitting)["seats"])

    def note_incident(self, sitting: str, text: str) -> None:
        """A line of the incident report."""
        self._post(f"/v1/sittings/{sitting}/incidents", {"text": text})

    # After.

    def close_sitting(self, sitting: str) -> None:
        """Closes, and waits until the balance closes too (the last sound may still be on its way)."""
        self._post(f"/v1/sittings/{sitting}/close", {})
        wait_until("the balance closes", lambda: self._try(f"/v1/sittings/{sitting}/balance"))

    def _try(self, path: str) -> bool:
        try:
            self._post(path, {})
        except Refused:
            return False
        return True

    def send_package(self, sitting: str) -> dict[str, Any]:
        """Packages and sends; gives the package with its receipt. Raises TookTooLong, Refused."""
        self.make_package(sitting)

        def receipted() -> dict[str, Any] | None:
            newest = self.read_package(sitting)
            if newest["state"] in ("failed", "quarantined"):
                raise Refused(f"package {newest['state']}: {newest['trouble']}")
            return newest if newest["state"] == "receipted" else None
        found: dict[str, Any] = wait_until("the hub's receipt", receipted)
        return found

    def make_package(self, sitting: str) -> None:
        """Packages; the server sends by itself as soon as it can."""
        self._post(f"/v1/sittings/{sitting}/package", {})

    def read_package(self, sitting: str) -> dict[str, Any]:
        """The newest package as the closing page shows it: state, trouble, receipt."""
        newest: dict[str, Any] = self._person.read_json(f"/v1/sittings/{sitting}/closing")["packages"][0]
        return newest

    def _post(self, path: str, body: Any, **headers: str) -> Any:
        return self._person.send_json(path, body, **headers)
