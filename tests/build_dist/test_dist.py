"""A dist folder knows what it lacks: by the markers of the machine it is for, and by digests."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from build_dist.building import MADE_BY_SETUP, ROOT, DistIncomplete, check_own_wheel
from build_dist.closure import find_closure, read_wheels
from build_dist.manifest import SUMS, NameNotAllowed, find_differences, write_manifest
from build_dist.proving import prove_dist
from build_dist.relist import main as relist
from build_dist.targets import TARGETS, Target
from testing_server.contracts.handout import MANIFEST, BadHandout, choose_files, read_handout
from tests.build_dist.builders import make_wheel

LINUX, WINDOWS = Target("linux", "3.11"), Target("win_amd64", "3.13")


def test_requirements_are_followed_by_the_markers_of_the_target(tmp_path: Path) -> None:
    make_wheel(tmp_path, "seat", requires=(
        "colours; sys_platform == 'win32'", "sound[fast]>=2", "old; python_version < '3.9'"))
    make_wheel(tmp_path, "sound", "2.1", requires=("speed; extra == 'fast'", "papers; extra == 'docs'"))
    make_wheel(tmp_path, "speed")
    here, there = (find_closure(read_wheels(tmp_path), ["seat"], one) for one in (LINUX, WINDOWS))
    assert not here.missing and here.used == {
        "seat-1.0-py3-none-any.whl", "sound-2.1-py3-none-any.whl", "speed-1.0-py3-none-any.whl"}
    assert list(there.missing) == ['colours; sys_platform == "win32"'] and set(there.missing.values()) == {"seat"}


def test_a_wheel_of_another_machine_does_not_answer(tmp_path: Path) -> None:
    make_wheel(tmp_path, "seat", requires=("native",))
    make_wheel(tmp_path, "native", "1.0", "cp311-cp311-manylinux_2_17_x86_64")
    make_wheel(tmp_path, "native", "0.9", "cp312-abi3-win_amd64")
    make_wheel(tmp_path, "native", "3.0", "cp313-cp313-win_amd64", python=">=3.14")
    wheels = read_wheels(tmp_path)
    assert "native-1.0-cp311-cp311-manylinux_2_17_x86_64.whl" in find_closure(wheels, ["seat"], LINUX).used
    assert "native-0.9-cp312-abi3-win_amd64.whl" in find_closure(wheels, ["seat"], WINDOWS).used
    assert find_closure(wheels, ["seat"], Target("win_amd64", "3.11")).missing == {"native": "seat"}
    assert find_closure(wheels, ["native>=2"], LINUX).missing == {"native>=2": ""}


def test_the_manifest_lists_every_file_with_its_digest_and_who_needs_it(tmp_path: Path) -> None:
    wheel, python = make_wheel(tmp_path, "seat"), tmp_path / "python-3.12.7-amd64.exe"
    python.write_bytes(b"MZ")
    handout = write_manifest(tmp_path, "1.0", {LINUX.name: {wheel.name}, WINDOWS.name: set()})
    assert [file.name for file in choose_files(handout, LINUX.name)] == [wheel.name]
    assert choose_files(handout, WINDOWS.name) == [] and len(handout.files) == 2
    assert find_differences(tmp_path) == []
    assert wheel.name in (tmp_path / SUMS).read_text() and "manifest.json" in (tmp_path / SUMS).read_text()


def test_a_file_for_people_is_listed_later_without_forgetting_who_needs_what(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "seat")
    write_manifest(tmp_path, "1.0", {LINUX.name: {wheel.name}})
    (tmp_path / "python-3.12.7-amd64.exe").write_bytes(b"MZ")
    assert CliRunner().invoke(relist, [str(tmp_path)]).exit_code == 0
    handout = read_handout((tmp_path / MANIFEST).read_bytes())
    assert {file.name: file.targets for file in handout.files} == {
        wheel.name: [LINUX.name], "python-3.12.7-amd64.exe": []}
    assert find_differences(tmp_path) == []


def test_a_changed_a_missing_and_a_foreign_file_are_named(tmp_path: Path) -> None:
    changed, gone = make_wheel(tmp_path, "changed"), make_wheel(tmp_path, "gone")
    write_manifest(tmp_path, "1.0", {})
    changed.write_bytes(changed.read_bytes()[:-1] + b"!")
    gone.unlink()
    (tmp_path / "foreign.whl").write_bytes(b"")
    assert find_differences(tmp_path) == [changed.name, "foreign.whl", gone.name]
    with pytest.raises(DistIncomplete, match="digests"):
        prove_dist(tmp_path, lambda text: None, ())


def test_a_folder_that_lacks_a_requirement_is_not_proven(tmp_path: Path) -> None:
    make_wheel(tmp_path, "testing-server", requires=("absent",))
    write_manifest(tmp_path, "1.0", {})
    with pytest.raises(DistIncomplete, match="absent"):
        prove_dist(tmp_path, lambda text: None, (LINUX,))


def test_a_wheel_built_before_set_up_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DistIncomplete, match="kiosk.js"):
        check_own_wheel(make_wheel(tmp_path, "testing-server"))


def test_what_must_be_inside_is_what_set_up_makes() -> None:
    assert [name for name in MADE_BY_SETUP if not (ROOT / name).exists()] == []


def test_names_that_a_workstation_would_refuse_are_refused_here(tmp_path: Path) -> None:
    (tmp_path / "установка.exe").write_bytes(b"")
    with pytest.raises(NameNotAllowed):
        write_manifest(tmp_path, "1.0", {})


@pytest.mark.parametrize("name", ["../evil", "a/b", ".hidden", "", "a\\b", "x" * 201])
def test_a_manifest_cannot_lead_out_of_its_folder(name: str) -> None:
    told = {"format": "handout/1", "version": "1.0", "protocol": ["1.0", "1.0"],
            "files": [{"name": name, "sha256": "0" * 64, "bytes": 1}]}
    with pytest.raises(BadHandout):
        read_handout(msgspec.json.encode(told))


@pytest.mark.parametrize("change", [{"format": "handout/2"}, {"version": "1 && rm"}, {"files": [{"name": "a"}]},
                                    {"files": [{"name": "a", "sha256": "0" * 64, "bytes": 1}] * 2}])
def test_a_manifest_of_another_form_is_refused(change: dict[str, object]) -> None:
    told = {"format": "handout/1", "version": "1.0", "protocol": ["1.0", "1.0"], "files": [], **change}
    with pytest.raises(BadHandout):
        read_handout(msgspec.json.encode(told))


def test_every_target_has_tags_of_its_own() -> None:
    assert len({target.name for target in TARGETS}) == 6
    assert not set(LINUX.platforms) & set(WINDOWS.platforms)
