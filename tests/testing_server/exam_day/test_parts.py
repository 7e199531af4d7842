"""Sound parts: kept at their offset, acknowledged when durable, both kept where they differ; bundles by range."""
import hashlib

import pyrage
import pytest
from hypothesis import given, strategies as st

from testing_server.exam_day.responses.parts import PART_LIMIT, RECORDING_LIMIT, sum_ranges
from testing_server.foundation.tokens import make_token
from tests.testing_server.exam_day.builders import MEDIUM, Classroom, make_speech
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk


@pytest.fixture
def kiosk(open_room: Classroom) -> FakeKiosk:
    return open_room.seat(0)


def test_parts_may_come_in_any_order_and_twice(kiosk: FakeKiosk) -> None:
    pcm = make_speech(1)
    assert kiosk.put_part(7, 1, 20_000, pcm[20_000:]).json == {"durable_bytes": 0, "missing": [[0, 20_000]]}
    assert kiosk.put_part(7, 0, 0, pcm[:20_000]).json == {"durable_bytes": len(pcm), "missing": []}
    assert kiosk.put_part(7, 0, 0, pcm[:20_000]).json["durable_bytes"] == len(pcm)


def test_other_sound_in_the_same_place_is_kept_aside(open_room: Classroom, kiosk: FakeKiosk) -> None:
    kiosk.put_part(7, 0, 0, b"\1\0" * 50)
    refused = kiosk.put_part(7, 0, 0, b"\2\0" * 50)
    assert (refused.status, refused.json["code"]) == (409, "part_conflict")
    folder = open_room.data / "recordings" / kiosk.attempt
    assert (folder / f"{kiosk.lease}-7.pcm").read_bytes() == b"\1\0" * 50
    assert [path.read_bytes() for path in (folder / "aside").iterdir()] == [b"\2\0" * 50]


def test_an_overlap_that_says_the_same_is_accepted(kiosk: FakeKiosk) -> None:
    kiosk.put_part(7, 0, 0, b"\1\0" * 50)
    assert kiosk.put_part(7, 1, 50, b"\1\0" * 50).json["durable_bytes"] == 150
    assert kiosk.put_part(7, 2, 100, b"\2\0" * 50).status == 409


@pytest.mark.parametrize(("offset", "body", "code"), [
    (0, b"", "bad_part"), (0, b"\0", "bad_part"), (1, b"\0\0", "bad_part"), (-2, b"\0\0", "bad_part"),
    (RECORDING_LIMIT, b"\0\0", "too_large"), (0, bytes(PART_LIMIT + 2), "too_large")])
def test_parts_that_are_none_are_refused(kiosk: FakeKiosk, offset: int, body: bytes, code: str) -> None:
    assert kiosk.put_part(7, 0, offset, body).json["code"] == code


def test_a_damaged_part_is_asked_for_again(kiosk: FakeKiosk) -> None:
    assert kiosk.files is not None
    wrong = hashlib.sha256(b"other").hexdigest()
    found = kiosk.files.ask("PUT", f"/v1/recordings/{kiosk.attempt}/{kiosk.lease}/7/parts/0?offset=0&sha256={wrong}",
                            token=kiosk.token, body=b"\0\0")
    assert (found.status, found.json["code"]) == (422, "digest_mismatch")


def test_a_strange_name_stays_outside_the_folder(open_room: Classroom, kiosk: FakeKiosk) -> None:
    assert kiosk.files is not None
    sha256 = hashlib.sha256(b"\0\0").hexdigest()
    found = kiosk.files.ask("PUT", f"/v1/recordings/..%2f..%2fx/1/7/parts/0?offset=0&sha256={sha256}",
                            token=kiosk.token, body=b"\0\0")
    assert found.status in (400, 404)
    assert not (open_room.data.parent / "x").exists()


@pytest.mark.parametrize("kind", ["", "school", "expired"])
def test_only_a_workstations_token_opens_the_files(open_room: Classroom, kiosk: FakeKiosk, kind: str) -> None:
    now_ms = open_room.clock.now_ms()
    ends = now_ms - 1 if kind == "expired" else now_ms + 1000
    kiosk.token = make_token(open_room.services.mac_key, "x", kind if kind == "school" else "workstation", ends) if (
        kind) else ""
    assert kiosk.put_part(7, 0, 0, b"\0\0").status == 401


def test_a_bundle_comes_by_range_and_opens_with_the_key_of_start(open_room: Classroom, kiosk: FakeKiosk) -> None:
    open_room.command("start")
    body = kiosk.fetch_directives()[0]["body"]
    (plain, bundle), = body["media"].items()
    assert kiosk.files is not None
    head = kiosk.files.ask("GET", f"/v1/bundles/{bundle}", token=kiosk.token, headers={"Range": "bytes=0-9"})
    tail = kiosk.files.ask("GET", f"/v1/bundles/{bundle}", token=kiosk.token, headers={"Range": "bytes=10-"})
    assert (head.status, tail.status) == (206, 206)
    key = pyrage.x25519.Identity.from_str(body["keys"][bundle])
    assert pyrage.decrypt(head.body + tail.body, [key]) == MEDIUM
    assert hashlib.sha256(MEDIUM).hexdigest() == plain


def test_no_plain_variant_leaves_before_the_start(open_room: Classroom, kiosk: FakeKiosk) -> None:
    assert kiosk.files is not None
    sent = b"".join(kiosk.files.ask("GET", f"/v1/bundles/{one['sha256']}", token=kiosk.token).body
                    for one in kiosk.seated["bundles"])
    assert sent.count(b"age-encryption.org/v1") == 2
    assert MEDIUM not in sent and "Вопрос".encode() not in sent


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=12))
def test_ranges_are_summed_as_a_set_of_bytes(ranges: list[tuple[int, int]]) -> None:
    covered = {byte for offset, length in ranges for byte in range(offset, offset + length)}
    durable = next(byte for byte in range(200) if byte not in covered)
    missing = {byte for start, end in sum_ranges(ranges).missing for byte in range(start, end)}
    assert sum_ranges(ranges).durable_bytes == durable
    assert missing == set(range(max(covered, default=-1) + 1)) - covered
