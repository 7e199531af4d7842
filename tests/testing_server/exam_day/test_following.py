"""What the hub changes of an archive reaches the classroom by itself or from a stick; nobody's work is interrupted."""
import errno
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from task_bank.sealing import describe_change, make_key_file, unlock_identity, write_unencrypted
from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.check_digits import make_cipher
from testing_server.contracts.statements import read_unverified, sign_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.exam_day.console import acts
from testing_server.exam_day.school.actions import Enrolment, save_enrolment
from testing_server.exam_day.school.keyring import KeyRing
from testing_server.exam_day.school.queries import find_school
from testing_server.exam_day.sittings import jobs
from testing_server.exam_day.sittings.archives import ArchiveIncomplete, take_archive_files
from testing_server.exam_day.sittings.following import follow_hub, follow_in_background
from testing_server.exam_day.sittings.queries import find_variants
from testing_server.exam_day.sittings.records import ArchiveRecord, IncidentRecord, SittingRecord
from testing_server.exam_day.sittings.standing import (
    CountedNeedsCipher, MaterialsMoved, MaterialsWithdrawn, OlderStatement, check_for_sitting)
from testing_server.foundation.supervision import MemoryKeeper
from testing_server.preparation.amendments.actions import give_new_cipher, move_to_day, withdraw
from testing_server.preparation.hub_keys import rotate_signing_key
from testing_server.preparation.hub_link import HubAway, HubLink
from tests.builders import Browser, close_app
from tests.testing_server.exam_day.builders import (
    DAY, Classroom, SealedForTest, make_entries, random_below, seal_for_test)
from tests.testing_server.preparation.make_hub import EnrolledSchool, Hub, enrol, make_hub
from tests.testing_server.preparation.make_materials import DEMO, seal

WHY = "прорвало трубу"
LATER = "2027-04-21"


def person_of(room: Classroom) -> Browser:
    """The school's organizer, signed in once."""
    found: Browser = room.services.vault.setdefault("person of the test", None) or room.browser()
    room.services.vault["person of the test"] = found
    return found


def read_archive(room: Classroom, archive: str = "") -> ArchiveRecord:
    with room.services.storage.read() as session:
        return session.get_one(ArchiveRecord, archive or room.archive)


def list_incidents(room: Classroom) -> list[str]:
    with room.services.storage.read() as session:
        return list(session.scalars(select(IncidentRecord.text)))


# ---- over the line to a real hub
class Joined:
    """A real hub and a classroom of a school that is enrolled there."""

    def __init__(self, folder: Path, room: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hub: Hub = make_hub(folder)
        self.ours: EnrolledSchool = enrol(self.hub)
        self.room = room
        room.set_up()
        keeper = MemoryKeeper.create()
        monkeypatch.setenv("TESTING_SERVER_MEMORY", str(keeper.descriptor))
        room.room.keys = KeyRing(room.services.settings.keys_folder, keeper)
        room.room.keys.save(self.ours.key, "four green doors open")
        enrolment = Enrolment("http://localhost", self.hub.keys.root_fingerprint, self.ours.link.certificate,
                              self.hub.keys.statement, self.ours.link.read_certificate())
        room.write(lambda s: save_enrolment(s, 1, enrolment, "test"))
        room.room.open_hub = self.open_link
        monkeypatch.setattr("testing_server.exam_day.sittings.fetching.open_hub_link", self.open_link)

    def open_link(self, school: Any, key: Any) -> HubLink:
        link = self.hub.link(certificate=school.certificate.encode(), hub_keys=school.hub_keys.encode())
        link.open_session(key)
        return link

    def fetch(self, archive: str) -> None:
        """As the button does: ask, download in the worker."""
        with self.room.services.storage.read() as session:
            school = find_school(session)
        assert school is not None
        person = person_of(self.room)
        person.post("/archives/ask", page="/archives")
        person.post(f"/archives/{archive}/fetch", page="/archives")
        self.room.run_jobs()
        assert read_archive(self.room, archive).state == "kept"

    def follow(self) -> int:
        return follow_hub(self.room.services, self.room.room)


@pytest.fixture
def joined(tmp_path: Path, empty_room: Classroom, monkeypatch: pytest.MonkeyPatch) -> Any:
    made = Joined(tmp_path, empty_room, monkeypatch)
    yield made
    close_app(made.hub.app)


def test_a_new_key_file_comes_by_itself_and_the_new_cipher_opens(joined: Joined) -> None:
    archive, room = seal(joined.hub, joined.ours.school, DEMO).materials.archive, joined.room
    joined.fetch(archive)
    folder = room.data / "archives" / archive
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    give_new_cipher(joined.hub.offered, archive, WHY, "anna")
    assert joined.follow() == 1 and joined.follow() == 0
    after = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert after["archive.age"] == before["archive.age"] and after["key.age"] != before["key.age"]
    assert read_unverified(after["statement.json"]).read()["version"] == read_archive(room, archive).version == 2
    assert WHY in person_of(room).get(f"/archives/{archive}").text
    person_of(room).post(f"/archives/{archive}/open-by-hub", page=f"/archives/{archive}")
    room.run_jobs()
    assert len(find_variants(read_archive(room, archive))) == 2


def test_a_cipher_asked_for_takes_the_newest_key_first(joined: Joined) -> None:
    """Nobody has to wait for the next round: the hub gives the cipher of its newest key file."""
    archive, room = seal(joined.hub, joined.ours.school, DEMO).materials.archive, joined.room
    joined.fetch(archive)
    give_new_cipher(joined.hub.offered, archive, WHY, "anna")
    person_of(room).post(f"/archives/{archive}/open-by-hub", page=f"/archives/{archive}")
    room.run_jobs()
    assert read_archive(room, archive).state == "opened"


def test_a_withdrawal_is_learnt_where_the_cipher_is_asked_for(joined: Joined) -> None:
    archive, room = seal(joined.hub, joined.ours.school, DEMO).materials.archive, joined.room
    joined.fetch(archive)
    withdraw(joined.hub.offered, archive, WHY, "anna")
    refused = person_of(room).post(f"/archives/{archive}/open-by-hub", page=f"/archives/{archive}")
    assert refused.status_code == 409 and WHY in refused.text
    shown = person_of(room).get("/archives").text
    assert "отозван регионом" in shown and WHY in shown


def test_another_day_is_learnt_and_the_archive_stays(joined: Joined) -> None:
    archive, room = seal(joined.hub, joined.ours.school, day="2027-04-14").materials.archive, joined.room
    joined.fetch(archive)
    move_to_day(joined.hub.offered, archive, LATER, WHY, "anna")
    person_of(room).post("/archives/ask", page="/archives")
    kept = read_archive(room, archive)
    assert (kept.day, kept.moved_from, kept.state, kept.vouched) == (LATER, "2027-04-14", "kept", True)
    assert "перенесена с 14.04.2027" in person_of(room).get(f"/archives/{archive}").text


def test_the_hubs_new_signing_key_is_taken_over(joined: Joined) -> None:
    archive, room = seal(joined.hub, joined.ours.school, DEMO).materials.archive, joined.room
    joined.fetch(archive)
    folder = joined.hub.offered.settings.keys_folder
    joined.hub.offered.vault["hub_keys"] = rotate_signing_key(folder, joined.hub.clock.now_ms())
    give_new_cipher(joined.hub.offered, archive, WHY, "anna")
    assert joined.follow() == 1
    assert len(acts_signers(room)) == 2


def acts_signers(room: Classroom) -> dict[str, bytes]:
    with room.services.storage.read() as session:
        return acts.hub_signers(find_school(session))


def test_a_training_archive_opens_without_a_cipher(joined: Joined) -> None:
    archive, room = seal(joined.hub, joined.ours.school, DEMO, encrypted=False).materials.archive, joined.room
    joined.fetch(archive)
    page = person_of(room).get(f"/archives/{archive}").text
    assert "без шифра" in page and "group1" not in page
    person_of(room).post(f"/archives/{archive}/open-by-hub", page=f"/archives/{archive}")
    room.run_jobs()
    assert len(find_variants(read_archive(room, archive))) == 2


def test_a_hub_that_is_away_changes_nothing(joined: Joined, monkeypatch: pytest.MonkeyPatch) -> None:
    archive, room = seal(joined.hub, joined.ours.school, DEMO).materials.archive, joined.room
    joined.fetch(archive)

    def be_away(school: Any, key: Any) -> Any:
        raise HubAway()
    room.room.open_hub = be_away
    monkeypatch.setattr(room.services.live.socketio, "start_background_task", lambda act, *args: act(*args))
    follow_in_background(room.services)
    assert not room.room.is_following and read_archive(room, archive).version == 1


# ---- from a stick, while a sitting goes on
def amend(room: Classroom, folder: Path, key: bytes = b"", **changes: Any) -> Path:
    """A stick with the next statement of the room's archive, and the new key file if there is one."""
    folder.mkdir()
    said = {**changes, "key": sha256_hex(key)} if key else changes
    payload = describe_change(read_unverified(read_archive(room).statement.encode()).read(), **said)
    envelope = sign_statement(payload, PAYLOAD_TYPES["archive"], room.room.keys.key().signing)
    (folder / "statement.json").write_bytes(envelope)
    if key:
        (folder / "key.age").write_bytes(key)
    return folder


def bring(room: Classroom, stick: Path) -> Any:
    files = [(path.open("rb"), path.name) for path in sorted(stick.iterdir())]
    return person_of(room).post(
        "/archives/upload", {"files": files}, page="/archives", content_type="multipart/form-data")


@pytest.fixture
def closed_room(empty_room: Classroom) -> tuple[Classroom, SealedForTest]:
    empty_room.set_up()
    return empty_room, empty_room.take_archive()


def test_a_new_key_file_comes_on_a_stick_without_the_archive(closed_room: Any, tmp_path: Path) -> None:
    room, sealed = closed_room
    identity = unlock_identity(sealed.folder / "key.age", sealed.cipher)
    new = make_cipher(random_below)
    key = make_key_file(identity, new)
    assert bring(room, amend(room, tmp_path / "new", key, reason=WHY)).status_code == 302
    groups = {f"group{number + 1}": sealed.cipher[number * 5:number * 5 + 5] for number in range(6)}
    assert person_of(room).post(f"/archives/{sealed.archive}/open", groups, page="/archives").status_code == 422
    groups = {f"group{number + 1}": new[number * 5:number * 5 + 5] for number in range(6)}
    assert person_of(room).post(f"/archives/{sealed.archive}/open", groups, page="/archives").status_code == 302
    room.run_jobs()
    assert read_archive(room).state == "opened"


def test_an_older_statement_does_not_come_back(closed_room: Any, tmp_path: Path) -> None:
    room, sealed = closed_room
    bring(room, amend(room, tmp_path / "new", state="withdrawn", reason=WHY))
    with pytest.raises(OlderStatement):
        take_archive_files(room.data, sealed.folder, {}, {sealed.archive: read_archive(room).version})
    assert bring(room, sealed.folder).status_code == 409
    assert read_archive(room).standing == "withdrawn"


def test_a_statement_alone_is_not_an_archive(closed_room: Any, tmp_path: Path) -> None:
    room, sealed = closed_room
    other = seal_for_test(tmp_path / "other", make_entries(("10009",)), room.room.keys.key().signing)
    (other.folder / "archive.age").unlink()
    with pytest.raises(ArchiveIncomplete):
        take_archive_files(room.data, other.folder, {})
    (other.folder / "statement.json").unlink()
    assert bring(room, other.folder).status_code == 422


def test_a_withdrawn_archive_is_not_opened_even_with_its_cipher(closed_room: Any, tmp_path: Path) -> None:
    room, sealed = closed_room
    bring(room, amend(room, tmp_path / "new", state="withdrawn", reason=WHY))
    groups = {f"group{number + 1}": sealed.cipher[number * 5:number * 5 + 5] for number in range(6)}
    refused = person_of(room).post(f"/archives/{sealed.archive}/open", groups, page="/archives")
    assert refused.status_code == 409 and WHY in refused.text


def test_a_running_sitting_goes_on_and_the_organizer_is_told(open_room: Classroom, tmp_path: Path) -> None:
    kiosk = open_room.seat(0)
    open_room.start(kiosk)
    assert bring(open_room, amend(open_room, tmp_path / "new", state="withdrawn", reason=WHY)).status_code == 302
    assert kiosk.answer("i1", "r1", "42").status == 200
    person = person_of(open_room)
    shown = person.get(f"/sittings/{open_room.sitting}").text
    assert "Регион отозвал материалы этой работы" in shown and "Участники продолжают работать" in shown
    assert list_incidents(open_room) == [f"Регион отозвал материалы этой работы: {WHY}"]
    assert WHY in person.get("/today").text
    late = open_room.pair("9")
    assert late.sign_in(open_room.logins[1]).status == 200


def test_a_moved_work_tells_a_sitting_of_the_old_day(open_room: Classroom, tmp_path: Path) -> None:
    bring(open_room, amend(open_room, tmp_path / "new", day=LATER, moved_from=DAY, reason=WHY))
    shown = person_of(open_room).get(f"/sittings/{open_room.sitting}/standing").text
    assert "перенёс эту работу на 21.04.2027" in shown and WHY in shown
    assert list_incidents(open_room) == [f"Регион перенёс эту работу на {LATER}: {WHY}"]


@pytest.mark.parametrize("changes,refusal", [
    ({"state": "withdrawn"}, MaterialsWithdrawn), ({"day": LATER, "moved_from": DAY}, MaterialsMoved)])
def test_no_sitting_is_made_or_opened_on_a_recalled_work(
        open_room: Classroom, tmp_path: Path, changes: Any, refusal: type[Exception]) -> None:
    waiting = open_room.make_sitting(2, opened=False)
    bring(open_room, amend(open_room, tmp_path / "new", reason=WHY, **changes))
    with pytest.raises(refusal):
        open_room.make_sitting(2)
    shown = person_of(open_room).get(f"/sittings/{waiting}").text
    assert "Открыть этот сеанс нельзя" in shown
    opened = person_of(open_room).post(f"/sittings/{waiting}/open", page=f"/sittings/{waiting}")
    assert opened.status_code == 409 and WHY in shown
    with open_room.services.storage.read() as session:
        assert session.get_one(SittingRecord, waiting).state == "draft"
    person_of(open_room).post(f"/sittings/{waiting}/cancel", page=f"/sittings/{waiting}")
    with open_room.services.storage.read() as session:
        assert session.get_one(SittingRecord, waiting).state == "cancelled"


def test_a_counted_sitting_refuses_an_unencrypted_archive(open_room: Classroom) -> None:
    def unlock(session: Any) -> None:
        session.get_one(ArchiveRecord, open_room.archive).lock = "none"
    open_room.write(unlock)
    with pytest.raises(CountedNeedsCipher):
        check_for_sitting(read_archive(open_room), DAY, {"counted": True})
    check_for_sitting(read_archive(open_room), DAY, {"counted": False})


def test_a_full_disk_leaves_the_archive_closed_and_says_so(closed_room: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    room, sealed = closed_room

    def refuse(*details: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")
    with monkeypatch.context() as patched:
        patched.setattr(jobs, "open_with_identity", refuse)
        room.open_archive(sealed)
    assert read_archive(room).state == "kept"
    assert "не хватает места" in person_of(room).get(f"/archives/{sealed.archive}").text
    room.open_archive(sealed)
    assert read_archive(room).state == "opened" and read_archive(room).trouble == ""


def test_an_unencrypted_archive_comes_on_a_stick(empty_room: Classroom, tmp_path: Path) -> None:
    empty_room.set_up()
    signing = empty_room.room.keys.key().signing
    sealed = seal_for_test(tmp_path / "sealed", make_entries(), signing)
    made = write_unencrypted(make_entries(), tmp_path / "stick")
    payload = read_unverified((sealed.folder / "statement.json").read_bytes()).read()
    said = sign_statement({**payload, "archive": made.sha256, "key": "", "lock": "none"}, PAYLOAD_TYPES["archive"],
                          signing)
    (tmp_path / "stick" / "statement.json").write_bytes(said)
    assert bring(empty_room, tmp_path / "stick").status_code == 302
    empty_room.archive = made.sha256
    person_of(empty_room).post(f"/archives/{made.sha256}/open-by-hub", page="/archives")
    empty_room.run_jobs()
    assert find_variants(read_archive(empty_room)) == ["10001", "10002", "10003"]
