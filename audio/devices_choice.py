"""Which microphone and which headphones: what a person may choose from, by the names the system itself shows.

Where a sound server runs, its devices are chosen and PortAudio's default one follows; else PortAudio's own devices
are, and whoever records opens the chosen one by its key.
"""

from contextlib import suppress

from audio.devices import Device, Direction, list_devices, refresh_devices
from audio.devices_alsa import find_card_state, open_up_card
from audio.devices_server import choose_server_device, list_server_devices, open_up
from audio.devices_state import ShownDevice
from audio.faults import DeviceMissing, NoSoundCard, StreamsOpen

# What PortAudio calls the way to a sound server.
SERVER_NAMES = ("pulse", "pipewire", "default")


def list_shown_devices(direction: Direction, chosen: str = "") -> list[ShownDevice]:
    """What there is, the chosen one among it. `chosen`: key of the device that is opened by name, "" = the default.

    :raises DeviceStuck: the sound system hangs.
    """
    devices = _list_fresh(direction)
    through_server = list_server_devices(direction) if _leads_to_server(devices) else None
    return through_server if through_server is not None else show_devices(devices, chosen)


def _list_fresh(direction: Direction) -> list[Device]:
    """As of now where nothing records, else as of the last look."""
    try:
        with suppress(StreamsOpen):
            refresh_devices()
        return list_devices(direction)
    except NoSoundCard:
        return []


def _leads_to_server(devices: list[Device]) -> bool:
    return any(device.name in SERVER_NAMES for device in devices)


def show_devices(devices: list[Device], chosen: str = "") -> list[ShownDevice]:
    """PortAudio's devices by their labels, with what the card says of them."""
    known = chosen in [device.label for device in devices]
    return [ShownDevice(device.label, device.name, device.direction,
                        device.label == chosen if known else device.is_default,
                        find_card_state(device.name, device.direction)) for device in devices]


def choose_shown_device(key: str, direction: Direction) -> str | None:
    """Sound comes from there (goes there) from now on; the name to open it by, None = the default one is it now.

    :raises DeviceMissing: it is not there any more. :raises DeviceStuck: the sound system hangs.
    """
    known = list_shown_devices(direction)
    if key not in [device.key for device in known]:
        raise DeviceMissing(key)
    if _is_of_server(key, direction):
        choose_server_device(key, direction)
        return None
    return key


def open_up_shown_device(device: ShownDevice) -> None:
    """Unmute it and turn it up: at the sound server, or at the card itself.

    :raises DeviceMissing: neither takes our word (Windows, or a card without such a switch).
    """
    if _is_of_server(device.key, device.direction):
        open_up(device)
    else:
        open_up_card(device)


def _is_of_server(key: str, direction: Direction) -> bool:
    return key in [device.key for device in list_server_devices(direction) or []]
