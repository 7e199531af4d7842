"""Every look at a machine, on both systems, with the system's answers replaced."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from audio.devices import Device, Direction
from audio.faults import NoSoundCard
from audio.rescan import Devices
from kiosk_client.machine import network, places, power, resetting, sound_setup
from kiosk_client.machine.findings import find
from kiosk_client.machine.words import SUBJECTS, WORDS
from kiosk_client.system_door import Ran
from tests.kiosk_client.machine.fake_door import FakeDoor

POWERCFG = """Подгруппа: GUID питания
    Минимальное возможное значение: 0x00000000
    Максимальное возможное значение: 0xffffffff
    Текущий индекс настройки питания от сети: {ac}
    Текущий индекс настройки питания от батареи: 0x00000384
"""
MOUNTS = """/dev/sda2 / ext4 rw 0 0
tmpfs /run tmpfs rw 0 0
overlay /home\\040base overlay rw 0 0
/dev/sda3 /home/pupil ext4 rw 0 0
"""


def device(name: str, system: str = "MME") -> Device:
    return Device(0, name, system, Direction.input, 1, 48_000, False)


# Words.

@pytest.mark.parametrize("code", WORDS)
def test_every_finding_has_words_in_both_languages_that_fit_a_report(code: str) -> None:
    subject, word, russian, english = WORDS[code]
    assert subject in SUBJECTS and word in ("good", "attention", "stop")
    assert any("а" <= sign <= "я" for sign in russian.lower()) and russian.endswith(".") and english.endswith(".")
    assert {part.split("}")[0] for part in russian.split("{")[1:]} >= {
        part.split("}")[0] for part in english.split("{")[1:]}, "English shows a fact that Russian does not"


def test_a_code_without_words_is_refused_at_once() -> None:
    with pytest.raises(KeyError):
        find("nobody wrote this")


# Sleep, lid, restart.

@pytest.mark.parametrize(("programs", "expected"), [
    ({"systemctl is-enabled sleep.target": "masked\n"}, "sleep_never"),
    ({}, "sleep_unknown"),
    ({"gsettings get org.gnome.settings-daemon.plugins.power sleep-inactive-ac-timeout": "3600\n",
      "gsettings get org.gnome.settings-daemon.plugins.power sleep-inactive-ac-type": "'suspend'\n"}, "sleep_after"),
    ({"gsettings get org.gnome.settings-daemon.plugins.power sleep-inactive-ac-timeout": "3600\n",
      "gsettings get org.gnome.settings-daemon.plugins.power sleep-inactive-ac-type": "'nothing'\n"}, "sleep_never"),
    ({"gsettings get org.mate.power-manager sleep-computer-ac": "int32 0\n"}, "sleep_never"),
    ({"busctl get-property org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager IdleAction":
      's "suspend"\n',
      "busctl get-property org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager "
      "IdleActionUSec": "t 1800000000\n"}, "sleep_after"),
])
def test_sleep_on_linux(programs: dict[str, str | Ran], expected: str) -> None:
    # the longer name first: a dictionary answers by the beginning of a line
    door = FakeDoor(programs=dict(sorted(programs.items(), key=lambda one: -len(one[0]))))
    assert power.look_at_sleep(door).code == expected


def test_minutes_until_sleep_are_told() -> None:
    door = FakeDoor("win32", {"powercfg /qh SCHEME_CURRENT SUB_SLEEP": POWERCFG.format(ac="0x00000708")})
    assert "через 30 мин" in power.look_at_sleep(door).text("ru")


@pytest.mark.parametrize(("printed", "expected"), [
    (POWERCFG.format(ac="0x00000000"), "sleep_never"), ("Отказано в доступе", "sleep_unknown")])
def test_sleep_on_windows_is_read_in_any_language(printed: str, expected: str) -> None:
    assert power.look_at_sleep(FakeDoor("win32", {"powercfg /qh SCHEME_CURRENT SUB_SLEEP": printed})).code == expected


@pytest.mark.parametrize(("has_lid", "index", "expected"), [
    (False, "0x00000001", "lid_none"), (True, "0x00000001", "lid_sleeps"), (True, "0x00000000", "lid_ignored")])
def test_lid_on_windows(has_lid: bool, index: str, expected: str) -> None:
    door = FakeDoor("win32", {"powercfg /qh SCHEME_CURRENT SUB_BUTTONS": POWERCFG.format(ac=index)})
    door.lid = has_lid
    assert power.look_at_lid(door).code == expected


@pytest.mark.parametrize(("external", "usual", "expected"), [
    ('s "ignore"', 's "suspend"', "lid_ignored"), ('s ""', 's "suspend"', "lid_sleeps"),
    ('s ""', 's "ignore"', "lid_ignored"), ("", "", "lid_sleeps")])
def test_lid_on_linux(external: str, usual: str, expected: str) -> None:
    begin = " ".join(power._LOGIND)
    door = FakeDoor(programs={f"{begin} HandleLidSwitchExternalPower": external, f"{begin} HandleLidSwitch": usual})
    door.lid = True
    assert power.look_at_lid(door).code == expected


def test_updates_that_wait_for_a_restart() -> None:
    debian, red, windows = FakeDoor(), FakeDoor(programs={"needs-restarting": Ran(1, "")}), FakeDoor("win32")
    debian.names["/run"] = ["reboot-required", "systemd"]
    windows.registry[power.RESTART_KEYS[1], ""] = ""
    assert {power.look_at_restart(door).code for door in (debian, red, windows)} == {"restart_waits"}
    assert {power.look_at_restart(door).code for door in (FakeDoor(), FakeDoor("win32"))} == {"restart_none"}


# Sound.

@pytest.mark.parametrize(("values", "expected"), [
    ({}, "privacy_good"),
    ({(sound_setup.POLICY_KEY, "LetAppsAccessMicrophone"): 2}, "privacy_policy"),
    ({(sound_setup.POLICY_KEY, "LetAppsAccessMicrophone"): 1}, "privacy_good"),
    *[({(key, "Value"): "Deny"}, "privacy_denied") for key in sound_setup.CONSENT_KEYS],
    ({(sound_setup.CONSENT_KEYS[1], "Value"): "Allow"}, "privacy_good"),
])
def test_the_privacy_switch_of_windows(values: dict[tuple[str, str], str | int], expected: str) -> None:
    door = FakeDoor("win32")
    door.registry = values
    assert sound_setup.look_at_privacy(door).code == expected


@pytest.mark.parametrize(("mute", "volume", "expected"), [
    ("Mute: yes", "Volume: mono: 65536 / 100% / 0.00 dB", "capture_muted"),
    ("Mute: no", "Volume: front-left: 0 /   0% / -inf dB,   front-right: 0 /   0%", "capture_zero"),
    ("Mute: no", "Volume: mono: 39322 /  60% / -13 dB", "privacy_good"), ("Mute: no", "", "privacy_good")])
def test_a_muted_microphone_by_pulseaudio(mute: str, volume: str, expected: str) -> None:
    door = FakeDoor(programs={"pactl get-source-mute": mute, "pactl get-source-volume": volume})
    assert sound_setup.look_at_privacy(door).code == expected


@pytest.mark.parametrize(("told", "expected"), [
    ("Front Left: Capture 0 [0%] [-17dB] [on]", "capture_zero"), ("Mono: Capture 40 [63%] [off]", "capture_muted"),
    ("Mono: Capture 40 [63%] [on]", "privacy_good"), ("", "privacy_good")])
def test_a_muted_microphone_by_alsa(told: str, expected: str) -> None:
    assert sound_setup.look_at_privacy(FakeDoor(programs={"amixer get Capture": told})).code == expected


def test_names_cut_at_31_characters_are_told_apart_or_named() -> None:
    cut = "Микрофон (Logitech USB Headset "
    assert len(cut) == sound_setup.CUT_AT
    assert sound_setup.look_at_names([device(cut), device(cut)]).code == "names_cut"
    assert sound_setup.look_at_names([device(cut), device(cut, "WASAPI")]).code == "names_good"
    assert sound_setup.look_at_names([device("Line"), device("Line")]).code == "names_good"


def test_a_machine_without_a_headset_or_a_sound_system() -> None:
    headset = Devices((device("Headset"),), (device("Headset"),))
    assert [one.code for one in sound_setup.look_at_devices(lambda: headset)] == [
        "input_good", "output_good", "names_good"]
    assert [one.code for one in sound_setup.look_at_devices(lambda: Devices((), ()))][:2] == [
        "input_missing", "output_missing"]

    def fail() -> Devices:
        raise NoSoundCard("PortAudio library not found")
    assert [one.code for one in sound_setup.look_at_devices(fail)] == ["sound_silent_system"]


# Disk, clock, browser, screen.

def test_a_disk_that_is_full_slow_or_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert places.look_at_disk(tmp_path / "new").code == "disk_good"
    monkeypatch.setattr(places, "time_write", lambda folder: places.SLOW_WRITE_MS + 1)
    assert places.look_at_disk(tmp_path).code == "disk_slow"
    (tmp_path / "file").write_text("")
    assert places.look_at_disk(tmp_path / "file" / "below").code == "disk_refuses"
    monkeypatch.setattr("kiosk_client.startup.count_free_bytes", lambda folder: 1_000_000)
    assert places.look_at_disk(tmp_path).code == "disk_low"


@pytest.mark.parametrize(("offset_ms", "expected"), [
    (None, "clock_unknown"), (0, "clock_good"), (-120_000, "clock_good"), (121_000, "clock_off"),
    (-86_400_000, "clock_far")])
def test_clocks(offset_ms: int | None, expected: str) -> None:
    assert places.look_at_clock(offset_ms).code == expected


@pytest.mark.parametrize(("names", "expected"), [
    (["chrome.exe", "109.0.5414.120"], "browser_good"),
    (["chrome.exe", "99.0.4844.51", "108.0.5359.125"], "browser_old"),
    (["chrome.exe"], "browser_unknown"), ([], "browser_missing")])
def test_browsers_of_windows(names: list[str], expected: str) -> None:
    door = FakeDoor("win32")
    door.environ["PROGRAMFILES"] = r"C:\Program Files"
    door.names[r"C:\Program Files\Google\Chrome\Application"] = names
    assert places.look_at_browser(door).code == expected


@pytest.mark.parametrize(("size", "expected"), [
    (None, "screen_unknown"), ((1366, 768), "screen_good"), ((1280, 719), "screen_small"), ((800, 600), "screen_tiny")])
def test_screens(size: tuple[int, int] | None, expected: str) -> None:
    assert places.look_at_screen(size).code == expected


@pytest.mark.parametrize(("text", "expected"), [
    ("1366x768", (1366, 768)), ("1366×768 @1", (1366, 768)), ("", None), ("big", None), ("1x1", None)])
def test_the_size_as_the_page_tells_it(text: str, expected: tuple[int, int] | None) -> None:
    assert places.read_size(text) == expected


# Network.

@pytest.mark.parametrize(("environ", "registry", "expected"), [
    ({}, {}, ""), ({"HTTPS_PROXY": "http://user:secret@10.0.0.1:3128"}, {}, "http://10.0.0.1:3128"),
    ({}, {"ProxyEnable": 1, "ProxyServer": "10.0.0.1:3128"}, "10.0.0.1:3128"),
    ({}, {"ProxyEnable": 0, "ProxyServer": "10.0.0.1:3128"}, ""),
    ({}, {"AutoConfigURL": "http://wpad/wpad.dat"}, "http://wpad/wpad.dat")])
def test_a_system_proxy_is_named_without_its_password(
        environ: dict[str, str], registry: dict[str, str | int], expected: str) -> None:
    door = FakeDoor("win32")
    door.environ = environ
    door.registry = {(network.INTERNET_KEY, name): value for name, value in registry.items()}
    assert network.find_proxy(door) == expected
    assert network.look_at_proxy(door).word == "good"


@pytest.mark.parametrize(("programs", "expected"), [
    ({"powershell": "Private\r\n"}, "firewall_good"), ({"powershell": "Private\r\nPublic\r\n"}, "network_public"),
    ({"netsh advfirewall": "Политика брандмауэра    BlockInbound,BlockOutbound"}, "firewall_blocks"),
    ({}, "firewall_good")])
def test_the_firewall_of_windows(programs: dict[str, str | Ran], expected: str) -> None:
    assert network.look_at_firewall(FakeDoor("win32", programs)).code == expected


@pytest.mark.parametrize(("zone", "expected"), [("public\n", "firewall_good"), ("drop\n", "firewall_drops")])
def test_the_firewall_of_linux(zone: str, expected: str) -> None:
    assert network.look_at_firewall(FakeDoor(programs={"firewall-cmd": zone})).code == expected


class Stopwatch:
    """Time that passes only when something is asked."""

    def __init__(self, trip_s: float, bytes_s: float) -> None:
        self.now, self.trip_s, self.bytes_s, self.asked = 0.0, trip_s, bytes_s, [0]

    def ask(self) -> None:
        self.now += self.trip_s

    def download(self, size: int) -> int:
        self.asked.append(size)
        self.now += size / self.bytes_s
        return size

    def read(self) -> float:
        return self.now


@pytest.mark.parametrize(("trip_s", "bytes_s", "expected", "pieces"), [
    (0.002, 10_000_000, ("link_good", 10_000), 2), (0.002, 20_000, ("link_slow", 20), 1),
    (0.5, 10_000_000, ("link_slow", 10_000), 2)])
def test_the_link_is_measured_and_a_slow_one_is_not_asked_for_more(
        trip_s: float, bytes_s: float, expected: tuple[str, int], pieces: int) -> None:
    watch = Stopwatch(trip_s, bytes_s)
    speed = network.measure_link(watch.ask, watch.download, watch.read)
    assert (network.judge_link(speed).code, speed.kbytes_s) == expected
    assert len(watch.asked) == pieces + 1 and speed.round_trip_ms == int(trip_s * 1000)


def test_a_server_that_has_nothing_to_measure_by_is_not_called_slow() -> None:
    watch = Stopwatch(0.002, 1.0)
    assert network.judge_link(network.measure_link(watch.ask, lambda size: 0, watch.read)).code == "link_good"


# Reset at reboot.

def restart(door: FakeDoor, boot: str) -> str:
    door.boot = boot
    return resetting.look_at_mark(resetting.count_start(door, Path("/data")), False).code


def forget(door: FakeDoor, place: str) -> None:
    door.files = {path: text for path, text in door.files.items() if not path.startswith(place)}


@pytest.mark.parametrize("platform", ["linux", "win32"])
def test_a_folder_that_outlives_restarts(platform: str) -> None:
    door = FakeDoor(platform)
    assert [restart(door, boot) for boot in ("a", "a", "b", "c", "c")] == [
        "reset_first", "reset_first", "reset_none", "reset_none", "reset_none"]


def test_a_profile_that_is_emptied_at_every_sign_out() -> None:
    door = FakeDoor()
    codes = []
    for boot in ("a", "b", "b", "c"):
        codes.append(restart(door, boot))
        forget(door, "/data")
    assert codes == ["reset_first", "folder_emptied", "folder_emptied", "folder_emptied"]


def test_a_disk_that_goes_back_to_its_image() -> None:
    door = FakeDoor()
    restart(door, "a")
    restart(door, "b")
    image = dict(door.files)
    restart(door, "c")
    door.files.update({path: text for path, text in image.items() if path.startswith("/data")})
    assert restart(door, "d") == "reset_seen"
    assert restart(door, "d") == "reset_seen", "a second start of the program in one boot must not forget it"
    assert restart(door, "e") == "reset_none", "this time the disk kept it"


def test_a_whole_disk_that_goes_back_is_seen_by_the_server_alone() -> None:
    door = FakeDoor()
    restart(door, "a")
    image = dict(door.files)
    counts = []
    for boot in ("b", "c"):
        door.files, door.boot = dict(image), boot
        counts.append(resetting.count_start(door, Path("/data")))
    assert [mark.starts for mark in counts] == [2, 2] and counts[0].boot_id != counts[1].boot_id
    assert resetting.look_at_mark(counts[1], True).word == "stop"


def test_a_place_beyond_profiles_that_is_closed_does_no_harm() -> None:
    door = FakeDoor()
    door.closed = {"/var/tmp"}
    assert [restart(door, boot) for boot in ("a", "b")] == ["reset_first", "reset_none"]
    door.closed = {"/data"}
    with pytest.raises(OSError):
        resetting.count_start(door, Path("/data/seat"))


@pytest.mark.parametrize("text", [
    "", "{", "[]", '"x"', "null", '{"boot_id": "a"}', '{"boot_id": "a", "starts": "many"}'])
def test_a_mark_that_cannot_be_read_is_none(text: str) -> None:
    assert resetting.read_mark(text) == resetting.Mark()


@pytest.mark.parametrize(("folder", "kind"), [
    ("/home/pupil/data", "ext4"), ("/run/user/1", "tmpfs"), ("/home base/x", "overlay"), ("/runner", "ext4")])
def test_the_layer_a_folder_lies_on(folder: str, kind: str) -> None:
    door = FakeDoor()
    door.files["/proc/mounts"] = MOUNTS
    assert resetting.find_file_system(MOUNTS, folder) == kind
    found: Any = resetting.look_at_layer(door, Path(folder))
    assert (found.code if found else "") == ("reset_overlay" if kind in resetting.FLEETING else "")


def test_products_that_freeze_disks() -> None:
    frozen, filtered, plain = FakeDoor("win32"), FakeDoor("win32", {"powershell": "True\r\n"}), FakeDoor("win32")
    frozen.registry[r"HKLM\SYSTEM\CurrentControlSet\Services\DeepFrz", "Start"] = 0
    assert [resetting.find_resetter(door) for door in (frozen, filtered, plain)] == [
        "Deep Freeze", "Unified Write Filter", ""]
    found: Any = resetting.look_at_layer(frozen, Path("C:/seat"))
    assert "Deep Freeze" in found.text("en") and resetting.look_at_layer(plain, Path("C:/seat")) is None
