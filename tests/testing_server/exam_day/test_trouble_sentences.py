"""A troubled seat's one sentence: which seat, what to do, up to when the work is kept; in both languages."""
from typing import Any

import pytest
from flask_babel import force_locale

from testing_server.exam_day.console.rules import (
    ACTS, SeatFacts, count_saved_speech, find_saved_at, find_trouble, tells_saved)
from testing_server.exam_day.console.words import TROUBLES, lower_first, tell_trouble
from testing_server.exam_day.responses.queries import Recording
from testing_server.exam_day.workstations.rules import list_check_troubles
from tests.testing_server.exam_day.builders import Classroom

AT_MS = 1_760_000_000_000
MOSCOW = "Europe/Moscow"


def make_recording(item: str, durable_bytes: int, rate_hz: int = 24_000) -> Recording:
    return Recording("a", 1, 1, item, "r", rate_hz, "recording", 0, durable_bytes, 0, "", "", "", "")


@pytest.mark.parametrize(("stage", "parts", "seconds"), [
    ("speak", [("i2", 1_968_000)], 41), ("speak", [("i2", 480_000), ("i2", 480_000), ("i9", 480_000)], 20),
    ("speak", [], 0), ("after", [("i2", 480_000)], None), ("answer", [], None)])
def test_speech_counts_as_saved_once_it_is_on_the_servers_disk(
        stage: str, parts: list[tuple[str, int]], seconds: int | None) -> None:
    assert count_saved_speech("i2", stage, [make_recording(*part) for part in parts]) == seconds


@pytest.mark.parametrize(("answered", "coming", "saved"), [
    (900, [], 900), (900, [1_000], 900), (900, [700, 800], 700), (None, [], None), (None, [700], None)])
def test_answers_count_as_saved_up_to_sound_that_has_not_come(
        answered: int | None, coming: list[int], saved: int | None) -> None:
    assert find_saved_at(answered, coming) == saved


@pytest.mark.parametrize(("language", "speech_s", "told"), [
    ("ru", None, ("Место 7: микрофон выключен", "Ответы сохранены до 11:53.")),
    ("ru", 41, ("Место 7: микрофон выключен", "Речь сохранена до 0:41.")),
    ("en", None, ("Seat 7: the microphone", "Answers are saved up to 11:53.")),
    ("en", 41, ("Seat 7: the microphone", "Speech is saved up to 0:41."))])
def test_the_sentence_names_the_seat_and_what_is_kept(
        open_room: Classroom, language: str, speech_s: int | None, told: tuple[str, str]) -> None:
    with open_room.app.test_request_context(), force_locale(language):
        sentence = tell_trouble("device_off", "7", AT_MS, speech_s, MOSCOW)
    assert sentence.startswith(told[0]) and sentence.endswith(told[1])


def test_a_raised_hand_says_nothing_of_answers_and_no_trouble_says_nothing(open_room: Classroom) -> None:
    with open_room.app.test_request_context():
        assert "сохран" not in tell_trouble("called", "7", AT_MS, None, MOSCOW)
        assert tell_trouble("silent", "", None, None, MOSCOW) == str(TROUBLES["silent"])
        assert tell_trouble("", "7", AT_MS, 41, MOSCOW) == ""


def test_every_trouble_has_a_sentence_an_act_and_knows_whether_work_is_in_question() -> None:
    assert set(ACTS) <= set(TROUBLES)
    assert all(tells_saved(code) for code in ("silent", "no_sound", "call_computer", "disk", "battery", "device_off"))
    assert not any(tells_saved(code) for code in ("called", "late", "unconfirmed", "call_leave"))


def test_what_runs_out_at_a_seat_is_seen_whatever_else_its_check_found() -> None:
    for check, trouble in (({"battery_percent": 15, "on_mains": False, "reset": True}, "battery"),
                           ({"battery_percent": 15, "on_mains": True}, ""), ({"battery_percent": 60}, ""), ({}, ""),
                           ({"disk_free_bytes": 10, "reset": True}, "disk"),
                           ({"disk_free_bytes": 10, "clock_offset_ms": 10**7}, "disk"),
                           ({"clock_offset_ms": 10**7, "findings": [{"word": "stop"}]}, "clock")):
        facts = SeatFacts("started", silent=False, checks=list_check_troubles(check))
        assert find_trouble(facts) == trouble, check


@pytest.mark.parametrize(("sentence", "lowered"), [("Микрофон", "микрофон"), ("USB порт", "USB порт"), ("", "")])
def test_a_sentence_goes_on_after_a_colon(sentence: str, lowered: Any) -> None:
    assert lower_first(sentence) == lowered
