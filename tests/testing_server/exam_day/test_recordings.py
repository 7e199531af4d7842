"""A recording becomes whole, judged and lossless; what never came can be written off by a person."""
import hashlib

import pytest
import soundfile

from audio.sources import make_noise
from testing_server.exam_day.responses.parts import RecordingName
from testing_server.exam_day.responses.queries import Recording, list_recordings
from testing_server.exam_day.responses.recordings import ASK_AGAIN_MS
from tests.testing_server.exam_day.builders import Classroom, make_speech
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk


def seat_at_work(room: Classroom) -> FakeKiosk:
    kiosk = room.seat(0)
    room.start(kiosk)
    return kiosk


def only_recording(room: Classroom, kiosk: FakeKiosk) -> Recording:
    with room.services.storage.read() as session:
        return list_recordings(session, [kiosk.attempt])[0]


def test_whole_sound_becomes_flac_with_a_verdict_of_the_server(open_room: Classroom) -> None:
    kiosk = seat_at_work(open_room)
    kiosk.record("i2", "r2", make_speech(), verdict="heard")
    open_room.sweep()
    open_room.run_jobs()
    found = only_recording(open_room, kiosk)
    assert (found.state, found.seconds) == ("encoded", 2)
    assert found.server_verdict in ("heard", "clipped", "noisy", "silent")
    sound, rate = soundfile.read(open_room.data / "encoded" / f"{found.pcm_sha256}.flac",
                                 dtype="int16")
    assert (sound.tobytes(), rate) == (make_speech(), 24_000)


@pytest.mark.parametrize("pcm, expected", [
    (make_noise(2, 24_000, 8).tobytes(), "silent"), (bytes(96_000), "wrong_device"),
])
def test_silence_and_a_dead_device_are_told_by_the_server_too(
        open_room: Classroom, pcm: bytes, expected: str) -> None:
    kiosk = seat_at_work(open_room)
    kiosk.record("i2", "r2", pcm, verdict="heard")
    open_room.sweep()
    open_room.run_jobs()
    assert only_recording(open_room, kiosk).server_verdict == expected


def test_a_recording_waits_for_its_missing_part(open_room: Classroom) -> None:
    kiosk, pcm = seat_at_work(open_room), make_speech()
    kiosk.write("recording_started", item="i2", response="r2", rate_hz=24_000, device="fake")
    number = len(kiosk.lines[kiosk.lease])
    kiosk.put_part(number, 0, 0, pcm[:48_000])
    kiosk.write("recording_committed", started=[kiosk.lease, number], bytes=len(pcm), samples=len(pcm) // 2,
                sha256=hashlib.sha256(pcm).hexdigest(), parts=2, gaps=0, end_reason="stopped", verdict="heard")
    kiosk.send()
    open_room.sweep()
    found = only_recording(open_room, kiosk)
    assert (found.state, found.durable_bytes) == ("committed", 48_000)
    kiosk.put_part(number, 1, 48_000, pcm[48_000:])
    open_room.sweep()
    open_room.run_jobs()
    assert only_recording(open_room, kiosk).state == "encoded"


def test_sound_of_another_digest_stays_partial(open_room: Classroom) -> None:
    kiosk = seat_at_work(open_room)
    kiosk.write("recording_started", item="i2", response="r2", rate_hz=24_000, device="fake")
    number = len(kiosk.lines[kiosk.lease])
    kiosk.put_part(number, 0, 0, bytes(1000))
    kiosk.write("recording_committed", started=[kiosk.lease, number], bytes=1000, samples=500, sha256="0" * 64,
                parts=1, gaps=0, end_reason="stopped", verdict="heard")
    kiosk.send()
    open_room.sweep()
    open_room.run_jobs()
    assert only_recording(open_room, kiosk).state == "partial"


def test_a_lost_job_is_asked_for_again(open_room: Classroom) -> None:
    kiosk = seat_at_work(open_room)
    kiosk.record("i2", "r2", make_speech())
    open_room.sweep()
    open_room.services.jobs.waiting.clear()
    assert open_room.sweep() == 0
    open_room.clock.advance(ASK_AGAIN_MS)
    open_room.sweep()
    open_room.run_jobs()
    assert only_recording(open_room, kiosk).state == "encoded"


def test_what_came_of_a_written_off_recording_is_kept(open_room: Classroom) -> None:
    kiosk, person = seat_at_work(open_room), open_room.browser().client
    kiosk.write("recording_started", item="i2", response="r2", rate_hz=24_000, device="fake")
    number = len(kiosk.lines[kiosk.lease])
    kiosk.put_part(number, 0, 0, make_speech(1))
    kiosk.send()
    open_room.sweep()
    name = RecordingName(kiosk.attempt, kiosk.lease, number)
    done = person.post(f"/v1/recordings-here/{name.attempt}/{name.lease}/{name.number}/write-off",
                       json={"reason": "компьютер сгорел"})
    open_room.run_jobs()
    found = only_recording(open_room, kiosk)
    assert done.status_code == 200
    assert (found.state, found.bytes) == ("written_off", 48_000)
    assert (open_room.data / "encoded" / f"{found.pcm_sha256}.flac").exists()
