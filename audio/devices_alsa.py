"""The switches and sockets of a bare ALSA card, where no sound server is in between: read and opened with `amixer`.

Takes the label that PortAudio gives a device; gives its state, `ready` where the card says nothing.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from audio.devices import Direction
from audio.devices_state import DeviceState, ShownDevice, judge_state
from audio.faults import DeviceMissing

ASK_SECONDS = 3.0
USEFUL_PERCENT = 80
_CARD = re.compile(r"\(hw:(\d+),\d+\)")
_CONTROL = re.compile(r"name='([^']+)'[^\n]*\n\s*; type=\w+([^\n]*)\n\s*: values=([^\n]*)")
_WAYS = {Direction.input: "Capture", Direction.output: "Playback"}
_SOCKETS = {
    Direction.input: re.compile(r"\b(Mic|Headset|Line In)\b.*Jack"),
    Direction.output: re.compile(r"\b(Headphone|Headset|Line Out|Speaker)\b.*Jack"),
}


@dataclass(frozen=True)
class Control:
    """A control of a card: its values as written, and the greatest value where it has one."""

    name: str
    values: tuple[str, ...]
    most: int | None


def find_card_state(label: str, direction: Direction) -> DeviceState:
    """The state of "HDA Intel PCH: ALC257 Analog (hw:0,0)"; `ready` for what is no card."""
    told = _ask_card(label, "contents")
    return DeviceState.ready if told is None else judge_controls(list(read_controls(told)), direction)


def open_up_card(device: ShownDevice) -> None:
    """Turn on every switch of its way, and its levels up where they are down.

    :raises DeviceMissing: it is no card, or the card takes no word of ours.
    """
    way = _WAYS[device.direction]
    wanted = {f"{way} Switch": "on"}
    if device.state is DeviceState.turned_down:
        wanted[f"{way} Volume"] = f"{USEFUL_PERCENT}%"
    told = [_ask_card(device.name, "cset", f"name='{control.name}'", value)
            for control in read_controls(_ask_card(device.name, "contents") or "")
            for ending, value in wanted.items() if control.name.endswith(ending)]
    if not told or None in told:
        raise DeviceMissing(device.name)


def _ask_card(label: str, *words: str) -> str | None:
    card, program = _CARD.search(label), shutil.which("amixer")
    if card is None or program is None:
        return None
    try:
        told = subprocess.run([program, "-c", card[1], *words], capture_output=True, timeout=ASK_SECONDS, check=True)
    except (subprocess.SubprocessError, OSError):
        return None
    return told.stdout.decode(errors="replace")


def read_controls(contents: str) -> Iterator[Control]:
    """What `amixer contents` printed."""
    for name, limits, values in _CONTROL.findall(contents):
        most = re.search(r"max=(\d+)", limits)
        yield Control(name, tuple(values.strip().split(",")), int(most[1]) if most else None)


def judge_controls(controls: list[Control], direction: Direction) -> DeviceState:
    """One socket with something in it, one switch that is on, one level that is up are enough."""
    way = _WAYS[direction]
    sockets = [one for one in controls if _SOCKETS[direction].search(one.name)]
    switches = [one for one in controls if one.name.endswith(f"{way} Switch")]
    return judge_state(not sockets or _any_on(sockets), bool(switches) and not _any_on(switches),
                       _read_percent([one for one in controls if one.name.endswith(f"{way} Volume")]))


def _any_on(controls: list[Control]) -> bool:
    return any("on" in one.values for one in controls)


def _read_percent(levels: list[Control]) -> int | None:
    percents = [int(value) * 100 // one.most for one in levels if one.most
                for value in one.values if value.isdigit()]
    return max(percents, default=None)
