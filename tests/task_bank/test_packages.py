"""Packages of other makers. The folders beside this file are the specification: packages/{valid,invalid}/<name>/
hold a package, what the import prints of it with its exit code (expected.txt), and the work that is made of a test
(work.txt). Archives that no folder can show are made by broken_archives."""
import json
import os
import subprocess
import sys
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from task_bank.cli import main
from task_bank.items import AssessmentPackage, PackageError, build_package
from task_bank.items.check import check_package
from task_bank.items.facts import best_answers
from task_bank.packages import NoAssessment, Wishes, import_package, open_for_view, open_package
from task_bank.packages.bank import HIDDEN, list_entries
from task_bank.packages.contents import read_content
from task_bank.scoring import restore_responses, score_item
from task_bank.variants import assemble, deliver
from tests.task_bank.broken_archives import ARCHIVES, MEGABYTE, make_nothing, write_zip
from tests.task_bank.builders import make_assessment, make_files, make_position

PACKAGES = Path(__file__).parent / "packages"
VALID = sorted(path.parent.name for path in PACKAGES.glob("valid/*/expected.txt"))
INVALID = sorted(path.parent.name for path in PACKAGES.glob("invalid/*/expected.txt"))
WORKS = sorted(path.parent.name for path in PACKAGES.glob("valid/*/work.txt"))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def find_package(kind: str, name: str, folder: Path) -> Path:
    if name in ARCHIVES:
        return ARCHIVES[name](folder / "work.zip")
    return PACKAGES / kind / name / "package"


def describe_import(path: Path, hide: Path) -> str:
    result = run("import", path)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.output.replace(str(hide), "…") + f"exit {result.exit_code}\n"


@pytest.mark.parametrize("kind, name", [*(("valid", name) for name in VALID), *(("invalid", name) for name in INVALID)])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_package_is_judged_as_its_folder_says(kind: str, name: str, tmp_path: Path) -> None:
    expected = (PACKAGES / kind / name / "expected.txt").read_text(encoding="utf-8")
    assert describe_import(find_package(kind, name, tmp_path), tmp_path) == expected


def test_every_example_has_its_expectation() -> None:
    folders = {path.name for path in PACKAGES.glob("*/*")}
    assert folders == {*VALID, *INVALID} and set(ARCHIVES) <= set(INVALID)
    assert all((PACKAGES / "invalid" / name / "package").is_dir() for name in set(INVALID) - set(ARCHIVES))


def describe_work(package: AssessmentPackage) -> str:
    work = package.assessment
    lines = [f"{work.duration_s} s, {work.total_points} points, {work.content_language}"]
    for part in work.parts:
        lines.append(f"part {part.id}: {part.positions} {part.time_s} s, {part.navigation}")
    for one in work.positions:
        extra = [f"{one.time_s} s" if one.time_s else "", f"together {one.together!r}" if one.together else ""]
        place = f"{one.number}. {one.kind}, {one.points} points: {' | '.join(one.pool)}"
        lines.append("; ".join([place, *filter(None, extra)]))
    return "\n".join([*lines, *work.data.get("instruction", {}).get("ru", [])]) + "\n"


@pytest.mark.parametrize("name", WORKS)
def test_a_test_becomes_the_work_its_folder_describes(name: str) -> None:
    package = open_package(PACKAGES / "valid" / name / "package")
    assert describe_work(package) == (PACKAGES / "valid" / name / "work.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", VALID)
def test_a_foreign_package_is_checked_assembled_delivered_and_scored(name: str) -> None:
    package = open_package(PACKAGES / "valid" / name / "package")
    assert [one for one in check_package(package) if one.severity == "error"] == []
    for variant in assemble(package.assessment, "school", 2, seed=1):
        assert len(set(variant.items)) == len(variant.items)
        delivery = deliver(package, variant, seed=2)
        for key, position in zip(delivery.keys_json["items"], package.assessment.positions, strict=True):
            xml = package.scoring_xml(key["item"])
            right = {opaque: name_answer(key, best_answers(package.items[key["item"]].root).get(original))
                     for opaque, original in key["responses"].items()}
            if position.criteria is None:
                assert score_item(xml, restore_responses(key, right, xml))["SCORE"] == position.points
                assert score_item(xml, {})["SCORE"] == 0


def name_answer(key: dict[str, dict[str, str]], answer: object) -> str | None:
    return next((opaque for opaque, original in key["identifiers"].items() if original == answer), None)


def test_a_folder_and_a_zip_of_it_are_one_package(tmp_path: Path) -> None:
    folder = PACKAGES / "valid" / "shared-text" / "package"
    content = read_content(folder)
    packed = read_content(write_zip(tmp_path / "other name.zip", dict(content.files)))
    assert packed.digest == content.digest


def test_an_import_keeps_every_byte_and_is_the_same_when_repeated(tmp_path: Path) -> None:
    source, bank = PACKAGES / "valid" / "files-nobody-lists" / "package", tmp_path / "bank"
    first, again = run("import", source, "--into", bank), run("import", source, "--into", bank)
    assert (first.exit_code, again.exit_code) == (0, 0) and "уже в банке" in again.output
    [entry] = list_entries(bank)
    assert read_content(entry / "package").files == read_content(source).files
    report = json.loads((entry / "import.json").read_bytes())
    assert [item["id"] for item in report["items"]] == ["one"] and report["refused"] == []
    assert open_package(entry).assessment.positions[0].pool == ["one"]


def test_one_bad_item_does_not_keep_the_others_out_unless_asked_to(tmp_path: Path) -> None:
    source, bank = PACKAGES / "invalid" / "item-is-adaptive" / "package", tmp_path / "bank"
    refused = run("import", source, "--into", bank, "--all-or-nothing")
    assert refused.exit_code == 1 and "Пакет не принят." in refused.output and not list(tmp_path.glob("bank/*"))
    partly = run("import", source, "--into", bank)
    assert partly.exit_code == 3 and "принято: 1, отклонено файлов: 1" in partly.output
    [entry] = list_entries(bank)
    assert (entry / "package/items/one.xml").exists() and list(open_package(entry).items) == ["two"]
    checked = run("check", entry)
    said = "warning: items/one.xml:1: <qti-assessment-item>: refused at import"
    assert checked.exit_code == 0 and said in checked.output


def test_a_test_that_makes_no_work_still_shows_its_items(tmp_path: Path) -> None:
    source = PACKAGES / "invalid" / "test-with-a-branch" / "package"
    with pytest.raises(NoAssessment, match="test.xml:6: <qti-branch-rule>: branching is not supported"):
        open_package(source)
    assert list(open_for_view(source).package.items) == ["one", "two"]
    assert run("check", source).exit_code == 1
    assert run("assemble", source, "--school", "s", "--count", 1, "--seed", 1).exit_code == 1


def test_one_of_several_tests_is_chosen_by_its_name() -> None:
    source = PACKAGES / "invalid" / "test-is-not-the-only-one" / "package"
    assert open_package(source, "second").assessment.id == "second"
    assert run("import", source, "--test", "second").exit_code == 0


def test_the_work_in_the_bank_may_be_edited_and_is_used(tmp_path: Path) -> None:
    [entry] = import_into(tmp_path, "test-selects-one-of-four")
    path = entry / "assessment.json"
    data = json.loads(path.read_bytes())
    path.write_text(json.dumps({**data, "scale": [{"mark": 2, "from": 0}, {"mark": 5, "from": 1}]}))
    assert open_package(entry).assessment.scale[1]["mark"] == 5


def test_100_mb_of_nothing_cost_neither_time_nor_memory(tmp_path: Path) -> None:
    path = make_nothing(tmp_path / "nothing.zip")
    tracemalloc.start()
    began = time.perf_counter()
    with pytest.raises(PackageError, match="is larger than"):
        import_package(path, tmp_path / "bank")
    seconds, (_, most) = time.perf_counter() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < MEGABYTE and seconds < 1 and not (tmp_path / "bank").exists()


KILLED = """
import os, sys
from pathlib import Path
from task_bank.packages import import_package
written, fsync = [], os.fsync
def count(number):
    written.append(number)
    if len(written) == int(sys.argv[3]):
        os.kill(os.getpid(), 9)
    fsync(number)
os.fsync = count
import_package(Path(sys.argv[1]), Path(sys.argv[2]))
"""


@pytest.mark.parametrize("files", [1, 3, 6])
def test_a_killed_import_leaves_nothing_that_looks_like_a_package(tmp_path: Path, files: int) -> None:
    source, bank = PACKAGES / "valid" / "test-of-one-section" / "package", tmp_path / "bank"
    done = subprocess.run([sys.executable, "-c", KILLED, str(source), str(bank), str(files)], check=False)
    assert done.returncode == -9 and list_entries(bank) == []
    assert all(path.name.startswith(HIDDEN) for path in bank.iterdir())
    assert run("import", source, "--into", bank).exit_code == 0
    [entry] = list_entries(bank)
    assert read_content(entry / "package").files == read_content(source).files


def test_a_file_that_left_the_bank_is_missed(tmp_path: Path) -> None:
    [entry] = import_into(tmp_path, "one-item")
    (entry / "package/items/one.xml").unlink()
    with pytest.raises(PackageError, match="imsmanifest.xml:8: <resource>: items/one.xml is not in the package"):
        open_package(entry)


def import_into(folder: Path, name: str) -> list[Path]:
    imported = import_package(PACKAGES / "valid" / name / "package", folder / "bank", Wishes())
    assert imported.folder is not None
    return list_entries(folder / "bank")


def test_an_archive_written_elsewhere_reads_too(tmp_path: Path) -> None:
    """Folders of their own, stored and packed files mixed, a comment: as archivers write them."""
    path = tmp_path / "work.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.comment = b"made by hand"
        archive.writestr(zipfile.ZipInfo("items/"), b"")
        for name, data in read_content(PACKAGES / "valid" / "one-item" / "package").files.items():
            archive.writestr(name, data, zipfile.ZIP_DEFLATED if name.startswith("items") else zipfile.ZIP_STORED)
    assert list(open_package(path).items) == ["one"]


def list_spoilt() -> list[tuple[str, bytes]]:
    source = read_content(PACKAGES / "valid" / "test-in-parts-with-times" / "package")
    return [(path, source.files[path]) for path in ("imsmanifest.xml", "test.xml", "items/one.xml")]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10_000), st.binary(max_size=8), st.sampled_from(list_spoilt()), st.booleans())
def test_whatever_a_file_holds_it_is_judged_and_nothing_falls(
    tmp_path: Path, place: int, piece: bytes, file: tuple[str, bytes], cut: bool
) -> None:
    name, data = file
    place %= len(data)
    files = dict(read_content(PACKAGES / "valid" / "test-in-parts-with-times" / "package").files)
    files[name] = data[:place] + piece + (b"" if cut else data[place + len(piece):])
    judge(write_zip(tmp_path / "work.zip", files))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 10_000), piece=st.binary(min_size=1, max_size=4))
def test_whatever_an_archive_holds_it_is_judged_and_nothing_falls(tmp_path: Path, place: int, piece: bytes) -> None:
    source = read_content(PACKAGES / "valid" / "shared-text" / "package")
    path = write_zip(tmp_path / "work.zip", dict(source.files))
    data = path.read_bytes()
    place %= len(data)
    path.write_bytes(data[:place] + piece + data[place + len(piece):])
    judge(path)


def judge(path: Path) -> None:
    """Either a report or a refusal, nothing else."""
    try:
        import_package(path, None)
        open_package(path)
    except PackageError as refusal:
        assert str(refusal)


def test_what_a_killed_import_left_is_removed_a_day_later(tmp_path: Path) -> None:
    old, new = tmp_path / "bank" / f"{HIDDEN}old", tmp_path / "bank" / f"{HIDDEN}new"
    for path in (old, new):
        path.mkdir(parents=True)
    os.utime(old, (0, 0))
    import_into(tmp_path, "one-item")
    assert not old.exists() and new.exists()


@pytest.mark.parametrize("name", ["../../slots", "a/b", ""])
def test_a_work_is_named_so_that_its_name_can_name_files(name: str) -> None:
    files = make_files(assessment=make_assessment([make_position()], id=name))
    with pytest.raises(PackageError, match="assessment.json: id .* holds other than letters"):
        build_package("work", files)
