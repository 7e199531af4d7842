"""A school marks its own work on a classroom server: from closed criteria to the form the hub takes."""
from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, select

from testing_server.contracts.statements import key_id_of, verify_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.exam_day.recovery.backups import make_backup
from testing_server.exam_day.recovery.beginning import Brought, prepare_data
from testing_server.exam_day.recovery.taking_over import take_over
from testing_server.exam_day.sittings.actions import chain_of, find_sitting, list_attempts
from testing_server.foundation.audit.queries import read_audit
from testing_server.foundation.files.store import digest_file
from testing_server.foundation.settings import load_settings
from testing_server.marking.gathering.room_source import gather_works
from testing_server.marking.protocol.queries import find_protocol
from testing_server.marking.review.records import MarkEventRecord
from testing_server.marking.school.forgetting import StillMarked, forget_answers
from testing_server.marking.school.rules import Step, judge_work
from testing_server.outcomes.forms.queries import read_history
from testing_server.outcomes.forms.rules import score_row
from testing_server.outcomes.forms.works import find_work
from testing_server.preparation.campaigns.queries import find_campaign
from tests.builders import Browser
from tests.testing_server.exam_day.builders import Classroom, make_classroom
from tests.testing_server.marking.make_school import CAMPAIGN, WORK, OwnSchool, make_own_school

pytestmark = pytest.mark.usefixtures("quick_passwords")
RULES = {"rounds": 1, "own_school": True, "by": "school"}


@pytest.mark.parametrize(("settled", "criteria", "marking", "state", "step"), [
    (False, "c", RULES, "opened", Step.WRITING), (True, "", {}, "", Step.UNKNOWN),
    (True, "c", {}, "opened", Step.UNKNOWN),
    (True, "c", {**RULES, "own_school": False}, "opened", Step.FORBIDDEN),
    (True, "c", {"rounds": 1}, "opened", Step.FORBIDDEN),
    (True, "c", {**RULES, "by": "regional"}, "opened", Step.ELSEWHERE),
    (True, "c", RULES, "", Step.NO_CRITERIA), (True, "c", RULES, "fetching", Step.NO_CRITERIA),
    (True, "c", RULES, "kept", Step.LOCKED), (True, "c", RULES, "damaged", Step.LOCKED),
    (True, "c", RULES, "opened", Step.OPEN)])
def test_what_a_work_waits_for(settled: bool, criteria: str, marking: dict[str, Any], state: str, step: Step) -> None:
    assert judge_work(settled, criteria, marking, state) is step


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, quick_passwords: None) -> Iterator[OwnSchool]:
    """Two candidates have spoken, the sitting is still open, three people are named."""
    made = make_own_school(tmp_path_factory.mktemp("own"))
    made.hold_sitting()
    for login, fields in (("teacher-1", {}), ("teacher-2", {}), ("teacher-3", {}), ("chief", {"head": "yes"})):
        made.name_expert(login, **fields)
    yield made
    made.close()


def list_next(expert: Browser) -> int:
    return expert.client.post("/v1/marking/next", json={}).status_code


def mark_one(expert: Browser, points: int) -> dict[str, Any] | None:
    """The next answer, the same points in every criterion."""
    reply = expert.client.post("/v1/marking/next", json={})
    if reply.status_code == 404:
        return None
    answer: dict[str, Any] = reply.get_json()
    given = {one["id"]: min(points, one["max"]) for one in answer["criteria"]}
    saved = expert.client.post("/v1/marking/save", json={
        "assignment": answer["assignment"], "version": answer["version"], "points": given})
    assert saved.status_code == 200, saved.text
    return answer


def mark_all(expert: Browser, points: int) -> int:
    marked = 0
    while mark_one(expert, points) is not None:
        marked += 1
    return marked


def test_nothing_is_seen_before_the_criteria_open(own: OwnSchool) -> None:
    """The order of a real day: criteria brought too early, too soon, with a wrong cipher, and at last."""
    assert list_next(own.enter("teacher-1")) == 404
    assert "сеанс не закрыт" in own.organizer.get("/school-marking").text
    assert own.bring_archive(own.criteria).status_code == 302
    early = own.type_cipher(own.criteria, "1" * 30)
    assert early.status_code in (403, 422)
    own.wait(3)
    expert, head = own.enter("teacher-1"), own.enter("chief")
    cipher = own.read_cipher(own.criteria)
    still = own.type_cipher(own.criteria, cipher)
    assert still.status_code == 409 and "ещё пишут" in still.text
    assert list_next(expert) == 404
    own.close_sitting()
    assert "критерии закрыты" in own.organizer.get("/school-marking").text
    assert list_next(expert) == 404 and "Здесь появятся" in head.get("/commission").text
    assert own.organizer.get(f"/school-marking/{own.archive}/form.xlsx").status_code == 404
    later = own.plan_sitting("кабинет 14", own.list_entries()[2:])
    coming = own.type_cipher(own.criteria, cipher)
    assert coming.status_code == 409 and "ещё будут писать" in coming.text and "кабинет 14" in coming.text
    assert own.organizer.post(f"/sittings/{later}/cancel", page=f"/sittings/{later}").status_code == 302
    wrong = own.type_cipher(own.criteria, own.read_cipher(own.archive))
    assert wrong.status_code == 422
    assert own.type_cipher(own.criteria, cipher).status_code == 302


def test_criteria_are_no_materials(own: OwnSchool) -> None:
    assert own.criteria not in own.organizer.get("/sittings/new").text
    page = own.organizer.get(f"/archives/{own.criteria}").text
    assert "открыт для проверки" in page and "критерии" in page
    assert "Посмотреть" not in page and own.organizer.get(f"/archives/{own.criteria}/look/10001/1").status_code == 404


def test_two_experts_and_a_third_mark_what_the_school_wrote(own: OwnSchool) -> None:
    first, second = own.enter("teacher-1"), own.enter("teacher-2")
    answer = first.client.post("/v1/marking/next", json={}).get_json()
    sound = answer["content"]["recordings"][0]["sha256"]
    assert first.get(f"/marking/recordings/{sound}").data.startswith(b"fLaC")
    assert first.get(f"/v1/marking/listening/{sound}").get_json()["peaks"]
    assert second.get(f"/marking/recordings/{sound}").status_code == 404
    told = json.dumps(answer, ensure_ascii=False)
    assert not any(entry.code in told for entry in own.list_entries())
    assert mark_all(first, 2) == 4
    # as after a copy of the server was put back: the store of files is empty
    shutil.rmtree(own.room.data / "files" / "blobs")
    own.restart()
    first, second = own.enter("teacher-1"), own.enter("teacher-2")
    assert "Вы проверили: 4" in first.get("/marking").text
    assert first.get(f"/marking/recordings/{sound}").data.startswith(b"fLaC")
    assert mark_all(second, 0) == 4
    assert "Проверено ответов: 8 из 12" in own.organizer.get("/school-marking").text
    third = own.enter("teacher-3")
    seen = mark_one(third, 1)
    assert seen is not None and len(seen["others"]) == 2
    mark_all(third, 1)


def test_marks_and_their_sound_come_back_from_a_copy_on_a_stick(own: OwnSchool, tmp_path: Path) -> None:
    """The server is lost while people mark: the room is switched off, nobody but the stick knows anything."""
    make_backup(own.room.data, tmp_path / "stick", own.room.room.clock.now_ms())
    settings = load_settings("classroom", {}, data=tmp_path / "elsewhere")
    prepare_data(settings, Brought(own.room.room.keys.key(), own.room.room.keys.locked_bytes, [], tmp_path / "stick"),
                 lambda done, whole: None)
    again = make_classroom(tmp_path / "elsewhere", own.room.clock)
    again.room.keys = own.room.room.keys
    take_over(again.services, "zavuch")
    gather_works(again.services)
    assert list_marks(again) == list_marks(own.room) != []
    expert = Browser(again.app.test_client())
    assert expert.sign_in("teacher-1").status_code == 302
    assert "Вы проверили: 4" in expert.get("/marking").text
    sounds = list((again.data / "encoded").iterdir())
    assert sounds and all(again.services.files.has(digest_file(path)) for path in sounds)
    again.close()


def list_marks(room: Classroom) -> list[tuple[Any, ...]]:
    columns = inspect(MarkEventRecord).columns
    with room.services.storage.read() as session:
        return [tuple(row) for row in session.execute(select(*columns).order_by(*inspect(MarkEventRecord).primary_key))]


def test_pictures_of_tasks_come_from_the_opened_criteria(own: OwnSchool) -> None:
    first = own.enter("teacher-1")
    folder = own.room.data / "opened" / own.criteria
    medium = next(iter(json.loads((folder / "media.json").read_bytes())))
    assert first.get(f"/marking/media/{own.archive}/{medium}").status_code == 200
    assert first.get(f"/marking/media/{own.criteria}/{medium}").status_code == 404


def test_the_organizer_sees_no_answer_and_an_expert_no_room(own: OwnSchool) -> None:
    expert = own.enter("teacher-1")
    for address in ("/today", "/archives", "/school-marking", "/codes", "/commission"):
        assert expert.get(address).status_code == 403, address
    for address in ("/marking", "/marking/desk", "/commission"):
        assert own.organizer.get(address).status_code == 403, address
    assert expert.get(f"/school-marking/{own.archive}/form.xlsx").status_code == 403


def test_the_head_signs_and_the_hub_takes_the_form(own: OwnSchool) -> None:
    head, page = own.enter("chief"), f"/commission/{own.archive}"
    assert "ждёт подписи" in own.organizer.get("/school-marking").text
    assert head.post(f"{page}/freeze", page=page).status_code == 302
    shown = head.get(page).text
    assert "подпись проверена" in shown and "Ключом школы" in shown and "Передать форму" not in shown
    envelope = own.organizer.get(f"/school-marking/{own.archive}/protocol.json").data
    public = own.room.room.keys.public
    assert public is not None
    payload = verify_statement(envelope, {key_id_of(public): public}, PAYLOAD_TYPES["marking_protocol"]).read()
    assert len(payload["rows"]) == 2 and payload["head"] == "chief" and payload["school"] == own.school.id
    form = own.organizer.get(f"/school-marking/{own.archive}/form.xlsx")
    assert form.status_code == 200, form.text
    rows = hand_in(own, form.data)
    assert rows == {one["code"]: str(one["raw_score"]) for one in payload["rows"]}


def hand_in(own: OwnSchool, content: bytes) -> dict[str, str]:
    """The hub's organizer uploads the file; raw scores by code, as the hub counts them from the points."""
    organizer = own.hub.browser("organizer", "school_organizer", school=own.school.id)
    address = f"/school/forms/{CAMPAIGN}/{WORK['id']}"
    answer = organizer.post(address, {"file": (BytesIO(content), "form.xlsx")}, page=address,
                            content_type="multipart/form-data")
    assert answer.status_code == 302, answer.text
    data = own.hub.offered.settings.data
    work = own.hub.read(find_work, data, find_campaign(data, CAMPAIGN), "english-7")
    rows = own.hub.read(read_history, work, own.school.id)[0].rows
    return {row.code: score_row(work.shape, row)[0] for row in rows}


def test_marks_stand_after_the_signature(own: OwnSchool) -> None:
    with own.room.services.storage.read() as session:
        assert find_protocol(session, own.archive) is not None
    assert list_next(own.enter("teacher-3")) == 404
    assert "протокол подписан" in own.organizer.get("/school-marking").text


def test_a_lost_password_and_a_closed_door(own: OwnSchool) -> None:
    sits = own.enter("teacher-3")
    page = own.organizer.post("/school-marking/experts/teacher-3/password", page="/school-marking").text
    assert '<dd class="big code">' in page and sits.get("/marking").status_code == 302
    assert own.organizer.post("/school-marking/experts/teacher-2/close", page="/school-marking").status_code == 302
    assert Browser(own.room.app.test_client()).sign_in("teacher-2").status_code == 401
    assert own.organizer.post("/school-marking/experts/zavuch/close", page="/school-marking").status_code == 404
    own.name_expert("teacher-2", head="yes")
    assert own.enter("teacher-2").get("/commission").status_code == 200
    taken = own.organizer.post("/school-marking", {"login": "chief", "head": "yes"}, page="/school-marking")
    assert taken.status_code == 409 and "Такой логин уже есть" in taken.text and "checked" in taken.text


def list_attempts_of(own: OwnSchool) -> list[str]:
    with own.room.services.storage.read() as session:
        return [one.id for one in list_attempts(session, own.room.sitting)]


def test_answers_go_with_the_sitting_and_points_stay(own: OwnSchool) -> None:
    """Only a signed work is forgotten; the protocol can still be read and corrected."""
    attempts = list_attempts_of(own)
    own.room.write(lambda session: forget_answers(session, 1, attempts, "zavuch"))
    with own.room.services.storage.read() as session:
        frozen = find_protocol(session, own.archive)
    assert frozen is not None and len(frozen.payload["rows"]) == 2
    head, page = own.enter("chief"), f"/commission/{own.archive}"
    assert head.get(page).status_code == 200
    assert own.organizer.get(f"/school-marking/{own.archive}/form.xlsx").status_code == 200
    fixed = {"code": frozen.payload["rows"][0]["code"], "position": "2", "points-К1": "0", "reason": "апелляция"}
    assert head.post(f"{page}/correct", fixed, page=page).status_code == 302
    with pytest.raises(StillMarked):
        own.room.write(lambda session: forget_answers(session, 1, attempts, "zavuch"))
    assert "баллы исправлены" in own.organizer.get("/school-marking").text


def test_a_group_after_the_criteria_begins_with_a_reason_only(own: OwnSchool) -> None:
    """At 14:30 a bus comes: the group is not sent home, and whoever reads the papers knows."""
    sitting = own.plan_sitting("кабинет 15", own.list_entries()[2:])
    page, reason = f"/sittings/{sitting}", "Автобус опоздал, согласовано с координатором"
    assert "Критерии этой работы на этом сервере уже открыты" in own.organizer.get(page).text
    for nothing in ({}, {"reason": "  "}):
        refused = own.organizer.post(f"{page}/open", nothing, page=page)
        assert refused.status_code == 409 and "кто их видел" in refused.text and "Сеанс не открыт" in refused.text
    with own.room.services.storage.read() as session:
        assert find_sitting(session, sitting).state == "draft"
    assert own.organizer.post(f"{page}/open", {"reason": reason}, page=page).status_code == 302
    told = own.organizer.get(f"{page}/incidents").text
    assert "начат, когда критерии работы были уже открыты" in told and reason in told
    with own.room.services.storage.read() as session:
        lines = [one for one in read_audit(session, chain_of(sitting)) if one.verb == "incident_recorded"]
    assert [(one.actor, one.details) for one in lines] == [("zavuch", {"kind": "after_criteria", "text": reason})]


@pytest.mark.parametrize(("marking", "words"), [
    ({"own_school": False}, "не проверяют работы своей школы"), ({"by": "regional"}, "назначает не школа")])
def test_a_campaign_that_forbids_it_is_told_with_a_reason(tmp_path: Path, marking: dict[str, Any], words: str) -> None:
    made = make_own_school(tmp_path)
    made.bring_roster(**marking)
    made.hold_sitting(1)
    made.close_sitting()
    made.wait(3)
    made.bring_archive(made.criteria)
    made.type_cipher(made.criteria, made.read_cipher(made.criteria))
    made.name_expert("teacher-1")
    assert words in made.organizer.get("/school-marking").text
    assert list_next(made.enter("teacher-1")) == 404
    made.close()


def test_with_a_line_the_criteria_come_by_themselves(tmp_path: Path) -> None:
    """Offered after their hour and not before, opened by the cipher the hub gives."""
    made = make_own_school(tmp_path)
    made.hold_sitting(1)
    made.close_sitting()
    made.dial()
    assert made.organizer.post("/archives/ask", page="/archives").status_code == 302
    assert made.criteria not in made.organizer.get("/archives").text
    made.wait(3)
    made.organizer.post("/archives/ask", page="/archives")
    assert f"/archives/{made.criteria}" in made.organizer.get("/archives").text
    assert "нет архива критериев" in made.organizer.get("/school-marking").text
    made.bring_archive(made.criteria)
    page = f"/archives/{made.criteria}"
    assert made.organizer.post(f"{page}/open-by-hub", page=page).status_code == 302
    made.room.run_jobs()
    made.name_expert("teacher-1")
    assert mark_all(made.enter("teacher-1"), 1) == 2
    made.close()
