"""The list of names: opened by the passphrase only, and a planted name that no export, log, copy or ledger holds."""
import logging
import tarfile
from pathlib import Path

import msgspec
import pyrage
import pytest
from sqlalchemy import select

from testing_server.exam_day.name_list.rules import NamesUnreadable, read_names, write_names
from testing_server.exam_day.name_list.store import FOLDER, NamesDamaged, keep_names, names_file, open_names
from testing_server.exam_day.recovery.backups import make_backup
from testing_server.exam_day.recovery.keeping import keep_ledgers
from testing_server.exam_day.recovery.records import LedgerRecord
from testing_server.exam_day.recovery.sealing import open_ledger
from testing_server.exam_day.sittings.archives import save_roster
from testing_server.preparation.school_key import WrongPassphrase
from tests.testing_server.exam_day.builders import DAY, PASSPHRASE, Classroom, join_hub, make_roster

CANARY = "Канарейкина Жозефина"
PAGE = f"/names/{DAY}/demo"
CODES = [f"{number}" for number in range(10_001, 10_007)]


def test_lines_are_read_as_people_type_them() -> None:
    text = "10001 Иванов Иван\n\n 10002;  Петрова   Анна \n10003\tLee, Ann"
    assert read_names(text, CODES) == {"10001": "Иванов Иван", "10002": "Петрова Анна", "10003": "Lee, Ann"}
    assert read_names(write_names(read_names(text, CODES)), CODES) == read_names(text, CODES)


@pytest.mark.parametrize("line", ["Иванов 10001", "10001", "77777 Чужой Код", "10001 Иванов\n10001 Петров",
                                  "1000 Пять Цифр"])
def test_a_line_that_cannot_be_read_is_named_by_its_number_only(line: str) -> None:
    with pytest.raises(NamesUnreadable) as refused:
        read_names(line, CODES)
    assert "Иванов" not in str(refused.value.as_json()) and str(refused.value.remedy)


def test_only_the_passphrase_opens_the_list(open_room: Classroom) -> None:
    keys = open_room.room.keys
    keep_names(open_room.data, "demo", {"10001": CANARY}, keys.key())
    assert open_names(open_room.data, "demo", keys.locked_bytes, PASSPHRASE) == {"10001": CANARY}
    assert open_names(open_room.data, "other", keys.locked_bytes, PASSPHRASE) == {}
    with pytest.raises(WrongPassphrase):
        open_names(open_room.data, "demo", keys.locked_bytes, "another passphrase")
    assert names_file(open_room.data, "demo").stat().st_mode & 0o077 == 0


def test_a_damaged_list_and_one_of_another_key_say_so(open_room: Classroom) -> None:
    keys, path = open_room.room.keys, names_file(open_room.data, "demo")
    keep_names(open_room.data, "demo", {"10001": CANARY}, keys.key())
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(NamesDamaged):
        open_names(open_room.data, "demo", keys.locked_bytes, PASSPHRASE)


def find_canary(folder: Path) -> list[str]:
    """Files that hold the name in clear, whatever they are packed in."""
    words = [CANARY.encode(), CANARY.split()[0].encode(), CANARY.split()[0].encode("utf-16-le"),
             CANARY.split()[0].encode("cp1251"), CANARY.split()[0].encode("unicode_escape")]
    found = [path.name for path in folder.rglob("*") if path.is_file() and any(
        word in path.read_bytes() for word in words)]
    for path in folder.rglob("*.tar"):
        with tarfile.open(path) as tar:
            found += [member.name for member in tar if (file := tar.extractfile(member)) and any(
                word in file.read() for word in words)]
    return found


def test_a_planted_name_is_found_nowhere_but_on_the_opened_page(
        open_room: Classroom, tmp_path: Path, caplog: pytest.LogCaptureFixture,
        monkeypatch: pytest.MonkeyPatch) -> None:
    caplog.set_level(logging.DEBUG)
    hub = join_hub(open_room, tmp_path / "hub", monkeypatch)
    open_room.write(lambda session: save_roster(session, 1, make_roster(6), b"{}", True, "test"))
    person, kiosk = open_room.browser(), open_room.seat(0)
    names = {"names": f"10001 {CANARY}\n10002 Второй Участник"}
    assert person.post(PAGE, names, page="/password").status_code == 302
    assert CANARY not in person.get(PAGE).text
    refused = person.post(f"{PAGE}/open", {"passphrase": "wrong one here"}, page="/password")
    assert refused.status_code == 403 and CANARY not in refused.text
    opened = person.post(f"{PAGE}/open", {"passphrase": PASSPHRASE}, page="/password")
    assert CANARY in opened.text and opened.headers["Cache-Control"] == "no-store"
    broken = person.post(PAGE, {"names": f"77777 {CANARY}"}, page="/password")
    assert broken.status_code == 422

    open_room.start(kiosk)
    kiosk.answer("i1", "r1", "x")
    keep_ledgers(open_room.services)
    make_backup(open_room.data, tmp_path / "stick", 1)
    for page in ("/codes", "/today", f"/codes/{DAY}/demo/slips.pdf", f"/codes/{DAY}/demo/name-protocol.pdf",
                 f"/sittings/{open_room.sitting}", f"/v1/sittings/{open_room.sitting}/live", "/v1/rosters-here"):
        assert CANARY.encode() not in person.get(page).data, page
    open_room.close_room_with_reasons()
    package = open_room.pack()
    open_room.run_jobs()
    looked = tmp_path / "looked"
    looked.mkdir()
    (looked / "package.tar").write_bytes(pyrage.decrypt(hub.sent[package], [hub.keys.recipient]))
    (looked / "ledger.json").write_bytes(read_ledger(open_room))
    for folder in (looked, open_room.data, tmp_path / "stick"):
        assert find_canary(folder) == [], folder
    assert not [path for path in (tmp_path / "stick").rglob("*") if FOLDER in path.parts]
    assert CANARY not in caplog.text and CANARY.split()[0] not in caplog.text


def read_ledger(room: Classroom) -> bytes:
    """The facts of the newest ledger in clear."""
    with room.services.storage.read() as session:
        envelope = session.scalars(select(LedgerRecord.envelope)).one()
    ledger = open_ledger(envelope, room.room.keys.key())
    assert "room_attempt" in ledger.facts
    return msgspec.json.encode(ledger.facts)


def test_the_search_finds_what_it_looks_for(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text(f"посадили: {CANARY}", "utf-8")
    (tmp_path / "inside").write_bytes(CANARY.encode("cp1251"))
    with tarfile.open(tmp_path / "package.tar", "w") as tar:
        tar.add(tmp_path / "log.txt", "events.jsonl")
    assert set(find_canary(tmp_path)) == {"log.txt", "inside", "package.tar", "events.jsonl"}


def test_an_erased_list_is_gone(open_room: Classroom) -> None:
    open_room.write(lambda session: save_roster(session, 1, make_roster(6), b"{}", True, "test"))
    person = open_room.browser()
    person.post(PAGE, {"names": f"10001 {CANARY}"}, page="/password")
    assert "Список есть и закрыт" in person.get(PAGE).text
    assert person.post(f"{PAGE}/erase", page="/password").status_code == 302
    assert "Списка ещё нет" in person.get(PAGE).text
    assert list((open_room.data / FOLDER).glob("*")) == []


def test_other_recipients_cannot_read_it(open_room: Classroom) -> None:
    keep_names(open_room.data, "demo", {"10001": CANARY}, open_room.room.keys.key())
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(names_file(open_room.data, "demo").read_bytes(), [pyrage.x25519.Identity.generate()])


def test_a_technician_does_not_reach_it(open_room: Classroom) -> None:
    assert open_room.browser("technician").get(PAGE).status_code == 403
