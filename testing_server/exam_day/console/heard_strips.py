"""What was heard along each recording, as a strip to be drawn: the verdicts of its parts in the order of the sound.

Takes the recordings of one candidate; gives plain data for the seat's page.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flask_babel import gettext

from testing_server.contracts.verdicts import Verdict
from testing_server.exam_day.console.words import VERDICTS
from testing_server.exam_day.responses.heard_now import PartHeard, draw_strip, read_heard
from testing_server.exam_day.responses.parts import RecordingName
from testing_server.exam_day.responses.queries import Recording

# Tall = fine; what is low was not heard. The height says it to who does not see the colours.
HEIGHT = 10
HEIGHTS = {Verdict.HEARD: 10, Verdict.CLIPPED: 10, Verdict.NOISY: 8, Verdict.NEIGHBOUR: 6, Verdict.TOO_QUIET: 4}
LOWEST = 1
STYLES: dict[str, str] = {
    Verdict.HEARD: "ready", Verdict.CLIPPED: "ready", Verdict.NOISY: "ready", Verdict.SILENT: "waiting", "": "waiting"}


@dataclass(frozen=True)
class Stretch:
    """A rectangle: milliseconds across, tenths down; `style` is one of the states' colours."""

    from_ms: int
    length_ms: int
    top: int
    height: int
    style: str


@dataclass(frozen=True)
class Strip:
    """`words`: "слышно 12 с, тишина 4 с", which says the same."""

    position: int | None
    length_ms: int
    stretches: list[Stretch]
    words: str


def list_strips(data: Path, recordings: Sequence[Recording], positions: dict[str, int]) -> list[Strip]:
    """One for each recording of which parts have come, in their order; `positions`: item -> its number."""
    names = [RecordingName(one.attempt, one.lease, one.number) for one in recordings]
    heard = read_heard(data, {name: one.rate_hz for name, one in zip(names, recordings, strict=True)})
    return [make_strip(positions.get(one.item), heard[name])
            for name, one in zip(names, recordings, strict=True) if heard.get(name)]


def make_strip(position: int | None, parts: Sequence[PartHeard]) -> Strip:
    """At least one part."""
    stretches, lasted = [], Counter[str]()
    for verdict, from_ms, to_ms in draw_strip(parts):
        height = HEIGHTS.get(Verdict(verdict), LOWEST) if verdict else LOWEST
        stretches.append(Stretch(from_ms, to_ms - from_ms, HEIGHT - height, height, STYLES.get(verdict, "attention")))
        lasted[verdict] += to_ms - from_ms
    words = ", ".join(gettext("%(word)s %(seconds)s с", word=VERDICTS[verdict], seconds=round(ms / 1000))
                      for verdict, ms in lasted.most_common())
    return Strip(position, parts[-1].to_ms, stretches, words)
