"""How a sound device stands as the system shows it, and what its silence means: muted, turned down, not plugged in.

Pure: takes what was read elsewhere (`audio.devices_server`, `audio.devices_alsa`) and how loud it was.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from audio.devices import Direction

# Under this a level control is as good as closed.
LEAST_PERCENT = 10
# A room with a living microphone in it is louder than this even when nobody speaks; a capsule that was switched off
# on its cable, or in the headset, is not. dBFS times ten.
DEAD_PEAK_DB10 = -700


class DeviceState(StrEnum):
    """What the system says of a device; `ready` where it says nothing against it."""

    ready = "ready"
    muted = "muted"
    turned_down = "turned_down"
    unplugged = "unplugged"


class Silence(StrEnum):
    """Why nothing was heard, as far as can be told."""

    unplugged = "unplugged"
    muted = "muted"
    turned_down = "turned_down"
    own_switch = "own_switch"
    unknown = "unknown"


@dataclass(frozen=True)
class ShownDevice:
    """A device as people choose it: `key` is what it is remembered and chosen by, `name` is the system's own name
    for it; `is_chosen`: sound goes there now."""

    key: str
    name: str
    direction: Direction
    is_chosen: bool
    state: DeviceState = DeviceState.ready

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def judge_state(is_plugged: bool, is_muted: bool, percent: int | None) -> DeviceState:
    """`percent` of the level control, None where it is not known."""
    if not is_plugged:
        return DeviceState.unplugged
    if is_muted:
        return DeviceState.muted
    if percent is not None and percent < LEAST_PERCENT:
        return DeviceState.turned_down
    return DeviceState.ready


def find_chosen(devices: Iterable[ShownDevice]) -> ShownDevice | None:
    """The device that sound comes from (or goes to) now."""
    return next((device for device in devices if device.is_chosen), None)


def explain_silence(microphone: ShownDevice | None, peak_db10: int) -> Silence:
    """Why a check heard nothing: what the system says, else what the silence itself is like.

    `microphone` None = the system has none. An exact or nearly exact silence of a device that is there and open means
    its own switch: a living capsule hears at least the room.
    """
    if microphone is None:
        return Silence.unplugged
    if microphone.state is not DeviceState.ready:
        return Silence(microphone.state.value)
    return Silence.own_switch if peak_db10 <= DEAD_PEAK_DB10 else Silence.unknown
