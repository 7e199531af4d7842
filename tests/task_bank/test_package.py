"""Packages are read whole or refused with the file and element named."""
import zipfile
from pathlib import Path

import pytest

from task_bank.items import BrokenXml, MissingFile, PackageError, UnsafePackage, build_package, files, read_package
from tests.task_bank.builders import make_assessment, make_choice, make_files, make_item, make_package, make_position


def write_zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def test_a_folder_and_a_zip_of_it_read_alike(tmp_path: Path) -> None:
    files = make_files()
    folder = tmp_path / "work"
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    from_folder, from_zip = read_package(folder), read_package(write_zip(tmp_path / "work.zip", files))
    assert dict(from_folder.files) == dict(from_zip.files) == files
    assert list(from_zip.items) == ["task-01"]
    assert from_zip.items["task-01"].xml == make_choice()


@pytest.mark.parametrize("name", ["../outside.xml", "/etc/passwd", "items/../../x", "a\\b.xml"])
def test_a_zip_that_leaves_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnsafePackage, match="path inside|leaves"):
        read_package(write_zip(tmp_path / "bad.zip", {**make_files(), name: b"x"}))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    with pytest.raises(UnsafePackage, match="times its size"):
        read_package(write_zip(tmp_path / "bomb.zip", {**make_files(), "media/x.png": bytes(5_000_000)}))


def test_too_many_and_too_large_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_zip(tmp_path / "work.zip", make_files())
    monkeypatch.setattr(files, "MAX_FILES", 2)
    with pytest.raises(UnsafePackage, match="at most 2"):
        read_package(path)
    monkeypatch.setattr(files, "MAX_FILES", 100)
    monkeypatch.setattr(files, "MAX_BYTES", 100)
    with pytest.raises(UnsafePackage, match="larger than 100"):
        read_package(path)


def test_a_folder_does_not_follow_links_out_of_it(tmp_path: Path) -> None:
    folder, secret = tmp_path / "work", tmp_path / "secret"
    folder.mkdir()
    secret.write_text("key")
    (folder / "link.txt").symlink_to(secret)
    with pytest.raises(UnsafePackage, match="outside"):
        read_package(folder)


def test_what_is_neither_folder_nor_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "work.txt").write_text("no")
    with pytest.raises(PackageError, match="neither a folder nor a zip"):
        read_package(tmp_path / "work.txt")
    with pytest.raises(MissingFile, match="no such folder"):
        read_package(tmp_path / "nothing")


def test_entities_and_document_types_are_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + make_item("<p>&a;</p>")
    with pytest.raises(BrokenXml, match="items/task-01.xml.*document type"):
        make_package({"task-01": bomb})


def test_broken_xml_names_its_file() -> None:
    with pytest.raises(BrokenXml) as caught:
        make_package({"task-01": b"<qti-assessment-item>"})
    assert caught.value.file == "items/task-01.xml"


def test_a_page_named_as_an_item_is_refused() -> None:
    with pytest.raises(PackageError, match="items/task-01.xml:1: <html>: is not a QTI 3 item"):
        make_package({"task-01": b"<html><body/></html>"})


def test_a_manifest_names_files_that_exist() -> None:
    files = make_files()
    del files["items/task-01.xml"]
    with pytest.raises(MissingFile, match="imsmanifest.xml:1: <resource>: items/task-01.xml"):
        build_package("sample", files)


def test_a_manifest_of_another_kind_is_refused() -> None:
    files = {**make_files(), "imsmanifest.xml": b"<manifest/>"}
    with pytest.raises(PackageError, match="is not a manifest"):
        build_package("sample", files)


@pytest.mark.parametrize("missing", ["imsmanifest.xml", "assessment.json"])
def test_manifest_and_assessment_must_be_there(missing: str) -> None:
    files = make_files()
    del files[missing]
    with pytest.raises(MissingFile, match=missing):
        build_package("sample", files)


def test_an_assessment_with_a_wrong_field_says_which() -> None:
    with pytest.raises(PackageError, match=r"assessment.json: .*positions\[0\].points"):
        make_package(assessment=make_assessment([make_position(points=1)]) | {"positions": [make_position(points="x")]})
