"""The readiness table: its marks, the test recording from the seat to the player, gone when the sitting closes."""
import io
import wave
from typing import Any

import pytest
import soundfile

from kiosk_client.machine.supplies import look_at_supplies
from kiosk_client.test_recording import LONGEST_SECONDS, make_flac
from testing_server.contracts.messages import CheckReport
from testing_server.exam_day.packages.actions import close_sitting
from testing_server.exam_day.tending import forget_old_test_recordings
from testing_server.exam_day.workstations.actions import save_check
from testing_server.exam_day.workstations.readiness import find_newest_software, mark_readiness
from testing_server.exam_day.workstations.test_recordings import FOLDER, LIMIT_BYTES
from tests.testing_server.exam_day.builders import Classroom, make_speech
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk

GOOD: dict[str, Any] = {"verdict": "heard", "disk_free_bytes": 9_000_000_000, "clock_offset_ms": -400,
                        "link_kbytes_s": 8_000, "round_trip_ms": 3, "software": "kiosk-client/0.2.0"}


@pytest.mark.parametrize(("column", "changes", "word"), [
    ("sound", {"verdict": "silent"}, "stop"), ("sound", {"verdict": ""}, "unknown"), ("sound", {}, "good"),
    ("disk", {"disk_free_bytes": 1}, "stop"), ("disk", {"disk_free_bytes": 900_000_000}, "attention"),
    ("clock", {"clock_offset_ms": -60_000}, "attention"), ("clock", {"clock_offset_ms": 600_000}, "stop"),
    ("battery", {"battery_percent": 15, "on_mains": False}, "stop"), ("battery", {}, "good"),
    ("battery", {"battery_percent": 40, "on_mains": False}, "attention"),
    ("battery", {"battery_percent": 15, "on_mains": True}, "good"),
    ("link", {"link_kbytes_s": 90}, "stop"), ("link", {"link_kbytes_s": 150}, "attention"),
    ("link", {"link_kbytes_s": 0}, "unknown"), ("version", {"software": "kiosk-client/0.1.9"}, "attention"),
    ("version", {}, "good")])
def test_each_column_has_its_mark(column: str, changes: dict[str, Any], word: str) -> None:
    assert mark_readiness(GOOD | changes, "kiosk-client/0.2.0", {})[column].word == word


def test_an_unchecked_workstation_is_unknown_in_every_column() -> None:
    assert {mark.word for mark in mark_readiness({}, "", {}).values()} == {"unknown"}


def test_the_newest_version_of_a_kind_is_by_numbers() -> None:
    softwares = ["kiosk-client/0.9.1", "kiosk-client/0.10.0", "plain-seat/3.0", "", "kiosk-client/x"]
    assert find_newest_software(softwares, "kiosk-client") == "kiosk-client/0.10.0"
    assert find_newest_software([], "kiosk-client") == ""


def test_this_machine_tells_what_it_lives_on() -> None:
    told = look_at_supplies()
    assert told.memory_free_bytes > 1_000_000 and (told.battery_percent is None) == (told.on_mains is None)


def send(kiosk: FakeKiosk, body: bytes, workstation: str = "") -> int:
    path = f"/v1/workstations/{workstation or kiosk.workstation}/test-recording"
    return kiosk.core.ask("PUT", path, token=kiosk.token, body=body).status


def list_kept(room: Classroom) -> list[str]:
    return sorted(path.name for path in (room.data / FOLDER).glob("*"))


def test_a_test_recording_is_played_until_the_sitting_closes(open_room: Classroom) -> None:
    kiosk, person, flac = open_room.seat(0), open_room.browser(), make_flac(make_speech(2), 24_000)
    address = f"/workstations/{kiosk.workstation}/test-recording.flac"
    assert person.get(address).status_code == 404
    report = CheckReport(verdict="heard", disk_free_bytes=9_000_000_000, clock_offset_ms=0)
    open_room.write(lambda session: save_check(session, 1, kiosk.workstation, report))
    assert send(kiosk, flac) == 200
    assert address in person.get("/workstations").text
    played = person.get(address)
    assert played.data == flac and played.mimetype == "audio/flac"
    assert soundfile.info(io.BytesIO(played.data)).frames == 48_000
    forget_old_test_recordings(open_room.services)
    assert list_kept(open_room) == [f"{kiosk.workstation}.flac"]
    open_room.clock.advance(1000)
    closed_at_ms = open_room.room.clock.now_ms()
    open_room.write(lambda session: close_sitting(session, closed_at_ms, open_room.sitting, "organizer"))
    forget_old_test_recordings(open_room.services)
    assert list_kept(open_room) == [] and person.get(address).status_code == 404


def test_strangers_and_rubbish_leave_nothing(open_room: Classroom) -> None:
    kiosk, other = open_room.pair("1"), open_room.pair("2")
    assert send(kiosk, b"MZ not a sound") == 422
    assert send(kiosk, make_flac(make_speech(1), 24_000), other.workstation) == 403
    assert send(kiosk, b"fLaC" + bytes(LIMIT_BYTES)) == 413
    assert list_kept(open_room) == []
    assert open_room.browser("expert").get(
        f"/workstations/{kiosk.workstation}/test-recording.flac").status_code == 403


def make_wav(pcm: bytes, rate: int = 48_000, channels: int = 1, width: int = 2) -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setparams((channels, width, rate, 0, "NONE", ""))
        file.writeframes(pcm)
    return target.getvalue()


def test_a_phrase_from_a_browser_is_kept_as_flac(open_room: Classroom) -> None:
    kiosk, said = open_room.pair("1"), make_speech(1)
    assert send(kiosk, make_wav(said)) == 200
    assert list_kept(open_room) == [f"{kiosk.workstation}.flac"]
    sound, rate = soundfile.read(open_room.data / FOLDER / f"{kiosk.workstation}.flac", dtype="int16")
    assert (sound.tobytes(), rate) == (said, 48_000)


@pytest.mark.parametrize("body", [
    b"RIFF", make_wav(b""), make_wav(bytes(400), channels=2), make_wav(bytes(400), width=1),
    make_wav(bytes(400), 200_000), make_wav(bytes(400))[:30], b"RIFF" + bytes(100)])
def test_what_no_page_of_ours_makes_is_refused(open_room: Classroom, body: bytes) -> None:
    assert send(open_room.pair("1"), body) == 422
    assert list_kept(open_room) == []


def test_a_long_phrase_is_cut_and_half_a_sample_does_no_harm() -> None:
    flac = make_flac(bytes(2 * 8_000 * (LONGEST_SECONDS + 4)) + b"x", 8_000)
    assert soundfile.info(io.BytesIO(flac)).frames == 8_000 * LONGEST_SECONDS
