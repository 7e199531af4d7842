"""An offline kit from its giving out to its end: sealed, marked over HTTP, brought back, merged once, wiped."""
from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from sqlalchemy import select

from audio.faults import ToolMissing
from testing_server.contracts.check_digits import make_cipher
from testing_server.marking.commission.bounds import WHOLE_HUB
from testing_server.marking.gathering.sources import gather_due_works
from testing_server.marking.kits.bundle import seal_events
from testing_server.marking.kits.ciphers import find_criteria_cipher
from testing_server.marking.kits.command import serve_kit
from testing_server.marking.kits.desk import current_kit
from testing_server.marking.kits.opened import Kit
from testing_server.marking.kits.pages import find_path, make_kit
from testing_server.marking.kits.queries import list_late
from testing_server.marking.kits.rules import CriteriaLocked, KitLocked, KitUnreadable, KitWrong
from testing_server.marking.review.actions import return_overdue, take_next, undo_marks
from testing_server.marking.review.claiming import _claim
from testing_server.marking.review.records import AssignmentRecord, MarkEventRecord
from tests.builders import Browser, close_app
from tests.testing_server.marking.make_commission import Commission, make_commission

DAY_MS = 24 * 3_600_000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commission]:
    try:
        found = make_commission(tmp_path_factory.mktemp("commission"), attempts=8)
    except ToolMissing as error:
        pytest.skip(str(error))
    gather_due_works(found.hub.offered)
    for login in ("anna", "boris"):
        found.hub.browser(login, "expert")
    found.hub.browser("head", "expert", is_head=True, subjects=["*"])
    yield found
    close_app(found.hub.app)


@dataclass
class Taken:
    """A kit that was given out: its file on a plain PC, opened or not, and the person who marks it."""

    made: Commission
    expert: str
    id: str
    passphrase: str
    cipher: str
    path: Path

    def open(self) -> Kit:
        kit = Kit(self.path)
        kit.unlock(self.passphrase)
        kit.open_criteria(self.cipher)
        return kit

    def bring_back(self, kit: Kit) -> Any:
        return self.post(kit.seal_marks())

    def post(self, sealed: bytes, login: str = "") -> Any:
        return enter(self.made, login or self.expert).client.post("/v1/kits", data=sealed)


def enter(made: Commission, login: str) -> Browser:
    browser = Browser(made.hub.app.test_client())
    made.hub.app.extensions["rates"].reset()
    browser.sign_in(login)
    return browser


def take_kit(made: Commission, folder: Path, answers: int = 3, expert: str = "anna", days: int = 3) -> Taken:
    offered = made.hub.offered
    told = make_kit(offered, expert, answers, offered.clock.now_ms() + days * DAY_MS)
    path = folder / "one.kit"
    path.write_bytes(find_path(offered, told["kit"]).read_bytes())
    return Taken(made, expert, told["kit"], told["passphrase"], find_criteria_cipher(offered, told["kit"]), path)


def mark(kit: Kit, points: int = 1, now_ms: int = 1) -> str:
    """Marks the next answer of a kit; returns its assignment."""
    assignment = kit.journal.list_open()[0]
    given = {one["id"]: points for one in kit.describe(assignment)["criteria"]}
    kit.journal.add("saved", assignment, now_ms, {"points": given, "comment": "", "moments": {}, "notes": []})
    return assignment


def find_row(made: Commission, assignment: str) -> AssignmentRecord:
    with made.hub.offered.storage.read() as session:
        return session.get_one(AssignmentRecord, assignment)


def test_a_kit_says_nothing_without_its_passphrase(made: Commission, tmp_path: Path) -> None:
    taken = take_kit(made, tmp_path)
    content = taken.path.read_bytes()
    assert b"fLaC" not in content and b"responses" not in content
    for wrong in ("", "12345", make_cipher(lambda limit: 3)):
        with pytest.raises(KitLocked):
            Kit(taken.path).unlock(wrong)
    kit = Kit(taken.path)
    kit.unlock(taken.passphrase)
    with pytest.raises(CriteriaLocked):
        kit.describe(kit.journal.list_open()[0])
    with pytest.raises(CriteriaLocked):
        kit.open_criteria(make_cipher(lambda limit: 3))
    kit.open_criteria(taken.cipher)
    assert kit.describe(kit.journal.list_open()[0])["criteria"]


def test_nothing_in_a_kit_names_school_or_candidate(made: Commission, tmp_path: Path) -> None:
    kit = take_kit(made, tmp_path).open()
    text = json.dumps([kit.describe(one) for one in kit.journal.list_open()], ensure_ascii=False)
    assert not re.search(r"\b(1234\d|5432\d)\b", text) and made.ours.school.id not in text and "attempt" not in text


def test_answers_of_a_kit_lie_on_no_desk(made: Commission, tmp_path: Path) -> None:
    taken = take_kit(made, tmp_path)
    inside = set(taken.open().journal.states)
    on_desks = {made.hub.write(take_next, expert=login) for login in ("anna", "boris")}
    assert len(inside) == 3 and not inside & on_desks


def test_marks_come_home_once(made: Commission, tmp_path: Path) -> None:
    taken = take_kit(made, tmp_path)
    kit = taken.open()
    marked = [mark(kit), mark(kit)]
    left = kit.journal.list_open()
    kit.journal.add("undone", marked[0], 2, {})
    kit.journal.add("saved", marked[0], 3, {"points": {
        one["id"]: 0 for one in kit.describe(marked[0])["criteria"]}, "comment": "", "moments": {}, "notes": []})
    for _ in range(2):
        verdicts = taken.bring_back(kit).get_json()["verdicts"]
        assert verdicts == {"counted": 2, "passed": 2}
    rows = [find_row(made, assignment) for assignment in marked]
    assert {(row.state, row.expert) for row in rows} == {("saved", "anna")}
    assert read_points(made, marked[0]) == [{name: 0 for name in read_points(made, marked[0])[0]}]
    assert {find_row(made, assignment).state for assignment in left} == {"queued"}


def read_points(made: Commission, assignment: str) -> list[dict[str, int]]:
    with made.hub.offered.storage.read() as session:
        return list(session.scalars(select(MarkEventRecord.points).where(
            MarkEventRecord.assignment == assignment, MarkEventRecord.kind == "saved")))


def test_what_comes_too_late_is_kept_and_not_counted(made: Commission, tmp_path: Path) -> None:
    taken = take_kit(made, tmp_path, expert="boris", days=1)
    kit = taken.open()
    marked = mark(kit, points=0)
    made.hub.clock.advance(DAY_MS + 1)
    assert taken.bring_back(kit).get_json()["verdicts"] == {"late": 1}
    assert not read_points(made, marked)
    with made.hub.offered.storage.read() as session:
        assert [line["expert"] for line in list_late(session, WHOLE_HUB)] == ["boris"]
    assert "boris" in enter(made, "head").get("/marking/kits").text


def test_a_closed_kit_gives_its_answers_back_at_once(made: Commission, tmp_path: Path) -> None:
    taken = take_kit(made, tmp_path)
    kit = taken.open()
    marked = mark(kit)
    enter(made, "head").post(f"/marking/kits/{taken.id}/close", page="/marking/kits")
    assert find_row(made, marked).state == "queued"
    assert taken.bring_back(kit).get_json()["verdicts"] == {"late": 1}


def test_a_kit_that_is_over_takes_nothing_off_another_desk(made: Commission, tmp_path: Path) -> None:
    """The answer went back by itself, somebody else has it, and only then the lost kit is closed."""
    taken = take_kit(made, tmp_path, answers=1, expert="boris", days=1)
    answer, = taken.open().journal.list_open()
    made.hub.clock.advance(DAY_MS + 1)
    made.hub.write(return_overdue)
    assert made.hub.write(_claim, expert="anna", assignment=answer)
    enter(made, "boris").post(f"/marking/kits/{taken.id}/close", page="/marking/kits")
    row = find_row(made, answer)
    assert (row.state, row.expert, row.kit) == ("taken", "anna", None)


def test_marks_of_a_kit_that_are_undone_lie_on_the_desk(made: Commission, tmp_path: Path) -> None:
    taken = take_kit(made, tmp_path, answers=1)
    kit = taken.open()
    marked = mark(kit)
    taken.bring_back(kit)
    made.hub.write(undo_marks, expert="anna", assignment=marked)
    assert made.hub.write(take_next, expert="anna") == marked


def test_a_changed_or_foreign_file_is_refused(made: Commission, tmp_path: Path) -> None:
    taken = take_kit(made, tmp_path)
    kit = taken.open()
    mark(kit)
    recipient = str(kit.header["recipient"])
    first = kit.journal.lines[0]
    forged = json.loads(first)
    forged["payload"] = base64.b64encode(base64.b64decode(forged["payload"]).replace(b'"saved"', b'"undone"')).decode()
    for lines in ([json.dumps(forged)], [first, first], []):
        assert taken.post(seal_events(lines, recipient)).status_code == 422
    assert taken.post(b"rubbish").status_code == 422
    assert taken.post(kit.seal_marks(), login="boris").status_code == 404
    assert taken.bring_back(kit).status_code == 200
    # the same numbers again with other acts: somebody copied the kit
    (kit.work / "marks.jsonl").unlink()
    other = taken.open()
    mark(other, points=0, now_ms=7)
    assert taken.bring_back(other).status_code == 409


def test_a_torn_last_line_is_left_out(made: Commission, tmp_path: Path) -> None:
    taken = take_kit(made, tmp_path)
    kit = taken.open()
    marked = mark(kit)
    with open(kit.work / "marks.jsonl", "a", encoding="utf-8") as file:
        file.write('{"payload": "half')
    again = taken.open()
    assert again.journal.states[marked].state == "saved" and len(again.journal.lines) == 1


def test_the_receipt_wipes_the_kit_and_only_its_own(made: Commission, tmp_path: Path) -> None:
    taken = take_kit(made, tmp_path)
    kit = taken.open()
    mark(kit)
    taken.bring_back(kit)
    receipt = enter(made, "anna").get(f"/marking/kits/{taken.id}.receipt").data
    kit.check_receipt(receipt)
    mark(kit)
    for wrong in (receipt, b"", b"{}"):
        with pytest.raises(KitUnreadable):
            kit.check_receipt(wrong)
    kit.wipe()
    assert list(tmp_path.iterdir()) == []


def test_sound_in_clear_is_gone_when_the_kit_is_closed(made: Commission, tmp_path: Path) -> None:
    kit = take_kit(made, tmp_path).open()
    assert list((kit.work / "open").rglob("*"))
    # a power cut: nobody closed it, the next start does
    Kit(kit.path)
    assert not (kit.work / "open").exists()


@pytest.mark.parametrize(("answers", "days"), [(0, 2), (301, 2), (5, 0), (5, 40)])
def test_a_kit_has_bounds(made: Commission, answers: int, days: int) -> None:
    with pytest.raises(KitWrong):
        make_kit(made.hub.offered, "anna", answers, made.hub.clock.now_ms() + days * DAY_MS)


def test_the_desk_over_a_kit_speaks_as_the_hub_does(made: Commission, tmp_path: Path) -> None:
    taken = take_kit(made, tmp_path, answers=20)
    with serve_kit(taken.path, made.hub.clock) as server:
        person = Browser(cast(Flask, server.app).test_client())
        assert person.get("/marking").status_code == 302
        person.post("/kit", {"passphrase": taken.passphrase}, page="/kit")
        assert person.post("/marking/criteria", {"cipher": "1"}, page="/marking").status_code == 403
        person.post("/marking/criteria", {"cipher": taken.cipher}, page="/marking")
        assert person.get("/marking/desk").status_code == 200
        answer = person.client.post("/v1/marking/next").get_json()
        body = {"assignment": answer["assignment"], "version": answer["version"],
                "points": {one["id"]: 1 for one in answer["criteria"]}}
        assert person.client.post("/v1/marking/save", json={**body, "points": {}}).status_code == 422
        for _ in range(2):
            assert person.client.post("/v1/marking/save", json=body).get_json()["saved"]
        assert person.client.post("/v1/marking/undo", json=body).get_json()["points"] == body["points"]
        assert person.client.post("/v1/marking/next").get_json()["assignment"] == answer["assignment"]
        ahead = person.client.post("/v1/marking/ahead").get_json()
        refusal = {"assignment": ahead["assignment"], "version": ahead["version"], "kind": "not_audible"}
        assert person.client.post("/v1/marking/refer", json=refusal).get_json()["referred"]
        if spoken := find_spoken(cast(Flask, server.app), [answer, ahead]):
            # chance gives one kind of item: now and then it is one that is written
            check_sound(person, spoken)
        sealed = person.get("/marking/marks").data
    assert taken.post(sealed).get_json()["verdicts"] == {"counted": 2, "passed": 1}
    assert find_row(made, ahead["assignment"]).state == "referred"


def find_spoken(app: Flask, met: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Of what was met and what is still open in the kit, the first that was spoken."""
    with app.app_context():
        kit = current_kit()
        met += [kit.describe(one) for one in kit.journal.list_open()]
    return next((one for one in met if one["content"]["recordings"]), None)


def check_sound(person: Browser, answer: dict[str, Any]) -> None:
    sha256 = answer["content"]["recordings"][0]["sha256"]
    part = person.client.get(f"/marking/recordings/{sha256}", headers={"Range": "bytes=4-7"})
    assert (part.status_code, len(part.data)) == (206, 4)
    assert person.get(f"/v1/marking/listening/{sha256}").get_json()["speech"]
    assert person.get(f"/marking/recordings/{'0' * 64}").status_code == 404
