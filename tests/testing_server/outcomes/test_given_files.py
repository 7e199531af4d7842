"""Files a candidate gave, on their way into the file of an appeal: safe names, true bytes, not too many."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from testing_server.contracts.canonical import sha256_hex
from testing_server.exam_day.appeals.queries import Proof, ProvenFile
from testing_server.foundation.files.store import FolderStore
from testing_server.outcomes.individual.given_files import Place, collect_files, name_inside, name_marked

DATA = b"a picture"
DIGEST = sha256_hex(DATA)


def make_proof(*names: str, sha256: str = DIGEST) -> Proof:
    return Proof("attempt", "12345", "1", "sitting", "finished", None, {}, [], 3, 0, "", files=[
        ProvenFile("i1", sha256, len(DATA), "image/png", name, True) for name in names])


def mark_content(sha256: str = DIGEST, name: str = "answer.png") -> dict[str, Any]:
    return {"files": [{"sha256": sha256, "type": "image/png"}], "responses": {"FILE": f"{sha256} 9 image/png {name}"}}


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    found = FolderStore(tmp_path)
    found.add(DATA)
    return found


@pytest.mark.parametrize(("name", "extension"), [
    ("answer.png", "png"), ("answer.PDF", "pdf"), ("answer.exe", "bin"), ("answer.html", "bin"), ("answer.svg", "bin"),
    ("answer.docm", "bin"), ("answer", "bin"), ("", "bin"), ("..", "bin"), ("a/../../x.png", "png"), ("x.p/ng", "bin")])
def test_a_name_inside_is_safe_whatever_was_given(name: str, extension: str) -> None:
    assert name_inside(DIGEST, name) == (f"files/{DIGEST}.{extension}", extension)


def test_a_proven_file_and_a_marked_one_are_packed_once(store: FolderStore) -> None:
    found, packed = collect_files(store, make_proof("answer.png"), [mark_content()])
    assert packed == {f"files/{DIGEST}.png": DATA}
    assert found[DIGEST].place is Place.PACKED and found[DIGEST].is_proven and found[DIGEST].is_picture
    other, _ = collect_files(store, make_proof(), [mark_content()])
    assert not other[DIGEST].is_proven, "no event under the receipt has it"


def test_what_is_not_there_or_is_another_is_said_and_left_out(store: FolderStore, tmp_path: Path) -> None:
    found, packed = collect_files(store, make_proof("answer.png", sha256="0" * 64), [])
    assert found["0" * 64].place is Place.MISSING and packed == {}
    path = store.path(DIGEST)
    path.chmod(0o600)
    path.write_bytes(b"something else")
    spoilt, packed = collect_files(store, make_proof("answer.png"), [])
    assert spoilt[DIGEST].place is Place.MISSING and packed == {}


def test_more_than_fits_is_said_and_left_out(store: FolderStore) -> None:
    second = store.add(b"another")
    proof = make_proof("answer.png")
    found, packed = collect_files(store, proof, [mark_content(second, "answer.txt")], most_bytes=len(DATA))
    assert sorted(one.place for one in found.values()) == [Place.PACKED, Place.TOO_LARGE] and len(packed) == 1


def test_a_text_that_looks_like_a_reference_names_no_file() -> None:
    assert name_marked({"files": [], "responses": {"TEXT": f"{DIGEST} 9 image/png answer.png"}}) == {}
    assert name_marked({"responses": {"TEXT": ["a", "b"]}}) == {}
