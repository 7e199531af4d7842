"""After sealing: a new cipher, another day, withdrawal. archive.age is never touched; no hour comes early."""
import json
from pathlib import Path
from typing import Any

import pytest

from task_bank.sealing import WrongCipher, open_archive
from testing_server.contracts.statements import read_unverified
from testing_server.foundation.audit import read_audit, verify_audit
from testing_server.foundation.clock import FakeClock
from testing_server.preparation.amendments import actions
from testing_server.preparation.amendments.actions import give_new_cipher, move_to_day, withdraw
from testing_server.preparation.amendments.rules import (
    ChangedMeanwhile, CipherAlreadyGiven, DayHasThisWork, DayIsOver, DayUnchanged, EscrowAway, NoEscrowCopy,
    NothingToLock, ReasonMissing)
from testing_server.preparation.hub_keys import ESCROW, ROOT, HubKeysMissing, read_hub_keys, rotate_signing_key
from testing_server.preparation.hub_link import AnswerNotTrusted, HubRefused, NotYet as HubSaysNotYet
from testing_server.preparation.materials.actions import BadDay, CountedNeedsCipher
from testing_server.preparation.materials.queries import (
    Archive, list_archives, list_supplied, read_archive, read_locked_cipher)
from testing_server.preparation.materials.records import ArchiveRecord
from testing_server.preparation.materials.sealing import SealedPair
from testing_server.preparation.release.actions import open_criteria
from testing_server.preparation.release.rules import NotYet, Withdrawn
from testing_server.preparation.release.slots import obtain_slot, open_slot, relock_later
from tests.testing_server.preparation.make_hub import EnrolledSchool, Hub, enrol, make_hub
from tests.testing_server.preparation.make_materials import COUNTED, DAY, DEMO, ENGLISH, seal
from tests.testing_server.preparation.test_release import go_to

LATER, EARLIER = "2027-04-21", "2027-04-07"
WHY = "карантин в школе"


@pytest.fixture
def ours(hub: Hub) -> EnrolledSchool:
    return enrol(hub)


@pytest.fixture
def pair(hub: Hub, ours: EnrolledSchool) -> SealedPair:
    return seal(hub, ours.school)


def find(hub: Hub, archive: str) -> Archive:
    found: Archive = hub.read(read_archive, archive)
    return found


def audit_verbs(hub: Hub, ours: EnrolledSchool) -> list[str]:
    assert hub.read(verify_audit, f"school:{ours.school.id}") is None
    return [line.verb for line in hub.read(read_audit, f"school:{ours.school.id}")]


def fetch(ours: EnrolledSchool, archive: str, into: Path) -> Path:
    ours.link.fetch_archive(archive, into)
    return into


def test_the_old_cipher_opens_the_new_key_file_no_longer(hub: Hub, tmp_path: Path) -> None:
    ours = enrol(hub)
    archive = seal(hub, ours.school, DEMO).materials.archive
    before, old = fetch(ours, archive, tmp_path / "before"), ours.link.fetch_release(archive)["cipher"]
    give_new_cipher(hub.offered, archive, WHY, "anna")
    after, new = fetch(ours, archive, tmp_path / "after"), ours.link.fetch_release(archive)["cipher"]
    assert (before / "archive.age").read_bytes() == (after / "archive.age").read_bytes()
    with pytest.raises(WrongCipher):
        open_archive(after / "archive.age", after / "key.age", old, tmp_path / "opened")
    with pytest.raises(WrongCipher):
        open_archive(before / "archive.age", before / "key.age", new, tmp_path / "opened")
    # the classroom keeps its archive.age and takes only the new key
    assert open_archive(before / "archive.age", after / "key.age", new, tmp_path / "opened").names
    line = hub.read(read_audit, f"school:{ours.school.id}")[-2]
    assert (line.verb, line.actor, line.details["reason"]) == ("cipher_replaced", "anna", WHY)
    assert old not in repr(line) and new not in repr(line)


def test_a_new_cipher_keeps_the_hour(hub: Hub, ours: EnrolledSchool, pair: SealedPair) -> None:
    give_new_cipher(hub.offered, pair.materials.archive, WHY, "anna")
    with pytest.raises(HubSaysNotYet):
        ours.link.fetch_release(pair.materials.archive)
    go_to(hub, pair.materials.opens_at_ms)
    assert ours.link.fetch_release(pair.materials.archive)["cipher"]


def test_statements_of_one_archive_are_counted(hub: Hub, ours: EnrolledSchool, pair: SealedPair) -> None:
    archive = pair.materials.archive
    give_new_cipher(hub.offered, archive, WHY, "anna")
    withdraw(hub.offered, archive, WHY, "anna")
    said = ours.link.fetch_statement(archive).payload
    assert (said["version"], said["state"], said["reason"], said["archive"]) == (3, "withdrawn", WHY, archive)
    assert ours.link.list_changed()[archive] == 3 and ours.link.list_archives() == []


def test_without_the_escrow_key_there_is_no_new_cipher(hub: Hub, pair: SealedPair) -> None:
    (hub.offered.settings.keys_folder / ESCROW).unlink()
    with pytest.raises(EscrowAway):
        give_new_cipher(hub.offered, pair.materials.archive, WHY, "anna")
    assert find(hub, pair.materials.archive).version == 1


def test_an_archive_sealed_before_escrow_copies_is_told_apart(hub: Hub, pair: SealedPair) -> None:
    (hub.offered.settings.data / "archives" / pair.materials.archive / "escrow.age").unlink()
    with pytest.raises(NoEscrowCopy):
        give_new_cipher(hub.offered, pair.materials.archive, WHY, "anna")


def test_a_work_moved_later_keeps_its_cipher_and_waits_longer(hub: Hub, ours: EnrolledSchool, tmp_path: Path) -> None:
    pair = seal(hub, ours.school)
    archive, old = pair.materials.archive, pair.materials.opens_at_ms
    key = fetch(ours, archive, tmp_path / "before") / "key.age"
    move_to_day(hub.offered, archive, LATER, WHY, "anna")
    moved, criteria = find(hub, archive), find(hub, pair.criteria.archive)
    assert (moved.day, criteria.day, moved.earlier_days) == (LATER, LATER, (DAY,))
    assert moved.opens_at_ms - old == criteria.opens_at_ms - pair.criteria.opens_at_ms == 7 * 24 * 3_600_000
    go_to(hub, old)
    with pytest.raises(HubSaysNotYet) as refused:
        ours.link.fetch_release(archive)
    assert refused.value.opens_at_ms == moved.opens_at_ms
    go_to(hub, moved.opens_at_ms)
    cipher = ours.link.fetch_release(archive)["cipher"]
    assert open_archive(key.with_name("archive.age"), key, cipher, tmp_path / "opened").names
    with pytest.raises(NotYet):
        open_criteria(hub.offered, archive)
    go_to(hub, criteria.opens_at_ms)
    assert (open_criteria(hub.offered, archive) / "keys").exists()


def test_the_roster_follows_the_work_to_its_new_day(hub: Hub, ours: EnrolledSchool, pair: SealedPair) -> None:
    move_to_day(hub.offered, pair.materials.archive, LATER, WHY, "anna")
    assert [one["archive"] for one in ours.link.fetch_roster(LATER).payload["works"]] == [pair.materials.archive]
    assert ours.link.fetch_roster(DAY).payload["works"] == []
    assert audit_verbs(hub, ours).count("archive_moved") == 1


def test_a_work_moved_earlier_gets_a_new_cipher(hub: Hub, ours: EnrolledSchool, tmp_path: Path) -> None:
    pair = seal(hub, ours.school)
    archive = pair.materials.archive
    old_slot = hub.read(read_locked_cipher, archive)
    before = fetch(ours, archive, tmp_path / "before")
    move_to_day(hub.offered, archive, EARLIER, WHY, "anna")
    moved = find(hub, archive)
    assert moved.opens_at_ms < pair.materials.opens_at_ms
    go_to(hub, moved.opens_at_ms)
    new = ours.link.fetch_release(archive)["cipher"]
    after = fetch(ours, archive, tmp_path / "after")
    assert open_archive(before / "archive.age", after / "key.age", new, tmp_path / "opened").names
    go_to(hub, pair.materials.opens_at_ms)
    old = open_slot(hub.offered.settings.data / "slots", old_slot.slot, old_slot.cipher_locked, hub.clock.now_ms())
    with pytest.raises(WrongCipher):
        open_archive(before / "archive.age", after / "key.age", old["cipher"], tmp_path / "opened")


def test_a_slot_is_moved_only_later(tmp_path: Path) -> None:
    first, later = (obtain_slot(tmp_path, "c", "a", at_ms) for at_ms in (1000, 2000))
    locked = first.lock({"cipher": "1", "opens_at_ms": 1000})
    moved = relock_later(tmp_path, first.id, locked, later)
    with pytest.raises(NotYet):
        open_slot(tmp_path, later.id, moved, 1999)
    assert open_slot(tmp_path, later.id, moved, 2000) == {"cipher": "1", "opens_at_ms": 2000}
    with pytest.raises(ValueError, match="only later"):
        relock_later(tmp_path, later.id, moved, first)


def test_what_must_not_be_moved(hub: Hub, ours: EnrolledSchool) -> None:
    pair, other = seal(hub, ours.school), seal(hub, ours.school, day=LATER)
    archive = pair.materials.archive
    for day, why, reason in ((DAY, WHY, DayUnchanged), ("2026-01-01", WHY, DayIsOver), ("14.04", WHY, BadDay),
                             (LATER, WHY, DayHasThisWork), (EARLIER, " ", ReasonMissing)):
        with pytest.raises(reason):
            move_to_day(hub.offered, archive, day, why, "anna")
    withdraw(hub.offered, other.materials.archive, WHY, "anna")
    move_to_day(hub.offered, archive, LATER, WHY, "anna")
    assert find(hub, archive).day == LATER
    assert hub.read(list_supplied, COUNTED, str(ENGLISH), LATER) == {ours.school.id}
    assert hub.read(list_supplied, COUNTED, str(ENGLISH), DAY) == set()


def test_after_the_cipher_was_given_a_work_stays(hub: Hub, ours: EnrolledSchool, pair: SealedPair) -> None:
    go_to(hub, pair.materials.opens_at_ms)
    ours.link.fetch_release(pair.materials.archive)
    with pytest.raises(CipherAlreadyGiven):
        move_to_day(hub.offered, pair.materials.archive, LATER, WHY, "anna")
    assert find(hub, pair.materials.archive).day == DAY


def test_nothing_of_a_withdrawn_work_is_given_out(hub: Hub, ours: EnrolledSchool, tmp_path: Path) -> None:
    pair = seal(hub, ours.school)
    withdraw(hub.offered, pair.criteria.archive, WHY, "anna")
    go_to(hub, pair.criteria.opens_at_ms)
    for ask in (lambda: ours.link.fetch_release(pair.materials.archive),
                lambda: ours.link.fetch_release(pair.criteria.archive),
                lambda: ours.link.fetch_archive(pair.materials.archive, tmp_path)):
        with pytest.raises(HubRefused) as refused:
            ask()
        assert (refused.value.code, refused.value.status) == ("withdrawn", 410)
        assert WHY in str(refused.value.message) and refused.value.details == {"reason": WHY}
    with pytest.raises(Withdrawn):
        withdraw(hub.offered, pair.materials.archive, WHY, "anna")
    assert audit_verbs(hub, ours).count("archive_withdrawn") == 1
    # work that a coordinator lets through is still marked
    assert (open_criteria(hub.offered, pair.materials.archive) / "keys").exists()


def test_two_changes_at_once_are_one(hub: Hub, pair: SealedPair, monkeypatch: pytest.MonkeyPatch) -> None:
    stale = find(hub, pair.materials.archive)
    give_new_cipher(hub.offered, pair.materials.archive, WHY, "anna")
    monkeypatch.setattr(actions, "read_archive", lambda session, archive: stale)
    with pytest.raises(ChangedMeanwhile):
        give_new_cipher(hub.offered, pair.materials.archive, WHY, "boris")
    monkeypatch.undo()
    assert find(hub, pair.materials.archive).version == 2


def test_a_training_work_needs_no_cipher(hub: Hub, ours: EnrolledSchool, tmp_path: Path) -> None:
    pair = seal(hub, ours.school, DEMO, encrypted=False)
    said = ours.link.fetch_archive(pair.materials.archive, tmp_path / "stick")
    assert said["lock"] == "none" and sorted(path.name for path in (tmp_path / "stick").iterdir()) == [
        "archive.tar", "statement.json"]
    with pytest.raises(HubRefused) as refused:
        ours.link.fetch_release(pair.materials.archive)
    assert refused.value.code == "no_cipher_needed"
    with pytest.raises(NothingToLock):
        give_new_cipher(hub.offered, pair.materials.archive, WHY, "anna")
    move_to_day(hub.offered, pair.materials.archive, LATER, WHY, "anna")
    assert find(hub, pair.materials.archive).day == LATER
    assert ours.link.fetch_release(pair.criteria.archive)["cipher"]


def test_a_counted_campaign_refuses_an_unencrypted_archive(hub: Hub, ours: EnrolledSchool) -> None:
    with pytest.raises(CountedNeedsCipher):
        seal(hub, ours.school, COUNTED, encrypted=False)
    assert hub.read(list_archives, ours.school.id) == []


def test_a_new_signing_key_leaves_old_statements_valid(tmp_path: Path) -> None:
    clock = FakeClock()
    hub = make_hub(tmp_path, clock)
    ours = enrol(hub)
    before = seal(hub, ours.school, DEMO)
    old_keys, folder = hub.keys.statement, hub.offered.settings.keys_folder
    hub.offered.vault["hub_keys"] = fresh = rotate_signing_key(folder, clock.now_ms())
    trusted = read_hub_keys(fresh.statement, fresh.root_fingerprint)
    assert trusted.version == 2 and len(trusted.signing) == 2 and fresh.trusted != hub.keys.trusted
    after = seal(hub, ours.school, DEMO, day="2026-12-01")
    with pytest.raises(AnswerNotTrusted):
        ours.link.fetch_statement(after.materials.archive)
    ours.link.refresh_keys()
    for one in (before, after):
        assert ours.link.fetch_archive(one.materials.archive, tmp_path / one.materials.archive)["day"]
    with pytest.raises(ValueError, match="older"):
        read_hub_keys(old_keys, fresh.root_fingerprint, lowest_version=2)
    (folder / ROOT).unlink()
    with pytest.raises(HubKeysMissing, match="root"):
        rotate_signing_key(folder, clock.now_ms())


def confirmed(**details: Any) -> dict[str, Any]:
    return {"reason": WHY, "confirmed": "yes", **details}


def test_a_coordinator_changes_a_work_on_its_page(hub: Hub, ours: EnrolledSchool, pair: SealedPair) -> None:
    person, address = hub.browser("coordinator", "coordinator"), f"/coordinator/archives/{pair.materials.archive}"
    assert address in person.get(f"/coordinator/schools/{ours.school.id}").text
    assert person.post(f"{address}/move", {"day": LATER, "reason": WHY}, page=address).status_code == 422
    missing = person.post(f"{address}/move", confirmed(day=LATER, reason=""), page=address)
    assert missing.status_code == 422 and "Нужна причина" in missing.text
    person.post(f"{address}/move", confirmed(day=LATER), page=address)
    person.post(f"{address}/cipher", confirmed(of=pair.criteria.archive), page=address)
    assert find(hub, pair.materials.archive).day == LATER and find(hub, pair.criteria.archive).version == 3
    shown = person.get(address).text
    assert WHY in shown and "21.04.2027" in shown and "шифр заменён" in shown
    person.post(f"{address}/withdraw", confirmed(), page=address)
    shown = person.get(address).text
    assert "отозвано" in shown and "Отозвать материалы" not in shown
    school = hub.browser("organizer", "school_organizer", school=ours.school.id)
    assert WHY in school.get("/school").text
    assert school.get(f"/school/archives/{pair.materials.archive}/archive.age").status_code == 410
    assert school.get(f"/school/archives/{pair.materials.archive}/statement.json").status_code == 200


def test_a_school_reads_of_the_move_in_its_calendar(hub: Hub, ours: EnrolledSchool, pair: SealedPair) -> None:
    move_to_day(hub.offered, pair.materials.archive, LATER, WHY, "anna")
    shown = hub.browser("organizer", "school_organizer", school=ours.school.id).get("/school").text
    assert "перенесена с 14.04.2027" in shown and WHY in shown and "21.04.2027" in shown


@pytest.mark.parametrize("role,territory,status", [
    ("coordinator", "Камчатский край", 404), ("school_organizer", None, 403), ("expert", None, 403)])
def test_only_the_own_coordinator_may(hub: Hub, pair: SealedPair, role: str, territory: str | None,
                                      status: int) -> None:
    person = hub.browser("stranger", role, territory=territory)
    address = f"/coordinator/archives/{pair.materials.archive}"
    assert person.get(address).status_code == status
    assert person.post(f"{address}/withdraw", confirmed(), page="/").status_code == status
    assert find(hub, pair.materials.archive).state == "valid"


def test_a_changed_row_opens_nothing_early(hub: Hub, ours: EnrolledSchool, pair: SealedPair) -> None:
    """A moved archive, its hour turned back by hand in the database: the slot still knows the later one."""
    move_to_day(hub.offered, pair.materials.archive, LATER, WHY, "anna")

    def turn_back(session: Any, now_ms: int) -> None:
        session.get_one(ArchiveRecord, pair.materials.archive).opens_at_ms = pair.materials.opens_at_ms
    hub.write(turn_back)
    go_to(hub, pair.materials.opens_at_ms)
    with pytest.raises(HubSaysNotYet):
        ours.link.fetch_release(pair.materials.archive)


def test_the_first_statement_of_an_archive_is_version_one(hub: Hub, pair: SealedPair) -> None:
    said = read_unverified(find(hub, pair.materials.archive).statement).read()
    assert (said["version"], said["state"], said["lock"]) == (1, "valid", "cipher")
    assert json.loads(json.dumps(said)) == said
