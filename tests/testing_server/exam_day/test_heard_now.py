"""What the organizer sees of a candidate who speaks now: from the parts that came, and of a microphone that died."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kiosk_client
from audio.sources import read_mono
from testing_server.contracts.verdicts import Verdict
from testing_server.exam_day.console.incident_words import DEVICES
from testing_server.exam_day.console.rules import ACTS, DEVICE_TROUBLES, HEARD_BADLY, SeatFacts, find_trouble
from testing_server.exam_day.console.words import ACTS as ACT_WORDS
from testing_server.exam_day.console.words import TROUBLES
from testing_server.exam_day.responses.heard_now import FRESH_MS, PartHeard, draw_strip, is_fresh, judge_now, read_heard
from testing_server.exam_day.responses.part_verdicts import judge_part, read_verdict
from testing_server.exam_day.responses.parts import PartStore, RecordingName
from tests.testing_server.exam_day.builders import Classroom, make_speech
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk

RATE = 24_000
PHRASE = Path(kiosk_client.__file__).with_name("static") / "phrase-ru.ogg"
WORDS = {"h": "heard", "s": "silent", "q": "too_quiet", "n": "neighbour", "c": "clipped", "z": "wrong_device",
         "y": "noisy", "-": ""}


def make_parts(letters: str) -> list[PartHeard]:
    """Parts of half a second, one letter each."""
    return [PartHeard(500 * place, 500 * (place + 1), WORDS[letter], 500 * place)
            for place, letter in enumerate(letters)]


@pytest.mark.parametrize(("letters", "verdict"), [
    ("", ""), ("----", ""),
    # the first word may take a moment, not two and a half seconds
    ("s", ""), ("ssss", ""), ("sssss", "silent"), ("zzzzz", "silent"), ("szszs", "silent"), ("sssssh", "heard"),
    # a pause inside speech is no silence before ten seconds
    ("h", "heard"), ("hs", ""), ("h" + "s" * 19, ""), ("h" + "s" * 20, "silent"), ("h" + "s" * 20 + "h", "heard"),
    ("s" * 4 + "-", ""),
    # one word that was heard lately is enough; what is bad must last
    ("q", ""), ("qq", "too_quiet"), ("hqqq", "heard"), ("hhqqqqqq", "too_quiet"), ("nnn", "neighbour"),
    ("qqs", ""), ("ccc", "clipped"), ("yy", "noisy"), ("cch", "heard"), ("qqqnn", "too_quiet")])
def test_what_is_heard_now(letters: str, verdict: str) -> None:
    assert judge_now(make_parts(letters)) == verdict


@pytest.mark.parametrize(("age_ms", "fresh"), [(0, True), (FRESH_MS, True), (FRESH_MS + 1, False)])
def test_old_parts_tell_nothing_of_now(age_ms: int, fresh: bool) -> None:
    parts = make_parts("hh")
    assert is_fresh(parts, parts[-1].received_at_ms + age_ms) is fresh and not is_fresh([], 0)


def test_a_strip_joins_what_follows_with_one_word() -> None:
    assert draw_strip(make_parts("sshhs")) == [("silent", 0, 1000), ("heard", 1000, 2000), ("silent", 2000, 2500)]


def test_a_part_is_judged_here_where_the_seat_has_no_judge(tmp_path: Path) -> None:
    pcm, phrase = tmp_path / "x.pcm", np.concatenate(list(read_mono(PHRASE, RATE)))
    spoken = phrase[RATE:3 * RATE].tobytes()
    hush = np.random.default_rng(3).integers(-20, 20, RATE).astype("<i2").tobytes()
    assert judge_part(pcm, RATE, 0, hush) == "silent"
    assert judge_part(pcm, RATE, 2 * RATE, spoken) == "heard", "a part that came before its forerunners"
    pcm.write_bytes(spoken)
    assert judge_part(pcm, RATE, len(spoken), hush) == "heard", "the word that was just said is not forgotten at once"
    assert [judge_part(pcm, rate, 0, spoken) for rate in (0, 7_999, 192_001)] == ["", "", ""]


@pytest.mark.parametrize("word", ["", "HEARD", "heard'; --", "x" * 200])
def test_a_strange_word_is_no_verdict(word: str) -> None:
    assert read_verdict(word) == ""


def test_a_list_of_an_older_server_learns_the_verdicts(tmp_path: Path) -> None:
    name = RecordingName("0" * 8 + "-0000-4000-8000-" + "0" * 12, 1, 7)
    with sqlite3.connect(tmp_path / "parts.sqlite") as database:
        database.execute("CREATE TABLE part (attempt TEXT, lease INTEGER, number INTEGER, offset INTEGER, "
                         "length INTEGER, part_no INTEGER, sha256 TEXT)")
        database.execute("INSERT INTO part VALUES (?, 1, 7, 0, 48000, 0, '')", (name.attempt,))
    assert read_heard(tmp_path, {name: RATE}) == {}
    PartStore(tmp_path).close()
    assert read_heard(tmp_path, {name: RATE}) == {name: [PartHeard(0, 1000, "", 0)]}


@pytest.mark.parametrize("code", [*DEVICE_TROUBLES.values(), "device"])
def test_every_cause_has_its_sentence_and_act(code: str) -> None:
    trouble = find_trouble(SeatFacts("started", silent=False, device=code))
    assert trouble == code and str(TROUBLES[code]) and str(ACT_WORDS[ACTS[code]])


def test_causes_are_told_apart() -> None:
    told = [str(TROUBLES[DEVICE_TROUBLES[word]]) for word in (
        "all_zero", "muted", "unplugged", "wrong_device", "device_lost", "no_callbacks", "maybe_muted")]
    assert len(set(told)) == len(told)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_only_what_can_be_helped_calls_the_organizer(verdict: Verdict) -> None:
    trouble = find_trouble(SeatFacts("started", silent=False, heard=verdict))
    assert trouble == (f"now_{verdict}" if verdict in HEARD_BADLY else "")
    assert not trouble or (str(TROUBLES[trouble]) and str(ACT_WORDS[ACTS[trouble]]))


# In the room.

def begin_to_speak(room: Classroom) -> FakeKiosk:
    kiosk = room.seat(0)
    room.start(kiosk)
    kiosk.now_ms = room.clock.now_ms() + 5
    kiosk.write("item_entered", item="i1", stage="speak")
    kiosk.write("recording_started", item="i1", response="r1", rate_hz=RATE, device="Headset")
    kiosk.send()
    return kiosk


def send_parts(kiosk: FakeKiosk, letters: str) -> None:
    for place, letter in enumerate(letters):
        answer = kiosk.put_part(find_last_number(kiosk), place, place * RATE, b"\1\0" * (RATE // 2), WORDS[letter])
        assert answer.status == 200


def find_last_number(kiosk: FakeKiosk) -> int:
    return len(kiosk.lines[kiosk.lease])


def look_at(room: Classroom, person: Any) -> dict[str, Any]:
    return dict(person.get(f"/v1/sittings/{room.sitting}/live").get_json()["seats"][0])


def test_the_console_follows_the_parts(open_room: Classroom) -> None:
    kiosk, person, sent = begin_to_speak(open_room), open_room.browser().client, ""
    for letters, heard, trouble in (("s", "", ""), ("ssss", "silent", "now_silent"), ("h", "heard", ""),
                                    ("ss", "", ""), ("qqqqqq", "too_quiet", "now_too_quiet")):
        sent += letters
        send_parts(kiosk, sent)
        seat = look_at(open_room, person)
        assert (seat["heard"], seat["trouble"], bool(seat["heard_text"])) == (heard, trouble, bool(heard)), sent
    open_room.clock.advance(FRESH_MS + 1)
    assert look_at(open_room, person)["heard"] == ""


def test_the_page_of_a_seat_draws_what_was_heard(open_room: Classroom) -> None:
    kiosk = begin_to_speak(open_room)
    send_parts(kiosk, "sshhhhq")
    page = open_room.browser().client.get(f"/sittings/{open_room.sitting}/seats/{kiosk.attempt}").text
    assert "слышно 2 с, тишина 1 с" in page and page.count("<rect") == 3 and 'x="1000" width="2000"' in page


@pytest.mark.parametrize(("word", "code"), [("device_lost /dev/x", "device_ended"), ("", "device")])
def test_a_dead_microphone_stays_told_until_a_recording_goes_on(open_room: Classroom, word: str, code: str) -> None:
    kiosk, person = begin_to_speak(open_room), open_room.browser().client
    open_room.clock.advance(1_000)
    kiosk.now_ms = open_room.clock.now_ms()
    kiosk.write("incident_raised", kind="sound", text=word)
    kiosk.send()
    assert look_at(open_room, person)["trouble"] == code
    page = person.get(f"/sittings/{open_room.sitting}/seats/{kiosk.attempt}").text
    assert str(DEVICES[code]) in page.split("<ol")[1], "in the time line too"
    open_room.clock.advance(1_000)
    kiosk.now_ms = open_room.clock.now_ms()
    kiosk.write("recording_started", item="i1", response="r1", rate_hz=RATE, device="Headset")
    kiosk.send()
    assert look_at(open_room, person)["trouble"] == ""


def test_a_muted_microphone_that_is_heard_again_is_no_trouble(open_room: Classroom) -> None:
    kiosk, person = begin_to_speak(open_room), open_room.browser().client
    started = find_last_number(kiosk)
    kiosk.now_ms += 500
    kiosk.write("incident_raised", kind="sound", text="maybe_muted")
    kiosk.send()
    assert look_at(open_room, person)["trouble"] == "device_maybe_muted"
    assert kiosk.put_part(started, 0, 0, b"\1\0" * RATE, "heard").status == 200
    assert look_at(open_room, person)["trouble"] == ""


@pytest.mark.parametrize(("verdicts", "is_told"), [
    ([("i1", "silent")], True), ([("i1", "silent"), ("i1", "heard")], False),
    ([("i1", "silent"), ("i2", "heard")], True), ([("i1", "clipped")], False), ([], False)])
def test_who_finished_without_being_heard_is_not_let_go_unseen(
        open_room: Classroom, verdicts: list[tuple[str, str]], is_told: bool) -> None:
    kiosk, person = open_room.seat(0), open_room.browser()
    open_room.start(kiosk)
    for item, verdict in verdicts:
        kiosk.record(item, "r1", make_speech(1), verdict=verdict)
    kiosk.write("attempt_finished", reason="candidate")
    kiosk.send()

    def look() -> dict[str, Any]:
        seats = person.client.get(f"/v1/sittings/{open_room.sitting}/live").get_json()["seats"]
        return next(one for one in seats if one["attempt"] == kiosk.attempt)
    seat = look()
    assert (seat["trouble"], seat["style"]) == (("finished_unheard", "attention") if is_told else ("", "ready"))
    open_room.clock.advance(60_000)
    noted = {"attempt": kiosk.attempt, "text": "Участник молчал, отвечать отказался"}
    person.post(f"/sittings/{open_room.sitting}/incidents", noted, page="/password")
    assert look()["trouble"] == ""
