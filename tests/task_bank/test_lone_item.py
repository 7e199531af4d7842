"""One item's XML is as good as a package of it: checked, shown, imported, exported, refused in one plain line."""
import zipfile
from pathlib import Path

import pytest

from tests.task_bank.builders import CHOICE, PICTURE, make_choice, make_files
from tests.task_bank.test_cli import run, write_package


def make_lone_item(folder: Path) -> Path:
    """An item with its picture beside it, and other files around that it does not name."""
    (folder / "media").mkdir(parents=True)
    (folder / "media" / "a.svg").write_bytes(PICTURE)
    (folder / "other.txt").write_text("not named")
    path = folder / "task.xml"
    path.write_bytes(make_choice("task", body=CHOICE + '<p><img src="media/a.svg" alt="a"/></p>'))
    return path


def test_one_item_is_checked_shown_imported_and_exported_by_itself(tmp_path: Path) -> None:
    path = make_lone_item(tmp_path / "work")
    checked = run("check", path)
    assert checked.exit_code == 0 and "assessment.json" not in checked.output
    assert run("preview", path, "--out", tmp_path / "pages").exit_code == 0
    assert (tmp_path / "pages" / "index.html").exists()
    imported = run("import", path, "--into", tmp_path / "bank")
    assert imported.exit_code == 0 and "Заданий принято: 1" in imported.output
    assert run("export", path, "--to", tmp_path / "one.zip").exit_code == 0
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert set(archive.namelist()) == {"imsmanifest.xml", "task.xml", "media/a.svg"}
        assert archive.read("task.xml") == path.read_bytes()
    assert run("check", tmp_path / "one.zip").exit_code == 0


def test_the_manifest_of_a_package_stands_for_the_package(tmp_path: Path) -> None:
    folder = write_package(tmp_path / "sound", make_files())
    assert run("check", folder / "imsmanifest.xml").output == run("check", folder).output


def test_an_item_inside_a_package_finds_what_lies_above_it(tmp_path: Path) -> None:
    folder = write_package(tmp_path / "sound", make_files())
    result = run("check", folder / "items" / "task-01.xml")
    assert result.exit_code == 0 and "task-01: position 1" in result.output


def test_feedback_inside_a_choice_is_no_part_of_what_the_choice_shows(tmp_path: Path) -> None:
    hidden = '<qti-feedback-inline outcome-identifier="F" identifier="right">Yes!</qti-feedback-inline>'
    (tmp_path / "task.xml").write_bytes(make_choice("task", body=CHOICE.replace("Red<", f"Red{hidden}<")))
    result = run("check", tmp_path / "task.xml")
    assert result.exit_code == 0 and "<qti-feedback-inline>: is never shown" in result.output


def test_a_work_of_half_points_only_is_refused_with_the_reason(tmp_path: Path) -> None:
    xml = make_choice("task").replace(b">1</qti-value>", b">1.5</qti-value>")
    mapping = b'<qti-mapping><qti-map-entry map-key="right" mapped-value="1.5"/></qti-mapping>'
    xml = xml.replace(b"</qti-response-declaration>", mapping + b"</qti-response-declaration>")
    (tmp_path / "task.xml").write_bytes(xml.replace(b"/match_correct", b"/map_response"))
    for command in ("check", "preview"):
        result = run(command, tmp_path / "task.xml")
        assert result.exit_code == 1 and "no item gives whole points" in result.output


@pytest.mark.parametrize("data, message", [
    (b"", "task.xml:1: is empty"), (b"hello", "task.xml:1: is not XML"),
    (b"<a/>", "task.xml:1: <a>: is not a QTI 3 item"),
    (b"<!DOCTYPE html><html></html>", "task.xml: is an HTML page"), (b"<a", "task.xml:1: is not well-formed"),
])
def test_a_file_that_is_no_item_is_refused_in_one_line(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "task.xml").write_bytes(data)
    for command in (("check",), ("preview",), ("export", "--to", tmp_path / "x.zip"),
                    ("assemble", "--school", "a", "--count", 1, "--seed", 1)):
        result = run(*command, tmp_path / "task.xml")
        assert result.exit_code == 1 and message in result.output and result.output.count("\n") == 1


def test_a_bank_stands_for_its_only_package_and_several_are_listed(tmp_path: Path) -> None:
    for name in ("one", "two"):
        path = tmp_path / f"{name}.xml"
        path.write_bytes(make_choice(name))
        assert run("import", path, "--into", tmp_path / "bank").exit_code == 0
        result = run("check", tmp_path / "bank")
        assert (result.exit_code == 0) == (name == "one")
    assert "holds several packages, name one: one-" in result.output and result.output.count("\n") == 1
