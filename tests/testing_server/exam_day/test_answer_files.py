"""A file as an answer: pieces in order, whole by its digest, awaited by the balance, carried by the package."""
from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from testing_server.contracts.events import BadEvent
from testing_server.contracts.file_answers import MAX_FILE_BYTES, FileReference, name_file, read_reference, read_type
from testing_server.exam_day.packages.rules import SoundMissing
from testing_server.exam_day.responses.answer_files import list_answer_files, write_off_file
from testing_server.exam_day.responses.parts import PART_LIMIT
from testing_server.exam_day.responses.pieces import answer_file_path
from testing_server.foundation.refusals import NotFound
from tests.testing_server.exam_day.builders import Classroom
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk
from tests.testing_server.exam_day.test_packages import done_room, read_tar, settle

__all__ = ["done_room"]
DATA = bytes(range(256)) * 1200
SHA256 = hashlib.sha256(DATA).hexdigest()


def put_all(kiosk: FakeKiosk, data: bytes = DATA, step: int = 100_000) -> int:
    sha256, durable = hashlib.sha256(data).hexdigest(), 0
    for offset in range(0, len(data), step):
        answer = kiosk.put_piece(sha256, offset, len(data), data[offset:offset + step])
        assert answer.status == 200, answer.json
        durable = answer.json["durable_bytes"]
    return durable


def test_pieces_make_the_file_whole(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    assert kiosk.put_piece(SHA256, 0, len(DATA), b"").json == {"durable_bytes": 0}
    assert put_all(kiosk) == len(DATA)
    assert answer_file_path(open_room.data, kiosk.attempt, SHA256).read_bytes() == DATA
    assert put_all(kiosk) == len(DATA), "a repeat is harmless"


def test_a_piece_out_of_order_is_told_where_to_go_on(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    assert kiosk.put_piece(SHA256, 0, len(DATA), DATA[:1000]).json == {"durable_bytes": 1000}
    for offset in (0, 500, 2000):
        assert kiosk.put_piece(SHA256, offset, len(DATA), DATA[offset:offset + 1000]).json == {"durable_bytes": 1000}
    assert kiosk.put_piece(SHA256, 1000, len(DATA), DATA[1000:]).status in (200, 413)


@pytest.mark.parametrize(("sha256", "offset", "length", "body", "status"), [
    ("0" * 64, 0, 4, b"data", 422), ("x", 0, 4, b"data", 400), (SHA256, -1, 4, b"data", 400),
    (SHA256, 0, MAX_FILE_BYTES + 1, b"data", 413), (SHA256, 0, PART_LIMIT * 2, bytes(PART_LIMIT + 1), 413)])
def test_bad_pieces_are_refused_and_leave_nothing(open_room: Classroom, sha256: str, offset: int, length: int,
                                                  body: bytes, status: int) -> None:
    kiosk = open_room.seat(0)
    assert kiosk.put_piece(sha256, offset, length, body).status == status
    assert not [path for path in (open_room.data / "answer-files").rglob("*") if path.is_file()]


def test_without_a_token_nothing_is_taken(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    kiosk.token = ""
    assert kiosk.put_piece(SHA256, 0, len(DATA), DATA[:10]).status == 401


def test_the_balance_waits_for_a_file_and_the_package_carries_it(done_room: Classroom, tmp_path: Path) -> None:
    kiosk = done_room.kiosks[0]
    kiosk.keep_file("i1", "r9", DATA)
    settle(done_room)
    with pytest.raises(SoundMissing) as refused:
        done_room.close_room()
    assert refused.value.details["codes"] == [kiosk.seated["code"]]
    put_all(kiosk)
    settle(done_room)
    done_room.settle_balance()
    package = done_room.pack()
    done_room.run_jobs()
    with read_tar(done_room, package, tmp_path) as tar:
        member = tar.extractfile(f"files/{SHA256}")
        assert member is not None and member.read() == DATA
        manifest = json.loads(tar.extractfile("manifest.json").read())  # type: ignore[union-attr]
    file, = manifest["files"]
    assert (file["attempt"], file["sha256"], file["bytes"], file["state"]) == (
        kiosk.attempt, SHA256, len(DATA), "whole")


def test_a_lost_file_is_written_off_with_a_reason(done_room: Classroom, tmp_path: Path) -> None:
    kiosk = done_room.kiosks[0]
    kiosk.keep_file("i1", "r9", DATA)
    settle(done_room)
    done_room.write(lambda session: write_off_file(session, 1, kiosk.attempt, SHA256, "диск сгорел", "organizer"))
    with pytest.raises(NotFound):
        done_room.write(lambda session: write_off_file(session, 1, kiosk.attempt, SHA256, "ещё раз", "organizer"))
    done_room.close_room()
    package = done_room.pack()
    done_room.run_jobs()
    with read_tar(done_room, package, tmp_path) as tar:
        assert f"files/{SHA256}" not in tar.getnames()
        manifest = json.loads(tar.extractfile("manifest.json").read())  # type: ignore[union-attr]
    assert manifest["files"][0]["state"] == "written_off"
    with done_room.services.storage.read() as session:
        assert list_answer_files(session, [kiosk.attempt])[0].reason == "диск сгорел"


def test_a_reference_is_read_as_it_was_written() -> None:
    reference = FileReference(SHA256, 12, "image/png", "answer file.png")
    assert read_reference(str(reference)) == reference


@pytest.mark.parametrize("text", [
    "", "hello", SHA256, f"{SHA256} 12 image/png", f"{SHA256} x image/png a.png", f"{SHA256} 12 png a.png",
    f"{SHA256} 12 image/png ../../etc/passwd", f"{SHA256.upper()} 12 image/png a.png",
    f"{SHA256} 12 image/png a\n.png"])
def test_other_texts_are_no_references(text: str) -> None:
    assert read_reference(text) is None


@pytest.mark.parametrize(("given", "kept"), [
    ("Иванов Петя.PNG", "answer.png"), ("noextension", "answer"), ("", "answer"), ("a.b.tar.gz", "answer.gz"),
    ("evil.p/ng", "answer"), ("x.имя", "answer"), ("x." + "a" * 20, "answer")])
def test_the_candidates_name_of_a_file_is_never_kept(given: str, kept: str) -> None:
    assert name_file(given) == kept


def test_media_types_lose_their_parameters() -> None:
    assert read_type("image/PNG; charset=x") == "image/png"
    assert read_type("not a type") == read_type("") == "application/octet-stream"


def test_an_event_without_its_fields_is_refused(open_room: Classroom) -> None:
    with pytest.raises(BadEvent):
        open_room.seat(0).write("file_kept", item="i1", response="r1", sha256=SHA256)


def test_a_whole_file_is_given_to_the_seat_that_knows_its_digest(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    assert kiosk.files is not None
    address = f"/v1/files/{kiosk.attempt}/{SHA256}"
    kiosk.put_piece(SHA256, 0, len(DATA), DATA[:1000])
    assert kiosk.files.ask("GET", address, token=kiosk.token).status == 404
    kiosk.put_piece(SHA256, 1000, len(DATA), DATA[1000:100_000])
    kiosk.put_piece(SHA256, 100_000, len(DATA), DATA[100_000:200_000])
    kiosk.put_piece(SHA256, 200_000, len(DATA), DATA[200_000:])
    assert kiosk.files.ask("GET", address, token=kiosk.token).body == DATA
    assert kiosk.files.ask("GET", address).status == 401
    assert kiosk.files.ask("GET", f"/v1/files/{kiosk.attempt}/x", token=kiosk.token).status == 400
