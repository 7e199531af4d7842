"""The agent looks at its machine by itself, tells page and server, and leaves a working candidate alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from audio.sources import FileSource
from kiosk_client.agent import Agent, Options
from kiosk_client.fake_authority import FakeAuthority
from kiosk_client.fake_work import FakeWork
from kiosk_client.fakes import FakeClassroom, FakeFault
from kiosk_client.machine import checking, resetting, watching
from kiosk_client.machine.findings import find
from kiosk_client.machine.network import look_at_leaf
from kiosk_client.machine.supplies import Supplies
from kiosk_client.machine.terminal import Asked, check_machine
from kiosk_client.screens.snapshot import take_snapshot
from testing_server.contracts.messages import CheckReport, read_message
from tests.kiosk_client.conftest import LOGIN, pair, wait_until
from tests.kiosk_client.machine.fake_door import FakeDoor

MakeAgent = Callable[..., Agent]


@pytest.fixture(autouse=True)
def headset(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine with a headset; nothing is written beyond the test's folder."""
    monkeypatch.setattr(checking, "look_at_devices", lambda: [find("input_good", names="Headset")])
    monkeypatch.setattr(resetting, "BEYOND_PROFILES", tmp_path)


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[FakeClassroom]:
    made = FakeClassroom(FakeWork(sound_check=False), {LOGIN: "10001"}, tls_folder=tmp_path).start()
    yield made
    made.stop()


@pytest.fixture
def seat(tmp_path: Path, speech: Path, secure: FakeClassroom) -> Iterator[Agent]:
    """An agent on a machine that falls asleep."""
    door = FakeDoor(programs={"systemctl is-enabled sleep.target": "static\n",
                              "gsettings get org.gnome.settings-daemon.plugins.power sleep-inactive-ac-timeout": "600"})
    agent = Agent(Options(tmp_path / "seat", secure.url, lambda: FileSource(speech), 0, door))
    agent.start()
    yield agent
    agent.stop()


def codes(agent: Agent) -> set[str]:
    return {finding.code for finding in agent.machine.looked.findings}


def last_report(classroom: FakeClassroom) -> CheckReport:
    report: CheckReport = read_message(CheckReport, json.dumps(classroom.checks[-1]).encode())
    return report


def test_an_unpaired_seat_shows_what_is_wrong_with_the_machine(seat: Agent) -> None:
    wait_until(lambda: seat.machine.looked.findings and not seat.machine.is_looking)
    shown = take_snapshot(seat)["machine"]
    words = [finding["word"] for finding in shown["findings"]]
    assert words == sorted(words, key=["stop", "attention", "good"].index) and not shown["looking"]
    assert any("засыпает через 10 мин" in finding["ru"] for finding in shown["findings"])
    assert "server_good" not in codes(seat)


def test_a_paired_seat_tells_its_server_at_once(seat: Agent, secure: FakeClassroom) -> None:
    pair(seat, secure)
    wait_until(lambda: secure.checks)
    report = last_report(secure)
    found = {finding.code for finding in report.findings or []}
    assert {"sleep_after", "server_good", "tls_good", "clock_good", "input_good"} <= found
    assert report.verdict == "" and report.starts == 1 and report.boot_id == "boot-1" and report.disk_free_bytes > 0


def test_the_servers_memory_of_a_reset_reaches_the_page(
        seat: Agent, secure: FakeClassroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seat.machine, "_says_reset", True)
    pair(seat, secure)
    wait_until(lambda: "reset_seen" in codes(seat))


def test_a_working_candidate_is_left_alone(
        seat: Agent, secure: FakeClassroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "look_at_supplies", Supplies)
    pair(seat, secure)
    wait_until(lambda: secure.checks and not seat.machine.is_looking)
    seat.sign_in(LOGIN)
    count = len(secure.checks)
    seat.machine.look_soon()
    wait_until(lambda: not seat.machine._look_now.is_set())
    assert len(secure.checks) == count


def test_a_battery_that_runs_out_while_somebody_works_is_told_once_a_step(
        seat: Agent, secure: FakeClassroom, monkeypatch: pytest.MonkeyPatch) -> None:
    pair(seat, secure)
    wait_until(lambda: secure.checks and not seat.machine.is_looking)
    seat.sign_in(LOGIN)
    told = []
    for percent, on_mains in ((61, True), (60, True), (60, False), (59, False), (58, False), (14, False), (14, True)):
        monkeypatch.setattr(watching, "look_at_supplies", lambda: Supplies(10**9, percent, on_mains))
        before = len(secure.checks)
        seat.machine.glance()
        told.append(len(secure.checks) - before)
    assert told == [1, 0, 1, 1, 0, 1, 1]
    report = last_report(secure)
    assert (report.battery_percent, report.on_mains, report.verdict, report.findings) == (14, True, "", None)


def test_a_disk_that_fills_while_somebody_works_is_told(
        seat: Agent, secure: FakeClassroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "look_at_supplies", Supplies)
    monkeypatch.setattr(watching, "count_free_bytes", lambda folder: 10**8)
    pair(seat, secure)
    wait_until(lambda: secure.checks and not seat.machine.is_looking)
    seat.sign_in(LOGIN)
    before = len(secure.checks)
    seat.machine.look_soon()
    wait_until(lambda: len(secure.checks) > before)
    assert last_report(secure).disk_free_bytes == 10**8


def test_the_size_of_the_screen_comes_from_the_page(seat: Agent) -> None:
    wait_until(lambda: seat.machine.looked.findings)
    seat.machine.look_soon("800×600")
    wait_until(lambda: "screen_tiny" in codes(seat))


def test_a_version_that_does_not_fit_is_said_with_its_remedy(seat: Agent, secure: FakeClassroom) -> None:
    pair(seat, secure)
    wait_until(lambda: secure.checks and not seat.machine.is_looking)

    def refuse(path: str) -> None:
        raise FakeFault(426, "version")
    secure.fail = refuse
    seat.machine.look_soon()
    wait_until(lambda: "version_differs" in codes(seat))
    wait_until(lambda: take_snapshot(seat)["link"]["refusal"] == "version")


def test_a_server_that_is_off_is_named_and_the_rest_is_still_looked_at(seat: Agent, secure: FakeClassroom) -> None:
    pair(seat, secure)
    wait_until(lambda: secure.checks and not seat.machine.is_looking)
    secure.stop()
    seat.machine.look_soon()
    wait_until(lambda: {"server_away", "sleep_after"} <= codes(seat))


# The certificate.

def test_a_connection_that_somebody_opens_is_seen(tmp_path: Path, secure: FakeClassroom) -> None:
    """An antivirus answers with a leaf of an authority of its own."""
    (tmp_path / "av").mkdir()
    secure.stop()
    honest, secure.authority = secure.authority.pem, FakeAuthority("Kaspersky Anti-Virus Personal Root Certificate")
    secure.start()
    leaf = checking.fetch_leaf(secure.url)
    assert look_at_leaf(leaf, honest, secure.url).code == "tls_inspected"
    assert look_at_leaf(leaf, "", secure.url).code == "tls_inspected", "an unpaired seat sees it as well"
    secure.stop()
    secure.authority = FakeAuthority("Школа № 13")
    secure.start()
    foreign = look_at_leaf(checking.fetch_leaf(secure.url), honest, secure.url)
    assert foreign.code == "tls_foreign" and "Школа № 13" in foreign.text("ru")


def test_no_certificate_is_no_proof() -> None:
    assert checking.fetch_leaf("http://127.0.0.1:1") == b"" and checking.fetch_leaf("https://127.0.0.1:1") == b""
    assert look_at_leaf(b"", "", "").code == "tls_unknown"


# The terminal.

def check(folder: Path, capsys: pytest.CaptureFixture[str], server: str = "", language: str = "ru",
          door: Any = None) -> tuple[int, str]:
    code = check_machine(Asked(folder, server, None, 0, language), door or FakeDoor())
    return code, capsys.readouterr().out


def test_the_terminal_reports_for_a_seat_whose_program_is_not_running(
        seat: Agent, secure: FakeClassroom, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pair(seat, secure)
    wait_until(lambda: secure.checks and not seat.machine.is_looking)
    code, printed = check(tmp_path / "seat", capsys)
    assert "она сама сообщает серверу" in printed
    seat.stop()
    count = len(secure.checks)
    code, printed = check(tmp_path / "seat", capsys)
    assert "Результат передан серверу аудитории." in printed and len(secure.checks) == count + 1
    assert {"server_good", "tls_good"} <= {finding.code for finding in last_report(secure).findings or []}


def test_the_terminal_speaks_english_and_names_a_server_that_is_off(
        tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, printed = check(tmp_path, capsys, "https://127.0.0.1:1", "en")
    assert code == 1 and "The server does not answer" in printed and "The seat is not ready" in printed


def test_a_folder_that_cannot_be_written_is_a_finding_not_a_crash(
        tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    code, printed = check(tmp_path / "file" / "below", capsys)
    assert code == 1 and "нельзя писать" in printed


def test_a_look_that_stumbles_leaves_the_others_alone() -> None:
    def stumble() -> None:
        raise ValueError("a strange machine")
    assert [one.code for one in checking.collect([stumble, lambda: find("lid_none"), lambda: None])] == ["lid_none"]
