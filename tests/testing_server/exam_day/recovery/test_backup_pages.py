"""A copy from the console: where it may go, how far it is, how it ended; what was made is a copy that is read back."""
from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from testing_server.exam_day.recovery import backup_jobs, backup_pages, backups, drives
from testing_server.exam_day.recovery.backups import list_backups, restore_backup
from testing_server.foundation.audit import read_latest
from testing_server.foundation.disk import attach_disk
from tests.builders import Browser
from tests.testing_server.exam_day.builders import Classroom

PAGE, TYPED = "/server/backup", "folder"


@pytest.fixture
def other_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stick of these tests is a folder beside the data: only who is asked for its disk differs."""
    for module in (backup_pages, backup_jobs):
        monkeypatch.setattr(module, "is_same_disk", lambda data, target: False)


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    made = tmp_path / "stick"
    made.mkdir()
    return made


@pytest.fixture
def browser(open_room: Classroom) -> Iterator[Browser]:
    yield open_room.browser("room_organizer")


def test_a_copy_is_made_by_the_worker_and_read_back(open_room: Classroom, browser: Browser, stick: Path,
                                                    other_disk: None, tmp_path: Path) -> None:
    kiosk = open_room.seat(0)
    open_room.start(kiosk)
    assert "Копий ещё не делали" in browser.get("/server").text
    assert browser.post(PAGE, {TYPED: str(stick)}).status_code == 302
    assert 'data-state-now="copying"' in browser.get(PAGE).text and "Копия делается" in browser.get("/server").text
    assert 'data-shown-when="idle" hidden' in browser.get("/server").text
    again = browser.post(PAGE, {TYPED: str(stick)})
    assert again.status_code == 409 and "Копия уже делается" in again.text
    open_room.run_jobs()
    text = browser.get(PAGE).text
    assert "Копия готова и сверена" in text and "Последняя копия" in text and str(stick) in text
    restore_backup(list_backups(stick)[-1], tmp_path / "restored")
    assert (tmp_path / "restored" / "classroom.sqlite").exists()
    with open_room.services.storage.read() as session:
        line = next(row for row in read_latest(session, 50) if row.verb == "backup_begun")
    assert str(stick) not in repr(line)


def test_progress_is_counted_in_files(open_room: Classroom, browser: Browser) -> None:
    open_room.report("/v1/internal/backup", {"state": "running", "done": 3, "whole": 9, "folder": "/media/stick"})
    assert 'value="3" max="9"' in browser.get(PAGE).text
    open_room.clock.advance(backup_pages.SILENT_MS)
    assert 'data-state-now="idle"' in browser.get(PAGE).text


@pytest.mark.parametrize(("text", "code"), [
    ("", 422), ("stick", 422), ("/nowhere/at/all", 422), ("/etc/hostname", 422), ("/tmp\0x", 422)])
def test_a_folder_that_is_none_is_refused_in_words(open_room: Classroom, browser: Browser, text: str,
                                                   code: int) -> None:
    page = browser.post(PAGE, {TYPED: text})
    assert page.status_code == code and "Такой папки для копии нет" in page.text and "Сделать копию" in page.text


def test_the_servers_own_folder_is_refused(open_room: Classroom, browser: Browser) -> None:
    (open_room.data / "copies").mkdir()
    assert "внутри данных" in browser.post(PAGE, {TYPED: str(open_room.data / "copies")}).text


def test_the_same_disk_is_allowed_to_who_has_read_of_it(open_room: Classroom, browser: Browser, stick: Path) -> None:
    page = browser.post(PAGE, {TYPED: str(stick)})
    assert page.status_code == 409 and "на том же диске" in page.text and 'name="same_disk"' in page.text
    assert str(stick) in page.text and list(stick.iterdir()) == []
    attach_disk(open_room.services).ask = lambda _folder: 400 * 1024 * 1024
    assert browser.post(PAGE, {TYPED: str(stick), "same_disk": "yes"}).status_code == 507
    attach_disk(open_room.services).ask = lambda _folder: 1 << 40
    assert browser.post(PAGE, {TYPED: str(stick), "same_disk": "yes"}).status_code == 302
    open_room.run_jobs()
    assert len(list_backups(stick)) == 1


def test_a_stick_without_room_is_refused_before_anything_is_written(
        open_room: Classroom, browser: Browser, stick: Path, other_disk: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups.shutil, "disk_usage", lambda path: SimpleNamespace(free=1024))
    page = browser.post(PAGE, {TYPED: str(stick)})
    assert page.status_code == 507 and "не хватает места" in page.text and list(stick.iterdir()) == []


def test_a_stick_that_is_pulled_out_leaves_no_half_copy(
        open_room: Classroom, browser: Browser, stick: Path, other_disk: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(*_told: Any) -> None:
        raise OSError(5, "Input/output error")
    monkeypatch.setattr(backups, "_write_manifest", lose)
    browser.post(PAGE, {TYPED: str(stick)})
    open_room.run_jobs()
    text = browser.get(PAGE).text
    assert "Копия не сделана" in text and "Носитель перестал отвечать" in text and 'data-state-now="idle"' in text
    assert list_backups(stick) == [] and {path.name for path in stick.iterdir()} <= {"blobs"}


def test_a_stick_pulled_out_before_the_worker_begins_is_no_folder_of_the_servers_disk(
        open_room: Classroom, browser: Browser, stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup_pages, "is_same_disk", lambda data, target: False)
    assert browser.post(PAGE, {TYPED: str(stick)}).status_code == 302
    open_room.run_jobs()
    assert "Носитель перестал отвечать" in browser.get(PAGE).text and list(stick.iterdir()) == []


def test_two_who_press_at_once_make_one_copy(open_room: Classroom, browser: Browser, stick: Path, other_disk: None,
                                             monkeypatch: pytest.MonkeyPatch) -> None:
    other, append, answers = open_room.browser("school_organizer"), backup_pages.append_audit, list[int]()

    def press_again(*words: Any) -> None:
        # the writing thread waits here as another organizer's request comes in
        with open_room.app.app_context(), pytest.raises(backup_pages.BackupGoesOn):
            backup_pages.begin_backup(str(stick), False)
        append(*words)
    monkeypatch.setattr(backup_pages, "append_audit", press_again)
    assert browser.post(PAGE, {TYPED: str(stick)}).status_code == 302
    answers.append(other.post(PAGE, {TYPED: str(stick)}).status_code)
    open_room.run_jobs()
    assert answers == [409] and len(list_backups(stick)) == 1


def test_a_technician_sees_the_copy_and_makes_none(open_room: Classroom, stick: Path) -> None:
    technician = open_room.browser("technician")
    assert "Копий ещё не делали" in technician.get("/server").text
    assert "Сделать копию" not in technician.get("/server").text
    assert "носителей не видно" in technician.get("/server/drives").text
    assert technician.post(PAGE, {TYPED: str(stick)}).status_code == 403


@pytest.mark.parametrize(("drive", "folder", "shown", "chosen"), [
    ("/media/a", "", "", ("/media/a", "")), ("/media/a", "/srv/x", "", ("", "/srv/x")),
    ("", "/srv/x", "", ("", "/srv/x")), ("", "/srv/x", "/srv/x", ("", "/srv/x")),
    ("/media/a", "/srv/x", "/srv/x", ("/media/a", "")), ("", "", "", ("", ""))])
def test_what_was_changed_last_is_what_was_meant(drive: str, folder: str, shown: str, chosen: tuple[str, str]) -> None:
    assert backup_pages.choose_one(drive, folder, shown) == chosen


def test_drives_are_those_that_are_plugged_in(open_room: Classroom, tmp_path: Path,
                                              monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = ["/", "/media/a/stick", "/run/media/a/card", "/mnt/b", "/mnt", "/mnt2", "/home"]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: [SimpleNamespace(mountpoint=one) for one in mounts])
    assert drives.list_mounts() == ["/media/a/stick", "/mnt", "/mnt/b", "/run/media/a/card"]
    # memory of the system is another disk than the data's in every test
    shown = drives.list_drives(tmp_path, [str(tmp_path), "/proc", "/nowhere"])
    assert [one.path for one in shown] == ["/proc"]
    monkeypatch.setattr(os.path, "ismount", lambda path: Path(path) == tmp_path / "stick")
    (tmp_path / "stick").mkdir()
    assert drives.choose_folder(open_room.data, str(tmp_path / "stick")) == tmp_path / "stick" / backups.ON_STICK
