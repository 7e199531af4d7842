"""The phrase of a sound check on its whole way: a real agent records it, its own client sends it over TLS, the console
plays it."""
from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
import soundfile

from audio.sources import FileSource
from audio.virtual import speak_text
from kiosk_client.agent import Agent, Options
from testing_server.exam_day.workstations.test_recordings import recording_file
from testing_server.foundation.disk import attach_disk
from tests.kiosk_client.conftest import wait_until
from tests.testing_server.exam_day.plain_seat import ServedRoom, serve_room


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Somebody who reads the phrase."""
    return speak_text("Good morning! I am ready to answer, and you can hear me well.", "en",
                      tmp_path_factory.mktemp("voice") / "voice.wav")


def is_heard(agent: Agent) -> bool:
    """One try, as at the seat: on a slow machine it may hold too little."""
    agent.checking.begin_saying()
    time.sleep(1.5)
    return agent.checking.end_saying().verdict == "heard"


def check_sound(agent: Agent, room: ServedRoom) -> None:
    """As at the seat: paired, signed in, a phrase said and heard."""
    assert room.confirm(agent.begin_pairing()) == "green"
    agent.confirm_pairing(True)
    wait_until(lambda: agent.connection and agent.connection.welcome)
    agent.sign_in(room.logins[0])
    agent.checking.answer_heard(True)
    wait_until(lambda: is_heard(agent))
    agent.checking.answer_heard_yourself(True)
    agent.checking.report()


def test_the_agents_phrase_is_played_on_the_console(tmp_path: Path, voice: Path) -> None:
    with serve_room(tmp_path / "data") as room:
        disk = attach_disk(room.services)
        agent = Agent(Options(tmp_path / "seat", room.url, lambda: FileSource(voice)))
        agent.start()
        try:
            disk.ask = lambda _folder: 400 * 1024 * 1024
            check_sound(agent, room)
            [seat] = room.list_seats()
            assert seat.check["verdict"] == "heard" and agent.get_step("checked")
            assert not recording_file(room.data, seat.id).exists(), "a scarce disk takes none, and the seat is ready"
            disk.ask = lambda _folder: 1 << 40
            agent.checking.report()
            said, rate = agent.recorder.read_check() or (b"", 0)
        finally:
            agent.stop()
        played = room.browser("room_organizer").get(f"/workstations/{seat.id}/test-recording.flac")
        sound, played_rate = soundfile.read(io.BytesIO(played.data), dtype="int16")
        assert (played_rate, sound.tobytes()) == (rate, said) and len(said) > rate
