"""Two servers alive at once, and one restored from an old copy: the higher claim leads, nothing is lost."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from testing_server.contracts.statements import sign_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.exam_day.recovery.backups import BackupDamaged, NoBackup, NothingToCopy, list_backups, make_backup
from testing_server.exam_day.recovery.beginning import ArchiveMissing, check_empty, find_archives
from testing_server.exam_day.recovery.rules import AlreadyServing, Gathered, choose_keepers, is_complete
from testing_server.exam_day.recovery.sealing import LedgerRefused, open_ledger
from testing_server.exam_day.recovery.taking_over import take_over
from testing_server.exam_day.recovery.telling import tell_predecessors
from testing_server.exam_day.responses.records import EventRecord
from testing_server.exam_day.sittings.actions import find_sitting
from testing_server.exam_day.sittings.rules import Fenced
from testing_server.preparation.school_key import make_school_key
from tests.testing_server.exam_day.builders import Classroom, make_speech
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk
from tests.testing_server.exam_day.recovery.builders import (
    begin_elsewhere, fetch_ledger, greet, hand_in, move_kiosk, resend, seal_ledgers)

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def second(open_room: Classroom, tmp_path: Path) -> Iterator[tuple[Classroom, FakeKiosk]]:
    """A server that took over while the first still runs, and the workstation that helped it."""
    kiosk = open_room.seat(0)
    open_room.start(kiosk)
    seal_ledgers(open_room)
    envelope = fetch_ledger(open_room, kiosk)
    made = begin_elsewhere(open_room, tmp_path / "elsewhere")
    greet(kiosk, made)
    hand_in(kiosk, envelope)
    take_over(made.services, "organizer")
    yield made, kiosk
    made.close()


def read_state(room: Classroom) -> str:
    with room.services.storage.read() as session:
        return find_sitting(session, room.sitting).state


def read_claims(kiosk: FakeKiosk) -> list[str]:
    claims: list[str] = kiosk.ask("GET", "/v1/claims").json["claims"]
    return claims


def test_a_workstation_that_brings_a_higher_claim_fences_the_old_server(
        open_room: Classroom, second: tuple[Classroom, FakeKiosk]) -> None:
    _, kiosk = second
    claims = read_claims(kiosk)
    told = greet(kiosk, open_room, claims).json
    assert read_state(open_room) == "fenced"
    assert told["claims"] == claims
    with pytest.raises(Fenced):
        open_room.command("message", [kiosk.attempt], text="Тише")
    kiosk.write("answer_set", item="i1", response="r1", value="late")
    refused = kiosk.send()
    assert (refused.status, refused.json["code"], refused.json["details"]["claim"]) == (409, "fenced", claims[0])
    assert kiosk.sign_in(open_room.logins[1]).json["code"] == "fenced"


def test_a_server_that_is_shown_the_claim_steps_back_too(open_room: Classroom,
                                                         second: tuple[Classroom, FakeKiosk]) -> None:
    _, kiosk = second
    claim = read_claims(kiosk)[0]
    move_kiosk(kiosk, open_room)
    assert kiosk.ask("POST", "/v1/claims", json={"claim": claim}).json["claims"] == [claim]
    assert read_state(open_room) == "fenced"


def test_the_new_server_tells_the_old_one_and_tries_again_where_nobody_answers(
        open_room: Classroom, second: tuple[Classroom, FakeKiosk], monkeypatch: pytest.MonkeyPatch) -> None:
    made, kiosk = second
    asked: list[str] = []
    # both servers of a test stand at the same address
    monkeypatch.setattr("testing_server.exam_day.recovery.telling.list_addresses", lambda settings: [])

    def show(address: str, claim: str) -> None:
        asked.append(address)
        if len(asked) == 1:
            raise httpx.ConnectError("nobody there")
        move_kiosk(kiosk, open_room)
        assert kiosk.ask("POST", "/v1/claims", json={"claim": claim}).status == 200
    assert tell_predecessors(made.services, show) == 0 and read_state(open_room) == "running"
    assert tell_predecessors(made.services, show) == 1 and read_state(open_room) == "fenced"
    assert tell_predecessors(made.services, show) == 0 and len(asked) == 2


def test_a_claim_of_another_key_and_a_lower_one_change_nothing(open_room: Classroom,
                                                               second: tuple[Classroom, FakeKiosk]) -> None:
    made, kiosk = second
    stranger = make_school_key("Чужая", NOW)
    forged = sign_statement({"sitting": open_room.sitting, "generation": 99 * 4096, "instance": "x",
                             "claimed_at_ms": 1}, PAYLOAD_TYPES["claim"], stranger.signing).decode()
    with open_room.services.storage.read() as session:
        lower = find_sitting(session, open_room.sitting).claim
    for claim in (forged, lower):
        kiosk.ask("POST", "/v1/claims", json={"claim": claim})
    assert read_state(made) == "running"


def test_what_two_servers_took_is_one_history(open_room: Classroom, second: tuple[Classroom, FakeKiosk]) -> None:
    made, kiosk = second
    move_kiosk(kiosk, open_room)
    assert kiosk.say_hello().status == 200
    assert kiosk.answer("i1", "r1", "to the old server").status == 200
    old = kiosk.lease
    greet(kiosk, made)
    assert resend(kiosk, old).json["acked"] == len(kiosk.lines[old])
    assert kiosk.sign_in(made.logins[0]).status == 200
    assert kiosk.lease > old and kiosk.open_lease().status == 200
    with open_room.services.storage.read() as one, made.services.storage.read() as other:
        lines = select(EventRecord.line)
        assert set(one.scalars(lines)) < set(other.scalars(lines))


def test_a_server_restored_from_an_old_copy_leads_under_a_newer_generation(open_room: Classroom,
                                                                           tmp_path: Path) -> None:
    kiosk = open_room.seat(0)
    open_room.start(kiosk)
    number = kiosk.record("i2", "r2", make_speech(1))
    make_backup(open_room.data, tmp_path / "stick", 1_000)
    assert kiosk.answer("i1", "r1", "after the copy").status == 200
    old, known = kiosk.lease, len(kiosk.lines[kiosk.lease])
    made = begin_elsewhere(open_room, tmp_path / "restored", tmp_path / "stick")
    try:
        greet(kiosk, made)
        assert take_over(made.services, "organizer") == [open_room.sitting]
        welcome = greet(kiosk, made).json
        assert welcome["acked"][kiosk.attempt] == {str(old): known - 1}
        assert welcome["durable"] == {f"{kiosk.attempt}/{old}/{number}": 48_000}
        assert resend(kiosk, old).json["acked"] == known
        assert kiosk.sign_in(open_room.logins[0]).status == 200
        assert kiosk.lease // 1024 // 4096 == 2
    finally:
        made.close()


def test_a_second_copy_takes_only_what_is_new(open_room: Classroom, tmp_path: Path) -> None:
    kiosk = open_room.seat(0)
    open_room.start(kiosk)
    told: list[tuple[int, int]] = []
    first = make_backup(open_room.data, tmp_path / "stick", 1_000, lambda done, whole: told.append((done, whole)))
    kiosk.record("i2", "r2", make_speech(1))
    second = make_backup(open_room.data, tmp_path / "stick", 2_000)
    assert first.fresh > 3 and told[-1] == (first.files, first.files)
    assert (second.files, second.fresh) == (first.files + 1, 1)
    assert list_backups(tmp_path / "stick") == [first.folder, second.folder]


def test_no_key_that_is_not_locked_leaves_the_server(open_room: Classroom, tmp_path: Path) -> None:
    make_backup(open_room.data, tmp_path / "stick", 1_000)
    secrets = [path.read_bytes() for name in ("authority.key", "ledger.key") for path in
               [open_room.data / "keys" / name] if path.exists()]
    copied = [path.read_bytes() for path in (tmp_path / "stick").rglob("*") if path.is_file()]
    assert secrets and not any(secret in content for secret in secrets for content in copied)


def test_a_damaged_copy_is_not_restored(open_room: Classroom, tmp_path: Path) -> None:
    make_backup(open_room.data, tmp_path / "stick", 1_000)
    blob = max((tmp_path / "stick" / "blobs").iterdir(), key=lambda path: path.stat().st_size)
    blob.write_bytes(blob.read_bytes()[:-1] + b"?")
    with pytest.raises(BackupDamaged):
        begin_elsewhere(open_room, tmp_path / "restored", tmp_path / "stick")


def test_refusals_before_anything_starts(open_room: Classroom, tmp_path: Path) -> None:
    with pytest.raises(NothingToCopy):
        make_backup(tmp_path / "nothing", tmp_path / "stick", 1)
    with pytest.raises(NoBackup):
        begin_elsewhere(open_room, tmp_path / "restored", tmp_path / "nothing")
    with pytest.raises(ArchiveMissing):
        find_archives([tmp_path])
    with pytest.raises(AlreadyServing):
        check_empty(open_room.data)


def test_a_ledger_of_another_school_or_changed_is_refused(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    seal_ledgers(open_room)
    envelope = fetch_ledger(open_room, kiosk)
    stranger = make_school_key("Чужая", NOW)
    for broken, key in ((envelope, stranger), (envelope[:-200] + b"A" * 100 + envelope[-100:],
                                               open_room.room.keys.key())):
        with pytest.raises(LedgerRefused):
            open_ledger(broken, key)


def test_in_a_hall_of_a_thousand_some_sixty_keep_each_version() -> None:
    kept = [sum(choose_keepers(f"w{number}", "s", (4096, version), 1000) for number in range(1000))
            for version in range(5)]
    assert all(30 < count < 100 for count in kept)
    assert all(choose_keepers(f"w{number}", "s", (4096, 1), 40) for number in range(40))


def test_nobody_is_waited_for_for_ever() -> None:
    wanted = frozenset({"a", "b"})
    assert not is_complete(Gathered(None, 0, frozenset(), wanted), 10 ** 9)
    assert not is_complete(Gathered(0, 0, frozenset({"a"}), wanted), 14_999)
    assert is_complete(Gathered(0, 0, frozenset({"a"}), wanted), 15_000)
    assert is_complete(Gathered(0, 0, wanted, wanted), 0)
