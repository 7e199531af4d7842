"""A receipt on a stick counts when the hub signed it; this server's copy goes by rule, and only what is covered."""
import io
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from testing_server.contracts.statements import sign_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.exam_day.packages.jobs import package_path
from testing_server.exam_day.packages.queries import list_packages
from testing_server.exam_day.packages.records import PackageRecord
from testing_server.exam_day.responses.records import EventRecord
from testing_server.exam_day.sittings.actions import find_sitting, list_attempts
from testing_server.foundation.audit import verify_audit
from testing_server.marking.review.records import MarkingAttemptRecord, MarkingWorkRecord
from testing_server.preparation.hub_keys import make_hub_keys
from tests.testing_server.exam_day.builders import Classroom


def state_of(room: Classroom) -> str:
    with room.services.storage.read() as session:
        return find_sitting(session, room.sitting).state


def bring(room: Classroom, envelope: bytes) -> Any:
    browser = room.browser()
    token = browser.token("/workstations")
    return browser.client.post(f"/sittings/{room.sitting}/receipt", data={
        "csrf_token": token, "receipt": (io.BytesIO(envelope), "receipt.json")})


def carry(room: Classroom) -> bytes:
    """The package goes on a stick; the hub's signed answer comes back."""
    room.hub.away = True
    package = room.pack()
    room.run_jobs()
    room.hub.sent[package] = package_path(room.data, package).read_bytes()
    envelope: bytes = room.hub.fetch_receipt(package).envelope
    return envelope


def test_a_receipt_on_a_stick_makes_the_sitting_receipted(closed_room: Classroom) -> None:
    envelope = carry(closed_room)
    assert state_of(closed_room) == "packaged"
    assert bring(closed_room, envelope).status_code == 302
    assert state_of(closed_room) == "receipted"
    with closed_room.services.storage.read() as session:
        assert list_packages(session, closed_room.sitting)[0].receipt
        assert verify_audit(session, f"sitting:{closed_room.sitting}") is None


def test_a_stranger_rubbish_or_another_package_is_refused(closed_room: Classroom, tmp_path: Path) -> None:
    good, browser = carry(closed_room), closed_room.browser()
    stranger = make_hub_keys(tmp_path / "stranger", 1)
    forged = sign_statement({"package_id": "x"}, PAYLOAD_TYPES["receipt"], stranger.signing)
    unknown = sign_statement(
        {"package_id": "f" * 64, "school": "s1", "sitting": closed_room.sitting, "sequence": 1, "received_at_ms": 1,
         "purge_not_before_ms": 1, "verdict": "accepted", "attempts": []},
        PAYLOAD_TYPES["receipt"], closed_room.hub.keys.signing)
    for envelope, status in ((b"", 422), (b"{}", 422), (b"\xff" * 99, 422), (forged, 422), (unknown, 409)):
        token = browser.token("/workstations")
        found = browser.client.post(f"/sittings/{closed_room.sitting}/receipt", data={
            "csrf_token": token, "receipt": (io.BytesIO(envelope), "receipt.json")})
        assert found.status_code == status, envelope
    assert state_of(closed_room) == "packaged" and good


@pytest.fixture
def purged(closed_room: Classroom) -> Classroom:
    """The hub has answered and every workstation has deleted."""
    closed_room.pack()
    closed_room.run_jobs()
    browser = closed_room.browser("room_organizer")
    assert browser.post(f"/sittings/{closed_room.sitting}/purge", page="/workstations").status_code == 302
    for kiosk in closed_room.kiosks:
        order = [one for one in kiosk.fetch_directives() if one["kind"] == "purge"][-1]
        told = {"generation": order["generation"], "number": order["number"], "result": "done"}
        assert kiosk.ask("PUT", f"/v1/attempts/{kiosk.attempt}/purge", json=told).status == 200
    assert state_of(closed_room) == "purged"
    return closed_room


def erase(room: Classroom) -> Any:
    return room.browser().post(f"/sittings/{room.sitting}/erase", page="/workstations")


def count_events(room: Classroom) -> int:
    with room.services.storage.read() as session:
        return session.scalar(select(func.count()).select_from(EventRecord)) or 0


def test_the_servers_copy_goes_after_the_workstations(purged: Classroom) -> None:
    sound = list((purged.data / "encoded").iterdir())
    assert sound and count_events(purged)
    # as where answers are marked on this server: a second name in the store
    kept = [purged.services.files.adopt(path) for path in sound]
    assert erase(purged).status_code == 302
    purged.run_jobs()
    assert not any(map(purged.services.files.has, kept))
    assert count_events(purged) == 0 and not list((purged.data / "encoded").iterdir())
    assert not list((purged.data / "packages").glob("*.age"))
    assert not any((purged.data / "recordings" / kiosk.attempt).exists() for kiosk in purged.kiosks)
    with purged.services.storage.read() as session:
        assert verify_audit(session, f"sitting:{purged.sitting}") is None
        assert list_packages(session, purged.sitting)[0].receipt_codes


def test_what_is_still_marked_here_is_not_erased(purged: Classroom) -> None:
    with purged.services.storage.read() as session:
        attempt = list_attempts(session, purged.sitting)[0].id
    purged.write(lambda session: begin_marking(session, attempt))
    refused = erase(purged)
    assert refused.status_code == 409 and "ещё проверяют" in refused.text and count_events(purged)


def begin_marking(session: Any, attempt: str) -> None:
    session.add(MarkingWorkRecord(archive="a", school="s1", campaign="demo", assessment="english-7", region="",
                                  subject="", definition={}, rounds=1, rules={}, state="open", opened_at_ms=1))
    session.flush()
    session.add(MarkingAttemptRecord(attempt=attempt, archive="a", code="10001", variant="10001", package="",
                                     answered={}))


def test_a_technician_erases_nothing(purged: Classroom) -> None:
    refused = purged.browser("technician").post(f"/sittings/{purged.sitting}/erase", page="/workstations")
    assert refused.status_code == 403 and count_events(purged)


def test_before_the_workstations_or_the_day_nothing_goes(closed_room: Classroom) -> None:
    closed_room.hub.received_at_ms = closed_room.room.clock.now_ms()
    closed_room.pack()
    closed_room.run_jobs()
    before = count_events(closed_room)
    refused = erase(closed_room)
    assert refused.status_code == 409 and count_events(closed_room) == before
    assert "Сначала свои копии удаляют рабочие места" in refused.text

    def pretend(session: Any) -> None:
        find_sitting(session, closed_room.sitting).state = "purged"
    closed_room.write(pretend)
    browser = closed_room.browser("room_organizer")
    early = browser.post(f"/sittings/{closed_room.sitting}/erase", page="/workstations")
    assert early.status_code == 409 and "ещё не наступил" in early.text


def test_the_button_comes_and_goes_without_a_reload_and_names_copies_that_stay(purged: Classroom) -> None:
    browser, part = purged.browser(), f"/sittings/{purged.sitting}/purges"
    assert "Удалить работы с этого сервера" in browser.get(part).text
    assert browser.post(f"/sittings/{purged.sitting}/erase", page="/workstations").status_code == 302
    text = browser.get(part).text
    assert "Удалить работы с этого сервера" not in text and "Копии на флешках и папку запасного" in text


def test_what_the_receipt_does_not_cover_stays(purged: Classroom) -> None:
    kiosk = purged.kiosks[0]
    kiosk.write("focus_lost")
    assert kiosk.send().status == 200

    def pretend(session: Any) -> None:
        find_sitting(session, purged.sitting).state = "purged"
    purged.write(pretend)
    before = count_events(purged)
    refused = erase(purged)
    assert refused.status_code == 409 and count_events(purged) == before
    with purged.services.storage.read() as session:
        assert session.scalar(select(func.count()).select_from(PackageRecord)) == 1
