"""The commands of a recovery and of a copy: every refusal is a sentence, and nothing is left behind by it."""
from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from testing_server.cli import main
from testing_server.exam_day.sittings.records import ArchiveRecord
from testing_server.foundation.storage import Storage
from testing_server.preparation.school_key import lock_school_key
from tests.testing_server.exam_day.builders import Classroom

PASSPHRASE = "correct horse"


@pytest.fixture
def stick(open_room: Classroom, tmp_path: Path) -> Path:
    """The key under a passphrase of its own."""
    folder = tmp_path / "stick"
    folder.mkdir()
    (folder / "school.key").write_bytes(lock_school_key(open_room.room.keys.key(), PASSPHRASE))
    return folder


def run(data: Path, *words: object, typed: str = "") -> Result:
    return CliRunner().invoke(main, ["classroom", "--recover", "--data", str(data), *map(str, words)], input=typed)


@pytest.mark.parametrize("typed, code", [("wrong passphrase\n", "Пароль не подходит"),
                                         (f"{PASSPHRASE}\n12345\n", "шифр не подходит")])
def test_what_is_typed_wrong_is_said(open_room: Classroom, stick: Path, tmp_path: Path, typed: str,
                                     code: str) -> None:
    archive = open_room.data / "archives" / open_room.archive
    done = run(tmp_path / "new", "--key", stick / "school.key", "--archive", archive, typed=typed)
    assert done.exit_code == 1 and code in done.output
    # the same folder can be named again
    assert not (tmp_path / "new" / "classroom.sqlite").exists()


def test_a_cipher_that_is_not_given_out_yet_is_left_for_later(
        open_room: Classroom, stick: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A standby is set up before the hour."""
    archive = open_room.data / "archives" / open_room.archive
    monkeypatch.setattr("testing_server.cli.run_role", lambda *words: 0)
    done = run(tmp_path / "new", "--key", stick / "school.key", "--archive", archive, typed=f"{PASSPHRASE}\n\n")
    assert "organizer:" in done.output, done.output
    storage = Storage(f"sqlite:///{tmp_path / 'new' / 'classroom.sqlite'}")
    with storage.read() as session:
        assert [row.state for row in session.scalars(select(ArchiveRecord))] == ["kept"]
    storage.close()


def test_a_missing_archive_and_a_missing_key_are_said(open_room: Classroom, stick: Path, tmp_path: Path) -> None:
    archive = open_room.data / "archives" / open_room.archive
    without = run(tmp_path / "new", "--key", stick / "school.key")
    elsewhere = run(tmp_path / "new", "--key", stick / "school.key", "--archive", tmp_path)
    keyless = run(tmp_path / "new", "--key", tmp_path / "none", "--archive", archive, typed="x\n")
    assert [done.exit_code for done in (without, elsewhere, keyless)] == [1, 1, 1]
    assert "Не найден архив" in without.output and "Не найден архив" in elsewhere.output
    assert "Не найден файл ключа" in keyless.output and not (tmp_path / "new" / "classroom.sqlite").exists()


def test_a_folder_with_a_server_is_left_alone(open_room: Classroom, stick: Path) -> None:
    done = run(open_room.data, "--key", stick / "school.key", "--archive", open_room.data)
    assert done.exit_code == 1 and "уже есть сервер" in done.output


def test_a_copy_tells_what_it_did(open_room: Classroom, tmp_path: Path) -> None:
    words = ["backup", "--to", str(tmp_path / "copy"), "--data", str(open_room.data)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0 and "verified" in done.output
    nothing = CliRunner().invoke(main, ["backup", "--to", str(tmp_path / "copy"), "--data", str(tmp_path / "none")])
    assert nothing.exit_code == 1 and "нет сервера" in nothing.output
