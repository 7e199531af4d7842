"""What was imported leaves as it came: the same bytes, a manifest that lists them all, the same zip every time."""
import re
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from lxml import etree

from task_bank.cli import main
from task_bank.items.files import read_files
from task_bank.items.manifest import MANIFEST, read_manifest
from task_bank.items.package import ASSESSMENT
from task_bank.packages import UnknownItem, export_package, import_package, open_package
from task_bank.packages.references import close_over, list_references
from tests.task_bank.builders import make_files
from tests.task_bank.test_cli import write_package
from tests.task_bank.test_packages import PACKAGES, VALID

SAMPLES = Path(__file__).parents[2] / "task_bank" / "samples"
SOURCES = [*(PACKAGES / "valid" / name / "package" for name in VALID),
           *(SAMPLES / name for name in ("english_grade_7", "metapredmet"))]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.parent.name if path.name == "package" else path.name)
def test_what_is_imported_is_exported_the_same(source: Path, tmp_path: Path) -> None:
    bank, first, second = tmp_path / "bank", tmp_path / "first.zip", tmp_path / "second.zip"
    assert run("import", source, "--into", bank).exit_code == 0
    assert run("export", bank, "--to", first).exit_code == 0
    export_package(source, second)
    assert first.read_bytes() == second.read_bytes()
    before, after = read_files(source), read_files(first)
    assert drop_manifest(after) == drop_manifest(before)
    manifest = read_manifest(after[MANIFEST], after)
    assert set(manifest.kinds()) == set(after) - {MANIFEST}
    for name, known in read_manifest(before[MANIFEST], before).resources.items():
        now = manifest.resources[name]
        assert (now.type, now.path) == (known.type, known.path)
        assert set(known.files) <= set(now.files) and set(known.dependencies) <= set(now.dependencies)
    again = import_package(first, None).report
    assert [item.sha256 for item in again.items] == [item.sha256 for item in import_package(source, None).report.items]


def drop_manifest(files: dict[str, bytes]) -> dict[str, bytes]:
    return {path: data for path, data in files.items() if path != MANIFEST}


def test_a_manifest_that_lists_everything_leaves_byte_for_byte(tmp_path: Path) -> None:
    export_package(SAMPLES / "metapredmet", tmp_path / "out.zip")
    assert read_files(tmp_path / "out.zip")[MANIFEST] == (SAMPLES / "metapredmet" / MANIFEST).read_bytes()


def test_a_manifest_is_mended_and_keeps_what_others_wrote_into_it(tmp_path: Path) -> None:
    source = PACKAGES / "valid" / "metadata-of-others" / "package"
    files = read_files(source) | {"notes/list #1.txt": b"A note"}
    export_package(write_package(tmp_path / "work", files), tmp_path / "out.zip")
    after = read_files(tmp_path / "out.zip")
    assert b"a book about birds" in after[MANIFEST] and b'href="notes/list%20%231.txt"' in after[MANIFEST]
    assert read_manifest(after[MANIFEST], after).kinds()["notes/list #1.txt"] == "webcontent"


def test_needed_files_become_dependencies_of_who_needs_them(tmp_path: Path) -> None:
    source = PACKAGES / "valid" / "shared-text" / "package"
    files = dict(read_files(source))
    files[MANIFEST] = re.sub(rb"\s*<dependency[^>]*>", b"", files[MANIFEST])
    export_package(write_package(tmp_path / "work", files), tmp_path / "out.zip")
    after = read_files(tmp_path / "out.zip")
    assert read_manifest(after[MANIFEST], after).resources["items-one"].dependencies == ("stimuli-owls",)


def test_some_items_leave_with_all_they_need_and_nothing_else(tmp_path: Path) -> None:
    done = run("export", SAMPLES / "metapredmet", "--to", tmp_path / "two.zip", "--items", "city-06,fair-02")
    assert done.exit_code == 0, done.output
    after = read_files(tmp_path / "two.zip")
    assert {"items/city-06.xml", "items/fair-02.xml", "stimuli/fair-text.xml"} < set(after)
    assert not any("railway" in path or "reserve" in path for path in after)
    assert ASSESSMENT not in after and "assessment-test.xml" not in after
    assert set(read_manifest(after[MANIFEST], after).kinds()) == set(after) - {MANIFEST}
    assert list(open_package(tmp_path / "two.zip").items) == ["city-06", "fair-02"]


def test_an_item_nobody_has_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownItem, match="has no item gone"):
        export_package(SAMPLES / "metapredmet", tmp_path / "out.zip", ["gone", "city-01"])
    assert not list(tmp_path.iterdir())


def test_a_bank_of_several_packages_asks_which(tmp_path: Path) -> None:
    for name in ("one-item", "shared-text"):
        run("import", PACKAGES / "valid" / name / "package", "--into", tmp_path / "bank")
    refused = run("export", tmp_path / "bank", "--to", tmp_path / "out.zip")
    assert refused.exit_code == 1 and "holds several packages, name one: package-" in refused.output


def test_a_zip_is_plain_and_tells_nothing_of_who_made_it(tmp_path: Path) -> None:
    export_package(PACKAGES / "valid" / "files-nobody-lists" / "package", tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        entries = archive.infolist()
    assert entries[0].filename == MANIFEST and len({entry.date_time for entry in entries}) == 1
    assert {entry.external_attr >> 16 for entry in entries} == {0o644}


def test_speaking_leaves_as_an_upload_with_its_time_where_it_is_asked_for(tmp_path: Path) -> None:
    source = SAMPLES / "english_grade_7"
    assert run("export", source, "--to", tmp_path / "out.zip", "--fallback").exit_code == 0
    before, after = read_files(source), read_files(tmp_path / "out.zip")
    changed = {path for path in after if path in before and before[path] != after[path]}
    speaking = {f"items/{kind}-0{number}.xml" for kind in ("photo", "reading-aloud") for number in (1, 2, 3, 4)}
    assert changed == speaking | {MANIFEST, "assessment-test.xml"} and set(before) - set(after) == {ASSESSMENT}
    root = etree.fromstring(after["items/reading-aloud-01.xml"])
    assert next(root.iter("{*}qti-portable-custom-interaction"), None) is None
    upload = next(root.iter("{*}qti-upload-interaction"))
    assert upload.get("response-identifier") == "RECORDING" and "90" in "".join(upload.itertext())
    test = etree.fromstring(after["assessment-test.xml"])
    limits = {node.get("identifier"): [one.get("max-time") for one in node.iter("{*}qti-time-limits")]
              for node in test.iter("{*}qti-assessment-item-ref")}
    assert limits["reading-aloud-01"] == ["180"] and limits["grammar-01"] == []
    report = import_package(tmp_path / "out.zip", None).report
    assert report.is_whole and {item.kind for item in report.items} == {"written", "listening"}


def test_references_are_found_in_all_sorts_of_files() -> None:
    files = {
        "items/one.xml": b'<a href="two.xml"><img src="../media/owl%20one.svg"/><b href="ftp://x"/><c src="gone"/></a>',
        "items/two.xml": b'<a href="one.xml"/>', "media/owl one.svg": b'<svg><image href="paper.png"/></svg>',
        "media/paper.png": b"", "looks/a.css": b"p { background: url('../media/paper.png') }", "broken.xml": b"<a",
    }
    assert list_references("items/one.xml", files) == ["items/two.xml", "media/owl one.svg"]
    assert list_references("looks/a.css", files) == ["media/paper.png"] and list_references("broken.xml", files) == []
    assert close_over(["items/two.xml"], files) == {"items/one.xml", "items/two.xml", "media/owl one.svg",
                                                    "media/paper.png"}


def test_an_own_package_keeps_its_assessment(tmp_path: Path) -> None:
    source = write_package(tmp_path / "work", make_files())
    assert run("import", source, "--into", tmp_path / "bank").exit_code == 0
    assert run("export", tmp_path / "bank", "--to", tmp_path / "out.zip").exit_code == 0
    assert read_files(tmp_path / "out.zip")[ASSESSMENT] == make_files()[ASSESSMENT]
