"""The sound check of a seat: devices are chosen and remembered, silence is explained, it can be done once more."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from audio import devices_choice
from audio.devices import Device, Direction
from audio.virtual import VirtualMicrophone, start_virtual_microphone
from kiosk_client import sound_devices
from kiosk_client.agent import Agent, Options
from kiosk_client.fakes import FakeAttempt, FakeClassroom
from kiosk_client.recorder_service import make_microphone
from kiosk_client.refusals import MicrophoneRefused, NotNow
from kiosk_client.screens import bodies
from kiosk_client.screens.actions import ACTIONS
from kiosk_client.screens.snapshot import take_snapshot
from testing_server.contracts.events import EventKind
from tests.kiosk_client.conftest import LOGIN, pair, sit_down, wait_until

IN = Direction.input
DEVICES = [Device(0, "Built-in", "WASAPI", IN, 1, 48000, True), Device(1, "USB Headset", "WASAPI", IN, 1, 48000, False)]


@pytest.fixture
def two_devices(monkeypatch: pytest.MonkeyPatch) -> list[Device]:
    """A machine without a sound server: PortAudio's own devices are the choice."""
    devices = list(DEVICES)
    monkeypatch.setattr(devices_choice, "_list_fresh", lambda direction: devices if direction is IN else [])
    monkeypatch.setattr(devices_choice, "list_server_devices", lambda direction: None)
    return devices


def list_kinds(attempt: FakeAttempt) -> list[str]:
    return [event.kind for event in attempt.events]


def reach_speaking(agent: Agent, classroom: FakeClassroom) -> FakeAttempt:
    attempt = sit_down(agent, classroom)
    agent.require_seat().go("i3")
    return attempt


def test_a_chosen_microphone_is_opened_noted_and_remembered(
        classroom: FakeClassroom, make_agent: Callable[..., Agent], two_devices: list[Device],
        monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str | None] = []
    monkeypatch.setattr(sound_devices, "make_microphone", lambda name: lambda: opened.append(name))
    agent = make_agent(classroom.url)
    attempt = sit_down(agent, classroom)
    agent.checking.choose_device(IN, "USB Headset (WASAPI)")
    agent.recorder.make_source()
    assert opened == ["USB Headset (WASAPI)"]
    assert [one["is_chosen"] for one in agent.checking.devices.show()["input"]] == [False, True]
    wait_until(lambda: EventKind.DEVICE_CHANGED in list_kinds(attempt))
    agent.stop()
    again = make_agent(classroom.url)
    again.recorder.make_source()
    assert opened == ["USB Headset (WASAPI)"] * 2
    with pytest.raises(MicrophoneRefused) as refused:
        again.checking.choose_device(IN, "nobody has it")
    assert refused.value.code == "device_missing"


def test_a_remembered_microphone_that_is_gone_leaves_the_usual_one(
        classroom: FakeClassroom, make_agent: Callable[..., Agent], two_devices: list[Device]) -> None:
    agent = make_agent(classroom.url)
    usual = agent.options.make_source
    agent.journal.set(sound_devices.REMEMBERED[IN], "gone")
    agent.checking.devices.restore()
    assert agent.recorder.make_source is usual
    with pytest.raises(MicrophoneRefused):
        agent.checking.open_up(Direction.output)


def test_the_check_is_done_again_before_speaking_and_nowhere_else(
        classroom: FakeClassroom, make_agent: Callable[..., Agent]) -> None:
    agent = make_agent(classroom.url)
    sit_down(agent, classroom)
    with pytest.raises(NotNow):
        agent.checking.begin_again()
    agent.require_seat().go("i3")
    agent.checking.begin_again()
    assert take_snapshot(agent)["screen"] == "check"
    agent.checking.answer_heard(True)
    agent.checking.begin_saying()
    agent.checking.end_again()
    assert take_snapshot(agent)["screen"] == "work"
    with pytest.raises(NotNow):
        agent.recorder.end_check()


def test_time_that_moves_the_item_on_ends_the_check_and_speech_is_recorded(
        classroom: FakeClassroom, make_agent: Callable[..., Agent]) -> None:
    agent = make_agent(classroom.url)
    reach_speaking(agent, classroom)
    seat = agent.require_seat()
    agent.checking.begin_again()
    agent.checking.answer_heard(True)
    agent.checking.begin_saying()
    seat.prepare()
    assert take_snapshot(agent)["screen"] == "work"
    seat.speak()
    assert seat.speaking.is_recording and seat.speaking.trouble is None
    seat.stop_speaking()
    assert take_snapshot(agent)["screen"] == "work", "it does not come back by itself"


def test_a_work_that_does_not_allow_it_has_no_second_check(
        classroom: FakeClassroom, make_agent: Callable[..., Agent]) -> None:
    classroom.work.assessment["sound_check_again"] = False
    agent = make_agent(classroom.url)
    reach_speaking(agent, classroom)
    assert not take_snapshot(agent)["check"]["may_begin_again"]
    with pytest.raises(NotNow):
        agent.checking.begin_again()


def test_before_the_start_the_check_may_be_repeated_and_the_start_does_not_wait_for_it(
        classroom: FakeClassroom, make_agent: Callable[..., Agent]) -> None:
    classroom.work.assessment["sound_check"] = True
    agent = make_agent(classroom.url)
    pair(agent, classroom)
    agent.sign_in(LOGIN)
    agent.set_step("checked")
    agent.set_step("instructed")
    assert take_snapshot(agent)["screen"] == "waiting"
    agent.checking.begin_again()
    assert take_snapshot(agent)["screen"] == "check"
    agent.attach()
    classroom.start_work(classroom.find_attempt(LOGIN))
    wait_until(lambda: take_snapshot(agent)["screen"] == "work")


def test_what_a_check_heard_is_journalled(classroom: FakeClassroom, make_agent: Callable[..., Agent]) -> None:
    agent = make_agent(classroom.url)
    attempt = reach_speaking(agent, classroom)
    agent.checking.begin_again()
    agent.checking.answer_heard(True)
    agent.checking.begin_saying()
    agent.checking.end_saying()
    wait_until(lambda: EventKind.SOUND_CHECKED in list_kinds(attempt))


def test_no_device_is_changed_under_a_recording(classroom: FakeClassroom, make_agent: Callable[..., Agent]) -> None:
    agent = make_agent(classroom.url)
    reach_speaking(agent, classroom)
    agent.checking.begin_again()
    agent.checking.answer_heard(True)
    agent.checking.begin_saying()
    with pytest.raises(NotNow):
        agent.checking.choose_device(IN, "any")
    agent.checking.end_again()


def test_the_volume_belongs_to_the_candidate_and_is_journalled_with_each_hearing(
        classroom: FakeClassroom, make_agent: Callable[..., Agent]) -> None:
    agent = make_agent(classroom.url)
    attempt = sit_down(agent, classroom)
    assert take_snapshot(agent)["volume"] == 100
    ACTIONS["set_volume"][1](agent, bodies.Volume(percent=60))
    agent.stop()
    again = make_agent(classroom.url)
    assert take_snapshot(again)["volume"] == 60
    again.attach()
    wait_until(lambda: again.require_seat().items)
    again.require_seat().go("i2")
    wait_until(lambda: again.require_seat().state.stage == "listen")
    ACTIONS["play"][1](again, bodies.ItemNamed(item="i2"))
    wait_until(lambda: EventKind.PLAY_STARTED in list_kinds(attempt))
    assert [event.body["volume"] for event in attempt.events if event.kind == EventKind.PLAY_STARTED] == [60]


# The real thing: a sound server whose microphone is muted, dead or gone.

@pytest.fixture
def microphone(monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualMicrophone]:
    with tempfile.TemporaryDirectory(prefix="vm") as folder, start_virtual_microphone(Path(folder)) as virtual:
        for name in ("PULSE_SERVER", "PULSE_RUNTIME_PATH", "PULSE_LATENCY_MSEC"):
            monkeypatch.setenv(name, virtual.environment[name])
        yield virtual


def hear_nothing(agent: Agent) -> str | None:
    agent.checking.begin_anew()
    agent.checking.answer_heard(True)
    agent.checking.begin_saying()
    time.sleep(2.5)
    agent.checking.end_saying()
    return agent.checking.state.problem


@pytest.mark.microphone
def test_a_muted_microphone_is_told_from_one_switched_off_on_its_cable(
        microphone: VirtualMicrophone, classroom: FakeClassroom, tmp_path: Path) -> None:
    agent = Agent(Options(tmp_path / "seat", classroom.url, make_microphone("pulse")))
    agent.start()
    try:
        sit_down(agent, classroom)
        assert hear_nothing(agent) == "own_switch"
        microphone.control("set-source-mute", "vmic", "1")
        assert hear_nothing(agent) == "muted"
        agent.checking.open_up(IN)
        assert agent.checking.state.problem is None
        assert [one["state"] for one in agent.checking.devices.show()["input"]] == ["ready"]
        microphone.control("set-source-volume", "vmic", "1%")
        assert hear_nothing(agent) == "turned_down"
    finally:
        agent.stop()
