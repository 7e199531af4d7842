"""A robot candidate takes the whole work "English, grade 11" at a fast pace, with both rests for the eyes."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

import task_bank
from kiosk_client.fake_work import FakeWork, make_sound
from kiosk_client.fakes import FakeAttempt, FakeClassroom
from task_bank.assessments import describe_for_candidates, plan
from task_bank.items.package import read_package
from task_bank.variants import assemble, deliver
from testing_server.contracts.canonical import encode_canonical, sha256_hex
from testing_server.contracts.events import Event, EventKind
from tests.kiosk_client.conftest import LOGIN
from tests.kiosk_client.test_robot import RobotProcess

PACKAGE = read_package(Path(task_bank.__file__).parent / "samples" / "english_grade_11")
PACE = 150


class SampleWork(FakeWork):
    """A variant of the demonstration work; its conversation lasts a second, so that the test does not last minutes."""

    def __post_init__(self) -> None:
        delivery = deliver(PACKAGE, assemble(PACKAGE.assessment, "s1", 1, 7)[0], 7)
        self.assessment = {**describe_for_candidates(PACKAGE.assessment), "sound_check": False}
        media = {medium.sha256: (medium.data, medium.type) for medium in delivery.media.values()}
        text, tone = encode_canonical(delivery.variant_json).decode(), make_sound(1.0)
        for name in [name for name, (_, kind) in media.items() if kind.startswith("audio")]:
            text = text.replace(name, sha256_hex(tone))
            media[sha256_hex(tone)] = (tone, media.pop(name)[1])
        self.items = msgspec.json.decode(text)["items"]
        self.bundles, self.keys, self.listed = {}, {}, []
        self.variant_bundle = self._seal(text.encode(), "", "application/json")
        self.media = {name: self._seal(data, name, kind) for name, (data, kind) in media.items()}


@pytest.fixture
def classroom() -> FakeClassroom:
    return FakeClassroom(SampleWork(), {LOGIN: "10001"})


def list_order(attempt: FakeAttempt) -> list[str]:
    """Positions and breaks in the order in which the candidate first came to them: on a busy machine the robot goes
    back within a part to what it had no time for."""
    positions = {item["id"]: str(item["position"]) for item in SampleWork().items}
    names = [name_step(event, positions) for event in attempt.events]
    return list(dict.fromkeys(name for name in names if name))


def name_step(event: Event, positions: dict[str, str]) -> str:
    if event.kind == EventKind.ITEM_ENTERED:
        return positions[event.body["item"]]
    return f"break {event.body['break']}" if event.kind == EventKind.BREAK_STARTED else ""


def test_a_robot_takes_the_whole_work_of_grade_eleven(tmp_path: Path, speech: Path, classroom: FakeClassroom) -> None:
    classroom.start()
    robot = RobotProcess(classroom.url, tmp_path / "robot", speech)
    assert classroom.type_digits(robot.wait_for("pairing")["code"])
    robot.wait_for("ready")
    attempt = classroom.find_attempt(LOGIN)
    timeline = plan(PACKAGE.assessment)
    classroom.start_work(attempt, pace=PACE, plan=timeline.describe_for_seat(), duration_s=timeline.duration_s)
    assert robot.wait_for("resting")["break"] == 1
    assert robot.wait_for("resting")["break"] == 2
    robot.wait_for("done")
    assert robot.process.wait(timeout=20) == 0
    classroom.stop()
    assert list_order(attempt) == ["1", "2", "break 1", "3", "4", "break 2", "5", "6"]
    state = attempt.state
    assert state.finish_reason == "time", "the last fixed item ends the work"
    assert {key.partition("/")[0] for key in state.responses} == {
        item["id"] for item in classroom.work.items if item["interactions"]}
    rests = [(end - start) * PACE / 1000 for one in state.breaks.values() for start, end in one.spans if end]
    assert rests == [pytest.approx(300, rel=0.4), pytest.approx(300, rel=0.4)]
    assert [recording.end_reason for recording in state.recordings] == ["candidate", "candidate"]
