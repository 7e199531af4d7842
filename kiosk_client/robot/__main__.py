"""`python -m kiosk_client.robot`: a robot candidate as a process; one JSON line on stdout for every step.

The first line of a new workstation is {"step": "pairing", "code": "123456"}: whoever runs the robot types these
digits at the console. Exit code 0 after the receipt, 1 when the robot could not go on.
"""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import soundfile

from audio.faults import SoundRefusal
from audio.sources import FileSource, Source, read_mono
from audio.virtual import speak_text
from kiosk_client.agent import Agent, Options
from kiosk_client.clock import SeatClock
from kiosk_client.recorder_service import MakeSource, make_microphone
from kiosk_client.refusals import SeatRefusal
from kiosk_client.robot.harm import Harm, HarmedClock, mute_by
from kiosk_client.robot.robot import Plan, Robot, RobotFailed

PHRASES = Path(__file__).with_name("phrases.json")


def tell(step: dict[str, Any]) -> None:
    """One line on stdout."""
    print(json.dumps(step, ensure_ascii=False), flush=True)


def measure_sound(data: bytes) -> int:
    """The length of an encoded sound in ms."""
    found = soundfile.info(io.BytesIO(data))
    return int(found.frames * 1000 / found.samplerate)


class Voice:
    """What the robot says: sound files one after another, each in real time from its beginning."""

    def __init__(self, sounds: list[Path]) -> None:
        self._sounds, self._next = sounds, 0

    def make_source(self) -> Source:
        """The source of the next recording."""
        sound = self._sounds[self._next % len(self._sounds)]
        self._next += 1
        return FileSource(sound)

    @property
    def longest_s(self) -> float:
        """Seconds of the longest sound."""
        return max(sum(len(block) for block in read_mono(sound)) / soundfile.info(str(sound)).samplerate
                   for sound in self._sounds)


def speak_phrases(folder: Path, language: str) -> list[Path]:
    """The phrases of a language as sound files, spoken once and kept. Raises SoundRefusal."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = json.loads(PHRASES.read_text(encoding="utf-8"))[language]
    return [_speak_once(text, language, folder / f"{language}-{number}.wav") for number, text in enumerate(texts)]


def _speak_once(text: str, language: str, path: Path) -> Path:
    return path if path.exists() else speak_text(text, language, path)


@click.command()
@click.option("--server", default="", help="Address of the classroom server.")
@click.option("--data", type=click.Path(path_type=Path), required=True, help="The agent's folder.")
@click.option("--login", default="", help="The candidate's login.")
@click.option("--only-pair", "only_pair", is_flag=True, help="Pair this folder and end: a person sits there later.")
@click.option("--speech", "speech", multiple=True, type=click.Path(exists=True, path_type=Path),
              help="Sound files to say, one after another; without any, phrases are synthesised.")
@click.option("--microphone", default=None, help="Record from this device instead.")
@click.option("--answers", type=click.Path(exists=True, path_type=Path), default=None,
              help='JSON: {"<position>": {"<response>": value}}.')
@click.option("--seed", default=1, help="Chance of what is not in --answers.")
@click.option("--think", "think_s", default=6.0, help="Seconds of exam time per answer.")
@click.option("--speak-seconds", "speak_s", default=0.0, help="How long to speak; 0 = as long as the sound.")
@click.option("--plays", default=0, help="How often to listen; 0 = as often as allowed.")
@click.option("--language", default="en", type=click.Choice(["en", "ru"]))
@click.option("--harm", type=click.Path(path_type=Path), default=None,
              help='A rehearsal: the machine obeys this file ({"muted": true, "clock_ms": 86400000}) and knows no '
                   "address but --server.")
@click.option("--stay", is_flag=True, help="After the receipt the workstation stays on, as in a room.")
@click.option("--reserve-mb", "reserve_mb", default=0, help="Disk space the journal keeps for itself.")
def main(server: str, data: Path, login: str, only_pair: bool, speech: tuple[Path, ...], microphone: str | None,
         answers: Path | None, seed: int, think_s: float, speak_s: float, plays: int, language: str,
         harm: Path | None, stay: bool, reserve_mb: int) -> None:
    """A robot candidate at the real agent."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    if only_pair:
        sys.exit(run_robot(Options(data, server, make_microphone(microphone)), Plan(login=""), Robot.pair))
    if not login:
        raise click.UsageError("--login is needed")
    make_source, spoken_s = choose_voice(data, speech, microphone, language)
    ready = json.loads(answers.read_text(encoding="utf-8")) if answers else {}
    plan = Plan(login=login, seed=seed, answers=ready, think_s=think_s, speak_s=speak_s or spoken_s, plays=plays)
    options = Options(data, server, make_source, reserve_mb * 2**20)
    if harm is None:
        sys.exit(run_robot(options, plan))
    orders = Harm(harm)
    options = replace(options, make_source=mute_by(orders, make_source), seeks_elsewhere=False)
    sys.exit(run_robot(options, plan, Robot.run_and_stay if stay else Robot.run, HarmedClock(orders)))


def choose_voice(data: Path, speech: tuple[Path, ...], microphone: str | None,
                 language: str) -> tuple[MakeSource, float]:
    """Where sound comes from, and how long the robot speaks (0: until the time is out)."""
    if microphone is not None:
        return make_microphone(microphone), 0.0
    try:
        voice = Voice(list(speech) or speak_phrases(data / "voice", language))
    except SoundRefusal as refusal:
        raise click.ClickException(f"{refusal.code}: {refusal.details}") from refusal
    return voice.make_source, voice.longest_s + 0.5


def run_robot(options: Options, plan: Plan, act: Callable[[Robot], None] = Robot.run,
              clock: SeatClock | None = None) -> int:
    """The exit code."""
    try:
        agent = Agent(options, clock)
        agent.start()
        act(Robot(agent, plan, tell, measure_sound))
    except (RobotFailed, SeatRefusal) as refusal:
        tell({"step": "failed", "details": str(refusal)})
        return 1
    agent.stop()
    return 0


if __name__ == "__main__":
    main()
