"""A hub whose commission has real work: sealed archives, an accepted package, real speech in FLAC.

Takes a folder. Gives `Commission`: the whole hub application with two works of one school, served to browsers.
"""
from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import soundfile
import soxr
from playwright.sync_api import BrowserContext
from werkzeug.serving import make_server

from audio.encode import encode_flac
from audio.virtual import speak_text
from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.packages import PackedRecording
from testing_server.foundation.clock import FakeClock
from testing_server.preparation.founding.actions import prepare_hub
from testing_server.preparation.hub_link import Receipt
from testing_server.preparation.release.actions import open_criteria
from testing_server.roles import list_hub_mounts
from tests.builders import PASSWORD, make_app, save_account, services_of
from tests.testing_server.exam_day.reception.make_package import GENERATION, RATE, Seat
from tests.testing_server.exam_day.reception.make_reception import Reception
from tests.testing_server.marking.hearing import WORKLET, WORKLET_PATH
from tests.testing_server.preparation.make_hub import MOMENT_MS, EnrolledSchool, Hub, enrol
from tests.testing_server.preparation.make_materials import DEMO, SAMPLES, seal

DAY = "2026-11-20"
SPEECH = ("I would like to describe picture two. The picture shows a boy by the river. He is sitting on the green bank "
          "and fishing. He is about twelve years old.")
ESSAY = ("Я считаю, что городу нужен новый парк.\n\nВо-первых, в тексте сказано, что зелёных мест мало. "
         "Во-вторых, жителям негде гулять с детьми. Поэтому парк важнее парковки.")


class SpeakingSeat(Seat):
    """A candidate who says real words."""

    def say(self, item: str, response: str, pcm: numpy.ndarray, flac: bytes) -> Seat:
        started = self.happen("recording_started", item=item, response=response, rate_hz=RATE, device="test")
        digest = sha256_hex(pcm.tobytes())
        self.happen("recording_committed", started=[self.lease, started], bytes=len(pcm) * 2, samples=len(pcm),
                    sha256=digest, parts=1, gaps=0, end_reason="stopped", verdict="heard")
        self.sounds[f"recordings/{sha256_hex(flac)}.flac"] = flac
        self.recordings.append(PackedRecording(
            attempt=self.attempt, lease=self.lease, number=started, item=item, response=response, rate_hz=RATE,
            pcm_sha256=digest, flac_sha256=sha256_hex(flac), bytes=len(pcm) * 2, samples=len(pcm), gaps=[],
            verdict="heard", state="whole"))
        return self


def record_speech(folder: Path, text: str = SPEECH) -> tuple[numpy.ndarray, bytes]:
    """Synthesised English as PCM at 24 kHz and the FLAC of it."""
    sound, rate = soundfile.read(speak_text(text, "en", folder / "speech.wav"), dtype="int16")
    return encode_voice(folder, soxr.resample(sound, rate, RATE).astype("<i2"))


def encode_voice(folder: Path, pcm: numpy.ndarray) -> tuple[numpy.ndarray, bytes]:
    """PCM at 24 kHz and the FLAC of it."""
    (folder / "speech.pcm").write_bytes(pcm.tobytes())
    encode_flac(folder / "speech.pcm", RATE, folder / "speech.flac")
    return pcm, (folder / "speech.flac").read_bytes()


@dataclass
class Work:
    """One sealed work: its materials archive and the key of each variant."""

    archive: str
    assessment: str
    keys: list[dict[str, Any]]

    def find(self, variant: int, position: int) -> tuple[str, dict[str, str]]:
        """The opaque item id at a position, and original response name → opaque one."""
        item = next(one for one in self.keys[variant]["items"] if one["position"] == position)
        return item["id"], {original: opaque for opaque, original in item["responses"].items()}


@dataclass
class Commission:
    """The hub, its school, the works."""

    hub: Hub
    ours: EnrolledSchool
    folder: Path
    english: Work
    metapredmet: Work
    speech: numpy.ndarray

    def _tick(self, environ: Any, start_response: Any) -> Any:
        """The application on a clock that goes on a little with every request, and the tap of its loudspeaker."""
        self.hub.clock.advance(1)
        if environ["PATH_INFO"] == WORKLET_PATH:
            start_response("200 OK", [("Content-Type", "text/javascript")])
            return [WORKLET.encode()]
        return self.hub.app(environ, start_response)

    @contextmanager
    def serve(self) -> Iterator[str]:
        """The address of the hub while a thread serves it."""
        server = make_server("127.0.0.1", 0, self._tick, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.port}"
        finally:
            server.shutdown()


def make_commission(folder: Path, attempts: int = 2, voices: Sequence[numpy.ndarray] = ()) -> Commission:
    """Seals both shipped works and lets `attempts` candidates of each send their answers. Needs espeak-ng.

    `voices`: what candidates say in turn, at 24 kHz, instead of one description for all.
    """
    clock = FakeClock(MOMENT_MS)
    app = make_app(folder / "hub", list_hub_mounts(), clock=clock)
    hub = Hub(app, clock, prepare_hub(services_of(app)))
    ours = enrol(hub)
    english, metapredmet = (seal_work(hub, ours, name) for name in ("english_grade_7", "metapredmet"))
    said = [encode_voice(folder, voice) for voice in voices] or [record_speech(folder)]
    made = Commission(hub, ours, folder, english, metapredmet, said[0][0])
    send_work(made, english, [speak_english(made, number, *said[number % len(said)]) for number in range(attempts)],
              "1" * 8)
    send_work(made, metapredmet, [write_metapredmet(made, number) for number in range(attempts)], "2" * 8)
    return made


def seal_work(hub: Hub, ours: EnrolledSchool, name: str) -> Work:
    pair = seal(hub, ours.school, DEMO, DAY, package=SAMPLES / name)
    keys = sorted((open_criteria(hub.offered, pair.materials.archive) / "keys").glob("*.json"))
    return Work(pair.materials.archive, pair.assessment, [json.loads(path.read_bytes()) for path in keys])


def open_seat(made: Commission, work: Work, number: int, code: str) -> SpeakingSeat:
    seat = SpeakingSeat(MOMENT_MS, code=code, variant=work.keys[number % len(work.keys)]["number"])
    seat.happen("lease_opened", workstation="w1", generation=GENERATION)
    return seat


def speak_english(made: Commission, number: int, pcm: numpy.ndarray, flac: bytes) -> Seat:
    """Reads aloud, chooses the second picture and describes it."""
    variant, seat = number % len(made.english.keys), open_seat(made, made.english, number, str(12340 + number))
    for position in (2, 3):
        item, responses = made.english.find(variant, position)
        if "PHOTO" in responses:
            key = next(one for one in made.english.keys[variant]["items"] if one["position"] == position)
            chosen = next(opaque for opaque, original in key["identifiers"].items() if original == "picture-2")
            seat.answer(item, responses["PHOTO"], chosen)
        seat.say(item, responses["RECORDING"], pcm, flac)
    return seat.finish()


def write_metapredmet(made: Commission, number: int) -> Seat:
    """Writes the opinion and leaves the rest."""
    seat = open_seat(made, made.metapredmet, number, str(54320 + number))
    item, responses = made.metapredmet.find(number % len(made.metapredmet.keys), 12)
    for opaque in responses.values():
        seat.answer(item, opaque, ESSAY)
    return seat.finish()


def send_work(made: Commission, work: Work, seats: list[Seat], sitting: str) -> None:
    reception = Reception(made.hub, made.ours, work.archive, made.folder)
    package = reception.package(seats, assessment=work.assessment, sitting=f"{sitting}-2222-3333-4444-555555555555")
    receipt = reception.deliver(package, f"{work.assessment}.age")
    assert isinstance(receipt, Receipt), receipt


def sign_in(context: BrowserContext, address: str, made: Commission, login: str, role: str = "expert",
            **details: Any) -> Any:
    """A page of a person who has just signed in."""
    save_account(made.hub.app, login, role, **details)
    # many people of one address sign in within a minute here
    made.hub.app.extensions["rates"].reset()
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    page.fill("#field-login", login)
    page.fill("#field-password", PASSWORD)
    page.click("main button.primary")
    page.wait_for_url(lambda url: "sign-in" not in url)
    return page
