"""Sound by ranges, its measures once, marks sent twice, remarks at their place, what a third expert sees."""
from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy
import pytest
import soundfile
from sqlalchemy import update

from audio.sources import make_noise, make_tone
from testing_server.foundation.clock import FakeClock
from testing_server.marking.gathering.rules import HeardRecording
from testing_server.marking.review.figures import measure_pace
from testing_server.marking.review.records import AssignmentRecord
from testing_server.marking.review.rules import LONGEST_NOTE, MOST_NOTES, read_moments, read_notes
from testing_server.preparation.founding.actions import prepare_hub
from testing_server.roles import list_hub_mounts
from tests.builders import Browser, close_app, make_app, services_of
from tests.testing_server.marking.make_work import make_attempt, save_work
from tests.testing_server.preparation.make_hub import MOMENT_MS, Hub, make_school

RATE = 24000
POINTS = {2: {"К1": 2, "К2": 1}, 3: {"К1": 2}}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    clock = FakeClock(MOMENT_MS)
    app = make_app(tmp_path_factory.mktemp("hub"), list_hub_mounts(), clock=clock)
    yield Hub(app, clock, prepare_hub(services_of(app)))
    close_app(app)


@pytest.fixture(scope="module")
def sound(hub: Hub) -> bytes:
    """Two seconds of hush, one of a tone."""
    samples = numpy.concatenate((make_noise(2, RATE, 3), make_tone(1, RATE, 220)))
    file = io.BytesIO()
    soundfile.write(file, samples.astype("int16"), RATE, format="FLAC", subtype="PCM_16")
    return file.getvalue()


@pytest.fixture(scope="module")
def answer(hub: Hub, sound: bytes) -> dict[str, Any]:
    """A spoken answer on anna's desk."""
    sha256 = hub.offered.files.add(sound)
    attempt = replace(make_attempt(i3__r1="Один. Два."), recordings=[HeardRecording("i2", "r1", sha256, 3, "heard")])
    school = make_school(hub).id
    hub.write(lambda session, now_ms: save_work(session, now_ms, attempt, school=school))
    found: dict[str, Any] = enter(hub, "anna").client.post("/v1/marking/next").get_json()
    return found


def enter(hub: Hub, login: str) -> Browser:
    return hub.browser(login, "expert")


@pytest.fixture(scope="module")
def anna(hub: Hub, answer: dict[str, Any]) -> Browser:
    browser = Browser(hub.app.test_client())
    browser.sign_in("anna")
    return browser


def find_sound(answer: dict[str, Any]) -> str:
    return str(answer["content"]["recordings"][0]["sha256"])


def test_sound_can_be_sought_by_ranges(anna: Browser, answer: dict[str, Any], sound: bytes) -> None:
    address = f"/marking/recordings/{find_sound(answer)}"
    whole = anna.get(address)
    assert (whole.status_code, whole.headers["Accept-Ranges"], whole.data) == (200, "bytes", sound)
    middle = anna.get(address, headers={"Range": "bytes=1000-1999"})
    assert (middle.status_code, middle.data) == (206, sound[1000:2000])
    assert middle.headers["Content-Range"] == f"bytes 1000-1999/{len(sound)}"
    assert anna.get(address, headers={"Range": "bytes=-10"}).data == sound[-10:]
    assert anna.get(address, headers={"Range": f"bytes={len(sound)}-"}).status_code == 416


def test_measures_are_made_once(hub: Hub, anna: Browser, answer: dict[str, Any], sound: bytes) -> None:
    address = f"/v1/marking/listening/{find_sound(answer)}"
    first = anna.get(address)
    assert first.status_code == 200 and first.get_json()["duration_ms"] == 3000
    assert len(base64.b64decode(first.get_json()["peaks"])) == 300
    (start, end), = first.get_json()["speech"]
    assert 1700 <= start <= 2000 and end == 3000
    hub.offered.files.delete(find_sound(answer))
    assert anna.get(address).data == first.data
    hub.offered.files.add(sound)


def test_another_experts_sound_is_not_measured_for_me(hub: Hub, answer: dict[str, Any]) -> None:
    other = enter(hub, "boris")
    for address in (f"/v1/marking/listening/{find_sound(answer)}", f"/marking/recordings/{find_sound(answer)}"):
        assert other.get(address).status_code == 404


def test_the_same_marks_sent_twice_are_one_marking(hub: Hub, anna: Browser, answer: dict[str, Any]) -> None:
    body = {"assignment": answer["assignment"], "version": answer["version"], "points": POINTS[answer["position"]],
            "moments": {"К1": {"recording": find_sound(answer), "at_ms": 1500}},
            "notes": [{"recording": find_sound(answer), "at_ms": 2100, "criterion": "К2", "text": "Запинка"}]}
    versions = [anna.client.post("/v1/marking/save", json=body).get_json()["version"] for _ in range(3)]
    assert versions == [answer["version"] + 1] * 3
    # other points under the same version are no repeat
    assert anna.client.post("/v1/marking/save", json={**body, "points": {"К1": 0, "К2": 0}}).status_code == 409
    for _ in range(2):
        back = anna.client.post("/v1/marking/undo", json={"assignment": answer["assignment"]}).get_json()
    assert (back["points"], back["notes"], back["moments"]) == (body["points"], body["notes"], body["moments"])
    assert back["others"] == []
    again = {**body, "version": back["version"]}
    assert anna.client.post("/v1/marking/save", json=again).status_code == 200


def test_a_third_expert_sees_both_markings(hub: Hub, anna: Browser, answer: dict[str, Any]) -> None:
    test_id = answer["assignment"]

    def order(session: Any, now_ms: int) -> None:
        row = session.get_one(AssignmentRecord, test_id)
        session.add(AssignmentRecord(id="third", answer=row.answer, round=3, state="taken", expert="boris",
                                     taken_until_ms=now_ms + 1000, version=1, lot=row.lot, draw=1, asked=["К2"],
                                     barred=[]))

    hub.write(order)
    boris = Browser(hub.app.test_client())
    boris.sign_in("boris")
    found = boris.client.post("/v1/marking/next").get_json()
    assert found["assignment"] == "third" and [one["id"] for one in found["criteria"]] == ["К2"]
    other, = found["others"]
    assert (other["round"], other["moments"]) == (1, {"К1": {"recording": find_sound(answer), "at_ms": 1500}})
    assert (other["notes"][0]["text"], other["notes"][0]["criterion"]) == ("Запинка", "К2")
    assert "anna" not in str(found)
    hub.write(lambda session, now_ms: session.execute(
        update(AssignmentRecord).where(AssignmentRecord.id == "third").values(state="closed")))


def test_the_day_in_figures(anna: Browser) -> None:
    found = anna.get("/v1/marking/figures").get_json()
    assert found["today"] == 1 and "Сегодня 1" in found["text"] and found["pace_s"] is None


def test_pace_leaves_pauses_out() -> None:
    minute = 60_000
    assert measure_pace([10 * minute, 8 * minute, 6 * minute, 4 * minute]) == 120
    assert measure_pace([100 * minute, 8 * minute, 6 * minute, 4 * minute, 2 * minute]) == 120
    assert measure_pace([]) is None and measure_pace([3, 2, 1]) is None


@pytest.mark.parametrize("rubbish", [
    None, "text", [None], [{}], [{"text": "no place"}], [{"recording": "a", "at_ms": -1, "text": "x"}],
    [{"recording": "a", "at_ms": True, "text": "x"}], [{"response": "R", "from": 1, "text": "x"}],
    [{"recording": "a", "at_ms": 5, "text": "  "}]])
def test_a_remark_without_place_or_words_is_none(rubbish: Any) -> None:
    assert read_notes(rubbish) == []


@pytest.mark.parametrize(("criterion", "kept"), [
    ("К1", "К1"), ("", None), (None, None), (7, None), ("К" * 500, "К" * 120)])
def test_a_remark_may_be_of_a_criterion(criterion: Any, kept: str | None) -> None:
    note, = read_notes([{"recording": "a", "at_ms": 5, "text": "x", "criterion": criterion}])
    assert note.get("criterion") == kept


def test_a_mark_without_a_place_in_a_recording_has_no_moment() -> None:
    place = {"recording": "a", "at_ms": 5}
    rubbish = {"К2": 5, "К3": None, "К4": {"at_ms": 5}, "К5": {"recording": "a", "at_ms": -1},
               "К6": {"response": "R", "from": 0, "to": 1}}
    assert read_moments({"К1": {**place, "script": "<b>"}, **rubbish}) == {"К1": place}


def test_remarks_are_bounded() -> None:
    long = {"response": "TEXT", "from": 0, "to": 4, "text": "о" * 1000, "script": "<b>"}
    found = read_notes([long] * 200)
    assert len(found) == MOST_NOTES
    assert found[0] == {"response": "TEXT", "from": 0, "to": 4, "text": "о" * LONGEST_NOTE}


def test_paths_of_listening_data_are_digests(hub: Hub, anna: Browser, tmp_path: Path) -> None:
    assert anna.get("/v1/marking/listening/..%2Fkeys").status_code == 404
    assert anna.get(f"/v1/marking/listening/{'%' * 3}").status_code == 404
