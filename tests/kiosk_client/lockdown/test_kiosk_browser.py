"""The browser that shows one page: what it lets a page do, what becomes of it when it or the agent ends."""

from __future__ import annotations

import http.client
import http.server
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk_client.lockdown import EXTRA_FLAGS, KioskBrowser, kiosk_browser, make_command
from kiosk_client.lockdown.browsers import CHROMIUM, EDGE, Browser
from kiosk_client.lockdown.kiosk_browser import find_left_over, is_running, make_profile, note_running, wipe_profiles
from kiosk_client.system_door import open_door
from tests.kiosk_client.conftest import wait_until
from tests.kiosk_client.lockdown.doors import FakeDoor

# What a page finds out about its browser and tells: a person with a script is no stronger than this.
PROBE = b"""<!doctype html><title>probe</title><script>
onload = async () => {
  const visits = Number(localStorage.visits ?? 0) + 1;
  localStorage.visits = visits;
  const opened = window.open("/other");
  const isFull = () => matchMedia("(display-mode: fullscreen)").matches;
  // a window grows after its page has loaded: on a busy computer later
  for (let turn = 0; turn < 200 && !isFull(); turn++) await new Promise((go) => setTimeout(go, 100));
  const microphone = await navigator.mediaDevices.getUserMedia({audio: true}).then(() => "given", (e) => e.name);
  await fetch("/told", {method: "POST", body: JSON.stringify({
    opened: opened !== null, visits, microphone,
    isFull: isFull(),
    isWhole: innerWidth === screen.width && innerHeight === screen.height})});
};
</script>"""


class Probe:
    """A server of one page; `told` is what the page told, `asked` which paths were asked for."""

    def __init__(self) -> None:
        told: list[dict[str, object]] = []
        asked: list[str] = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(PROBE)

            def do_POST(self) -> None:
                told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *told: object) -> None:
                """Quiet."""

        self.told, self.asked = told, asked
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def make_address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/launch/{len(self.asked)}"


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> Iterator[Probe]:
    # A proxy of the system that answers nobody: the page on this computer must not go through it.
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv(EXTRA_FLAGS, "--headless=new --no-sandbox")
    made = Probe()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.mark.browser
def test_the_page_has_the_whole_screen_and_nothing_beside_it(probe: Probe, tmp_path: Path) -> None:
    browser = KioskBrowser(tmp_path, probe.make_address)
    browser.start()
    wait_until(lambda: probe.told, 30)
    browser.stop()
    told = probe.told[0]
    assert told["isFull"] and told["isWhole"]
    assert not told["opened"]
    assert told["microphone"] in ("NotAllowedError", "NotFoundError")
    assert "/other" not in probe.asked
    assert list(tmp_path.glob("profile-*")) == []


@pytest.mark.browser
def test_developer_tools_are_refused(probe: Probe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(EXTRA_FLAGS, "--headless=new --no-sandbox --remote-debugging-port=0 --remote-allow-origins=*")
    browser = KioskBrowser(tmp_path, probe.make_address)
    browser.start()
    wait_until(lambda: probe.told, 30)
    port = next(tmp_path.glob("profile-*/DevToolsActivePort")).read_text().split()[0]
    line = http.client.HTTPConnection("127.0.0.1", int(port))
    line.request("GET", "/json")
    page = next(one for one in json.load(line.getresponse()) if one["type"] == "page")
    line.request("GET", f"/devtools/page/{page['id']}", headers={
        "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="})
    status = line.getresponse().status
    browser.stop()
    # 101 would be tools that are let in.
    assert status == 403


@pytest.mark.browser
def test_a_killed_browser_comes_back_by_itself_and_remembers_nothing(probe: Probe, tmp_path: Path) -> None:
    browser = KioskBrowser(tmp_path, probe.make_address)
    browser.start()
    wait_until(lambda: probe.told, 30)
    pid = json.loads((tmp_path / "browser.json").read_text())["pid"]
    os.kill(pid, signal.SIGKILL)
    killed = time.monotonic()
    wait_until(lambda: len(probe.told) == 2, 30)
    took_s = time.monotonic() - killed
    browser.stop()
    assert [told["visits"] for told in probe.told] == [1, 1]
    assert took_s < 5
    launches = [path for path in probe.asked if path.startswith("/launch")]
    assert len(set(launches)) == 2


@pytest.mark.browser
def test_a_renewed_browser_keeps_nothing_of_what_was_shown(probe: Probe, tmp_path: Path) -> None:
    """As after the order to delete a work: no file of any profile tells of it."""
    def find_visits() -> list[Path]:
        return [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "browser.json"
                and b"visits" in read_quietly(path)]

    browser = KioskBrowser(tmp_path, probe.make_address)
    browser.start()
    wait_until(lambda: probe.told and find_visits(), 60)
    before = next(tmp_path.glob("profile-*"))
    browser.renew()
    wait_until(lambda: len(probe.told) == 2, 60)
    wait_until(lambda: not before.exists(), 60)
    assert probe.told[1]["visits"] == 1
    browser.stop()
    assert find_visits() == []


def read_quietly(path: Path) -> bytes:
    """A running browser takes files away while they are looked for."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.mark.browser
def test_a_browser_left_by_a_killed_agent_is_taken_over(probe: Probe, tmp_path: Path) -> None:
    """Another agent finds it open, opens none beside it, and opens a fresh one when it ends."""
    first = KioskBrowser(tmp_path, probe.make_address)
    first.start()
    wait_until(lambda: probe.told, 30)
    left = find_left_over(open_door(), tmp_path)
    assert left is not None
    second = KioskBrowser(tmp_path, probe.make_address)
    second.start()
    time.sleep(2)
    assert len(probe.told) == 1
    # The first agent is gone: nobody but the second one waits for this browser.
    first._stopping.set()
    os.kill(left.pid, signal.SIGKILL)
    wait_until(lambda: len(probe.told) == 2, 30)
    second.stop()
    assert find_left_over(open_door(), tmp_path) is None


def test_a_number_given_to_another_process_is_not_taken_for_the_browser(tmp_path: Path) -> None:
    note_running(tmp_path, kiosk_browser.Running(os.getpid(), "/a/profile/of/ours"))
    assert find_left_over(open_door(), tmp_path) is None
    (tmp_path / "browser.json").write_text("half a li")
    assert find_left_over(open_door(), tmp_path) is None


def test_on_windows_the_command_line_of_a_process_is_asked_for() -> None:
    running = kiosk_browser.Running(4711, r"C:\data\browser\profile-1")
    door = FakeDoor(programs={"powershell": rf'"C:\chrome.exe" --kiosk "--user-data-dir={running.profile}"'})
    assert is_running(door, running) and "ProcessId=4711" in door.asked[0][-1]
    assert not is_running(FakeDoor(programs={"powershell": ""}), running)


def test_a_browser_that_ends_at_once_is_opened_ever_more_slowly(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kiosk_browser, "make_command", lambda *told: [sys.executable, "-c", "pass"])
    monkeypatch.setattr(kiosk_browser, "AGAIN_SECONDS", 0.05)
    opened: list[float] = []
    browser = KioskBrowser(tmp_path, lambda: str(opened.append(time.monotonic())))
    browser.start()
    wait_until(lambda: len(opened) >= 5)
    browser.stop()
    waits = [later - earlier for earlier, later in zip(opened, opened[1:], strict=False)]
    assert waits[3] > 2 * waits[0] and waits[3] > 0.3


def test_the_command_keeps_the_sandbox_and_asks_no_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(EXTRA_FLAGS, raising=False)
    command = make_command(Browser(CHROMIUM, "/usr/bin/chromium", "120.0.1.2"), tmp_path, "http://127.0.0.1:1/launch/x")
    assert command[0] == "/usr/bin/chromium" and command[-1] == "--app=http://127.0.0.1:1/launch/x"
    assert {"--kiosk", "--no-proxy-server", "--disable-sync", f"--user-data-dir={tmp_path}"} <= set(command)
    assert not any("sandbox" in flag or "remote-debugging" in flag or "printing" in flag for flag in command)
    edge = make_command(Browser(EDGE, "msedge.exe", ""), tmp_path, "http://127.0.0.1:1/launch/x")
    assert "--edge-kiosk-type=fullscreen" in edge and edge[-1] == "http://127.0.0.1:1/launch/x"


def test_every_profile_is_fresh_and_old_ones_go(tmp_path: Path) -> None:
    profile = make_profile(tmp_path)
    told = json.loads((profile / "Default" / "Preferences").read_text())
    assert told["devtools"] == {"availability": 2} and told["printing"] == {"enabled": False}
    assert make_profile(tmp_path) != profile
    wipe_profiles(tmp_path)
    assert list(tmp_path.iterdir()) == []
