"""Nobody reads a cipher or a criterion before its hour: not over HTTP, not from files, not from the database."""
import logging
from pathlib import Path

import pytest
from sqlalchemy import text

from task_bank.sealing import open_archive
from testing_server.contracts.check_digits import read_cipher
from testing_server.foundation.audit import read_audit
from testing_server.preparation.hub_link import HubRefused, NotYet as HubSaysNotYet
from testing_server.preparation.materials.queries import list_archives
from testing_server.preparation.release.actions import open_criteria
from testing_server.preparation.release.giving import release_cipher
from testing_server.preparation.release.rules import ArchiveUnknown, NotYet, SlotMissing
from tests.testing_server.preparation.make_hub import EnrolledSchool, Hub, enrol
from tests.testing_server.preparation.make_materials import DEMO, seal

ZONES = ["Europe/Kaliningrad", "Europe/Moscow", "Asia/Kamchatka"]
SECOND = 1000


def go_to(hub: Hub, at_ms: int) -> None:
    hub.clock.advance(at_ms - hub.clock.now_ms())


@pytest.mark.parametrize("zone", ZONES)
def test_a_cipher_is_refused_a_second_before_its_hour_and_given_at_it(hub: Hub, zone: str) -> None:
    enrolled = enrol(hub, zone=zone)
    archive = seal(hub, enrolled.school).materials
    go_to(hub, archive.opens_at_ms - SECOND)
    with pytest.raises(HubSaysNotYet) as refused:
        enrolled.link.fetch_release(archive.archive)
    assert (refused.value.opens_at_ms, refused.value.status) == (archive.opens_at_ms, 403)
    hub.clock.advance(SECOND)
    given = enrolled.link.fetch_release(archive.archive)
    assert read_cipher(given["cipher"]) and given["opened_at_ms"] == archive.opens_at_ms


@pytest.mark.parametrize("zone", ZONES)
def test_criteria_keep_their_own_hour(hub: Hub, zone: str, tmp_path: Path) -> None:
    enrolled = enrol(hub, zone=zone)
    pair = seal(hub, enrolled.school)
    go_to(hub, pair.criteria.opens_at_ms - SECOND)
    with pytest.raises(HubSaysNotYet):
        enrolled.link.fetch_release(pair.criteria.archive)
    with pytest.raises(HubSaysNotYet):
        enrolled.link.fetch_archive(pair.criteria.archive, tmp_path)
    with pytest.raises(NotYet):
        open_criteria(hub.offered, pair.materials.archive)
    assert enrolled.link.list_archives("criteria") == []
    hub.clock.advance(SECOND)
    assert enrolled.link.fetch_release(pair.criteria.archive)["cipher"]
    assert (open_criteria(hub.offered, pair.materials.archive) / "assessment.json").exists()
    assert [one["archive"] for one in enrolled.link.list_archives("criteria")] == [pair.criteria.archive]


def test_each_archive_opens_with_its_own_cipher_only(hub: Hub, tmp_path: Path) -> None:
    enrolled = enrol(hub)
    pair = seal(hub, enrolled.school, DEMO)
    both = (pair.materials.archive, pair.criteria.archive)
    ciphers = {one: enrolled.link.fetch_release(one)["cipher"] for one in both}
    assert len(set(ciphers.values())) == 2
    enrolled.link.fetch_archive(pair.materials.archive, tmp_path / "fetched")
    opened = open_archive(tmp_path / "fetched" / "archive.age", tmp_path / "fetched" / "key.age",
                          ciphers[pair.materials.archive], tmp_path / "opened")
    assert sum(name.startswith("variants/") for name in opened.names) == 2
    assert not any(name.startswith("keys/") for name in opened.names)


def test_another_school_learns_nothing_even_after_the_hour(hub: Hub, tmp_path: Path) -> None:
    ours, theirs = enrol(hub), enrol(hub, "sch330002")
    archive = seal(hub, ours.school, DEMO).materials.archive
    for ask in (lambda: theirs.link.fetch_release(archive), lambda: theirs.link.fetch_archive(archive, tmp_path)):
        with pytest.raises(HubRefused) as refused:
            ask()
        assert (refused.value.code, refused.value.status) == ("archive_unknown", 404)


@pytest.mark.parametrize("role", ["school_organizer", "coordinator", "expert", "author"])
def test_a_signed_in_person_cannot_use_the_programs_address(hub: Hub, role: str) -> None:
    ours = enrol(hub)
    archive = seal(hub, ours.school, DEMO).materials.archive
    browser = hub.browser("someone", role, school=ours.school.id)
    assert browser.get(f"/v1/releases/{archive}").status_code == 403
    assert hub.app.test_client().get(f"/v1/releases/{archive}").status_code == 401


def test_the_answer_is_not_kept_by_anybody_on_the_way(hub: Hub) -> None:
    ours = enrol(hub)
    archive = seal(hub, ours.school, DEMO).materials.archive
    headers = {"Authorization": f"Bearer {ours.link._token}"}
    assert hub.app.test_client().get(f"/v1/releases/{archive}", headers=headers).headers["Cache-Control"] == "no-store"


def everything_kept(hub: Hub) -> bytes:
    """All files of the hub but the sealed archives and the slots, with the database written out."""
    hub.write(lambda session, now_ms: session.execute(text("SELECT 1")))
    data = hub.offered.settings.data
    return b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file() and "slots" not in path.parts)


def test_database_files_and_logs_never_hold_a_cipher(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ours = enrol(hub)
    pair = seal(hub, ours.school, DEMO)
    ciphers = [release_cipher(hub.offered, one.archive, ours.school.id, "x").cipher
               for one in (pair.materials, pair.criteria)]
    audit = repr(hub.read(read_audit, f"school:{ours.school.id}"))
    kept = everything_kept(hub) + (caplog.text + audit).encode()
    assert pair.materials.archive.encode() in kept
    for cipher in ciphers:
        shown = " ".join(cipher[at:at + 5] for at in range(0, 30, 5))
        assert cipher.encode() not in kept and shown.encode() not in kept


def test_changing_the_hour_in_the_database_opens_nothing(hub: Hub) -> None:
    ours = enrol(hub)
    archive = seal(hub, ours.school).materials.archive
    hub.write(lambda session, now_ms: session.execute(text("UPDATE archive SET opens_at_ms = 0, sealed_at_ms = 0")))
    with pytest.raises(NotYet):
        release_cipher(hub.offered, archive, ours.school.id, "x")


def test_without_its_slot_a_cipher_is_not_given(hub: Hub) -> None:
    ours = enrol(hub)
    archive = seal(hub, ours.school, DEMO).materials.archive
    for path in (hub.offered.settings.data / "slots").iterdir():
        path.unlink()
    with pytest.raises(SlotMissing):
        release_cipher(hub.offered, archive, ours.school.id, "x")


def test_the_first_giving_is_audited_once(hub: Hub) -> None:
    ours = enrol(hub)
    archive = seal(hub, ours.school, DEMO).materials.archive
    ours.link.fetch_release(archive)
    ours.link.fetch_release(archive)
    verbs = [line.verb for line in hub.read(read_audit, f"school:{ours.school.id}")]
    assert verbs.count("cipher_given") == 1


def test_criteria_of_something_unknown_are_not_opened(hub: Hub) -> None:
    with pytest.raises(ArchiveUnknown):
        open_criteria(hub.offered, "0" * 64)
    pair = seal(hub, enrol(hub).school, DEMO)
    with pytest.raises(ArchiveUnknown):
        open_criteria(hub.offered, pair.criteria.archive)


def test_criteria_are_opened_once_and_hold_every_variants_key(hub: Hub) -> None:
    ours: EnrolledSchool = enrol(hub)
    pair = seal(hub, ours.school, DEMO, count=3)
    folder = open_criteria(hub.offered, pair.materials.archive)
    stamp = (folder / "opened.json").stat().st_mtime_ns
    assert len(list((folder / "keys").glob("*.json"))) == 3
    assert (open_criteria(hub.offered, pair.materials.archive) / "opened.json").stat().st_mtime_ns == stamp
    assert {one.kind for one in hub.read(list_archives, ours.school.id)} == {"materials", "criteria"}
