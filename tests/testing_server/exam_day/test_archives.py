"""Archives: checked when they come, opened by their own cipher only, every variant looked through."""
import hashlib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from task_bank.sealing import Entry as TarEntry
from testing_server.contracts.statements import key_id_of, public_bytes
from testing_server.exam_day.sittings.archives import (
    ArchiveDamaged, ArchiveIncomplete, CipherGroupWrong, CipherWrong, OlderRoster, StatementRefused,
    read_typed_cipher, save_roster, take_archive_files, unlock_archive)
from testing_server.exam_day.sittings.checking import check_item, find_html_trouble
from testing_server.exam_day.sittings.queries import find_variants
from testing_server.exam_day.sittings.records import ArchiveRecord, BundleRecord
from tests.testing_server.exam_day.builders import (
    MEDIUM, Classroom, make_entries, make_item, make_real_entries, make_roster, seal_for_test)


@pytest.fixture
def room(empty_room: Classroom) -> Classroom:
    empty_room.set_up()
    return empty_room


def read_archive(room: Classroom) -> ArchiveRecord:
    with room.services.storage.read() as session:
        return session.get_one(ArchiveRecord, room.archive)


def test_the_right_cipher_opens_and_every_variant_is_checked(room: Classroom) -> None:
    room.open_archive(room.take_archive())
    assert find_variants(read_archive(room)) == ["10001", "10002", "10003"]


@pytest.mark.parametrize("name", ["english_grade_7", "metapredmet"])
def test_the_demonstration_works_open_and_show(room: Classroom, name: str) -> None:
    room.open_archive(room.take_archive(make_real_entries(name, 4)))
    archive = read_archive(room)
    assert len(find_variants(archive)) == 4, archive.checks


def test_the_wrong_group_of_a_cipher_is_named(room: Classroom) -> None:
    sealed = room.take_archive()
    groups = [sealed.cipher[start:start + 5] for start in range(0, 30, 5)]
    groups[2] = str((int(groups[2][0]) + 1) % 10) + groups[2][1:]
    with pytest.raises(CipherGroupWrong) as refused:
        read_typed_cipher(groups)
    assert refused.value.details == {"group": 3}


def test_another_archives_cipher_does_not_fit(room: Classroom, tmp_path: Path) -> None:
    other = seal_for_test(tmp_path / "other", make_entries(), room.room.keys.key().signing)
    sealed = room.take_archive()
    with pytest.raises(CipherWrong):
        unlock_archive(room.data, sealed.archive, other.cipher)
    assert read_archive(room).state == "kept"


def broken(entries: list[TarEntry], name: str, content: bytes) -> list[TarEntry]:
    return [TarEntry(one.name, content) if one.name == name else one for one in entries]


@pytest.mark.parametrize(("name", "content", "word"), [
    (f"media/{hashlib.sha256(MEDIUM).hexdigest()}", b"another sound", "missing or changed"),
    ("variants/10002.json", b"{", "10002.json"),
    ("variants/10002.json", b'{"format": "variant/1", "number": "10003", "items": [1]}', "not a variant/1"),
    ("media.json", b"{}", "not in media.json")])
def test_a_variant_that_would_not_show_is_found(room: Classroom, name: str, content: bytes, word: str) -> None:
    room.open_archive(room.take_archive(broken(make_entries(), name, content)))
    archive = read_archive(room)
    assert word in archive.checks and find_variants(archive) == []
    with room.services.storage.read() as session:
        assert session.query(BundleRecord).count() == 0


@pytest.mark.parametrize(("html", "trouble"), [
    ("<p>a</p>", ""), ("<p>a<br>b</p>", ""), ('<img src="x"/><p>a</p>', ""), ("<p>a", "<p>"), ("a</p>", "</p>"),
    ("<p><b>a</p></b>", "</p>")])
def test_html_is_well_formed_or_named(html: str, trouble: str) -> None:
    assert find_html_trouble(html) == trouble


def change(**changes: Any) -> dict[str, Any]:
    return {**make_item(1, "speaking"), **changes}


@pytest.mark.parametrize(("item", "word"), [
    (change(html="<p></p>"), "no place for answer"),
    (change(html='<p data-response="r1"></p>'), "no place for speaking"),
    (change(html='<p data-response="r1"><i data-slot="speaking"></i>media/' + "a" * 64 + "</p>"), "not listed"),
    ({"id": "i1"}, "position is missing")])
def test_what_keeps_an_item_from_being_shown(item: dict[str, Any], word: str) -> None:
    assert word in check_item(item)


def test_files_that_do_not_belong_together_are_refused(room: Classroom, tmp_path: Path) -> None:
    signing = room.room.keys.key().signing
    first = seal_for_test(tmp_path / "first", make_entries(), signing)
    second = seal_for_test(tmp_path / "second", make_entries(("10009",)), signing)
    (first.folder / "key.age").write_bytes((second.folder / "key.age").read_bytes())
    with pytest.raises(ArchiveDamaged):
        take_archive_files(room.data, first.folder, {})
    (first.folder / "key.age").unlink()
    with pytest.raises(ArchiveIncomplete):
        take_archive_files(room.data, first.folder, {})


def test_once_the_hub_is_known_only_its_word_counts(room: Classroom, tmp_path: Path) -> None:
    hub = Ed25519PrivateKey.generate()
    trusted = {key_id_of(public_bytes(hub)): public_bytes(hub)}
    signed = seal_for_test(tmp_path / "signed", make_entries(), hub)
    forged = seal_for_test(tmp_path / "forged", make_entries(), Ed25519PrivateKey.generate())
    assert take_archive_files(room.data, signed.folder, trusted)[1] is True
    with pytest.raises(StatementRefused):
        take_archive_files(room.data, forged.folder, trusted)


def test_an_older_roster_does_not_replace_a_newer_one(room: Classroom) -> None:
    new, old = make_roster(2, version=2), make_roster(2, version=1)
    room.write(lambda s: save_roster(s, 1, new, b"{}", True, "test"))
    with pytest.raises(OlderRoster):
        room.write(lambda s: save_roster(s, 2, old, b"{}", True, "test"))


def test_an_archive_is_loaded_and_opened_on_its_page(room: Classroom, tmp_path: Path) -> None:
    sealed = seal_for_test(tmp_path / "stick", make_entries(), room.room.keys.key().signing)
    person = room.browser()
    files = [(open(sealed.folder / name, "rb"), name) for name in ("archive.age", "key.age", "statement.json")]
    loaded = person.post("/archives/upload", {"files": files}, page="/archives", content_type="multipart/form-data")
    assert loaded.headers["Location"] == f"/archives/{sealed.archive}"
    groups = {f"group{number + 1}": sealed.cipher[number * 5:number * 5 + 5] for number in range(6)}
    wrong = person.post(f"/archives/{sealed.archive}/open", groups | {"group2": "00001"}, page="/archives")
    assert "вторую" in wrong.text and wrong.status_code == 422
    assert person.post(f"/archives/{sealed.archive}/open", groups, page="/archives").status_code == 302
    room.run_jobs()
    assert "открывается и показывается" in person.get(f"/archives/{sealed.archive}").text


def test_a_look_at_an_item_shows_what_the_candidate_sees(room: Classroom) -> None:
    room.open_archive(room.take_archive())
    page = room.browser().get(f"/archives/{room.archive}/look/10001/1")
    assert "data-item=" in page.text and page.status_code == 200
    medium = room.browser("technician").get(f"/archives/{room.archive}/media/{hashlib.sha256(MEDIUM).hexdigest()}")
    assert (medium.data, medium.mimetype) == (MEDIUM, "audio/ogg")


def test_the_opened_archive_holds_no_more_than_was_sealed(room: Classroom) -> None:
    room.open_archive(room.take_archive())
    opened = room.data / "opened" / room.archive
    assert msgspec.json.decode((opened / "assessment.json").read_bytes())["id"] == "english-7"
    assert {path.name for path in opened.iterdir()} == {"assessment.json", "media", "media.json", "variants"}
