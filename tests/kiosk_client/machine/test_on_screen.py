"""The list of findings on the pairing screen, in a real Chromium."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from audio.sources import FileSource
from kiosk_client.agent import Agent, Options
from kiosk_client.machine import checking, resetting
from kiosk_client.machine.findings import find
from kiosk_client.screens.server import PageServer
from tests.kiosk_client.machine.fake_door import FakeDoor

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("KIOSK_SCREENSHOTS")


@pytest.fixture
def page(tmp_path: Path, speech: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """The pairing screen of a computer that sleeps and has its microphone muted."""
    monkeypatch.setattr(checking, "look_at_devices", lambda: [find("input_good", names="Headset")])
    monkeypatch.setattr(resetting, "BEYOND_PROFILES", tmp_path)
    door = FakeDoor(programs={
        "pactl get-source-mute": "Mute: yes", "systemctl is-enabled": "static",
        "gsettings get org.gnome.settings-daemon.plugins.power sleep-inactive-ac-timeout": "1800"})
    agent = Agent(Options(tmp_path / "seat", "https://127.0.0.1:1", lambda: FileSource(speech), 0, door))
    server = PageServer(agent)
    agent.start()
    server.start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 1366, "height": 768})
        opened.goto(server.launch_address())
        yield opened
        browser.close()
    server.stop()
    agent.stop()


def test_a_technician_reads_what_is_wrong_and_looks_again(page: Page) -> None:
    found = page.locator("#machine")
    expect(found.get_by_text("Микрофон выключен в системе.")).to_be_visible(timeout=15_000)
    expect(found.get_by_text("Компьютер засыпает через 30 мин.")).to_be_visible()
    first = found.locator("li").first
    expect(first).to_contain_text("исправить")
    expect(found.get_by_text("Headset")).to_be_hidden()
    found.get_by_text("В порядке:").click()
    expect(found.get_by_text("Headset")).to_be_visible()
    found.get_by_role("button", name="Проверить ещё раз").click()
    expect(found.get_by_text("Экран: 1366×768.")).to_be_visible(timeout=15_000)
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/machine.png", full_page=True)


def test_the_list_speaks_english_too(page: Page) -> None:
    page.get_by_role("button", name="English").click()
    expect(page.locator("#machine").get_by_text("The microphone is muted in the system.")).to_be_visible(timeout=15_000)
