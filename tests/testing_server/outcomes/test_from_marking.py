"""From the desk to the school: signed protocol, form without retyping, results by code, the file of an appeal."""
from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.receipt_code import show_receipt_code
from testing_server.exam_day.reception.queries import accepted_attempts
from testing_server.foundation.progress import read_progress
from testing_server.marking.protocol.queries import list_protocols
from testing_server.preparation.release.actions import open_criteria
from tests.builders import Browser, close_app
from tests.testing_server.marking.make_commission import Commission, make_commission, open_seat, send_work
from tests.testing_server.preparation.make_materials import DEMO


@dataclass
class Marked:
    """A commission whose head has marked and signed everything and handed the English form over."""

    made: Commission
    head: Browser
    organizer: Browser

    @property
    def page(self) -> str:
        return f"/commission/{self.made.english.archive}"

    def receipt(self, code: str = "12340") -> str:
        found = self.made.hub.read(accepted_attempts, assessment="english-7")
        return show_receipt_code(next(one.receipt_code for one in found if one.code == code))


PICTURE, OTHER = b"\x89PNG a drawing", b"\x89PNG another one"


def send_drawing(made: Commission) -> None:
    """A third candidate, who gives files: to a task people mark, and to one the machine scores."""
    seat = open_seat(made, made.english, 0, "12349")
    for position, data in ((1, OTHER), (2, PICTURE)):
        item, responses = made.english.find(0, position)
        seat.draw(item, next(iter(responses.values())), data)
    send_work(made, made.english, [seat.finish()], "3" * 8)
    ask_for_files(made)


def ask_for_files(made: Commission) -> None:
    """The shipped works ask for no files: the spoken task of the first variant does from here on."""
    name = next(one["item"] for one in made.english.keys[0]["items"] if one["position"] == 2)
    path = open_criteria(made.hub.offered, made.english.archive) / "prompts" / f"{name}.json"
    prompt = json.loads(path.read_bytes())
    prompt["item"]["interactions"] = [{"id": "RECORDING", "kind": "drawing", "base_type": "file"}]
    path.chmod(0o600)
    path.write_text(json.dumps(prompt))


def mark_all(head: Browser) -> None:
    """The middle points everywhere, with a remark at the second second of every recording, a mark at the first."""
    while (reply := head.client.post("/v1/marking/next", json={})).status_code == 200:
        answer = reply.get_json()
        sounds = answer["content"]["recordings"]
        notes = [{"recording": one["sha256"], "at_ms": 2000, "text": "здесь <ошибка>", "criterion": "К1"}
                 for one in sounds]
        notes += [{"response": name, "from": 2, "to": 7, "text": "неясно", "criterion": "К2"}
                  for name, text in answer["content"]["responses"].items() if isinstance(text, str) and len(text) > 40]
        body = {"assignment": answer["assignment"], "version": answer["version"], "comment": "", "notes": notes,
                "points": {one["id"]: 1 for one in answer["criteria"]},
                "moments": {"К1": {"recording": one["sha256"], "at_ms": 1000} for one in sounds}}
        saved = head.client.post("/v1/marking/save", json=body)
        assert saved.status_code == 200, saved.text


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory, quick_passwords: None) -> Iterator[Marked]:
    made = make_commission(tmp_path_factory.mktemp("marked"), attempts=2)
    send_drawing(made)
    hub = made.hub
    found = Marked(made, hub.browser("head", "expert", is_head=True, subjects=["*"]),
                   hub.browser("organizer", "school_organizer", school=made.ours.school.id))
    found.head.get("/commission")
    mark_all(found.head)
    assert found.head.post(f"{found.page}/freeze", page=found.page).status_code == 302
    answer = found.head.post(f"/results/{made.english.archive}/hand-over", page=found.page)
    assert answer.status_code == 302, answer.text
    yield found
    close_app(hub.app)


def test_the_form_reaches_the_school_without_retyping(marked: Marked) -> None:
    page = marked.organizer.get(f"/school/forms/{DEMO}/english-7").text
    assert "по подписанному протоколу проверки" in page and "12340" in page and "Загрузить форму" not in page
    typed = marked.organizer.get(f"/school/forms/{DEMO}/english-7/form.xlsx").data
    answer = marked.organizer.post(f"/school/forms/{DEMO}/english-7", {"file": (BytesIO(typed), "form.xlsx")},
                                   page="/password", content_type="multipart/form-data")
    assert answer.status_code == 409 and "из подписанного протокола" in answer.text
    told = [one for one in marked.made.hub.read(read_progress, marked.made.ours.school.id) if one.step == "forms"]
    assert [(one.work, one.state) for one in told] == [("english-7", "ready")]


def test_results_by_code_are_those_of_the_protocol(marked: Marked) -> None:
    frozen = marked.made.hub.read(list_protocols, marked.made.english.archive)[-1]
    book = load_workbook(BytesIO(marked.organizer.get(f"/school/results/{DEMO}/english-7.xlsx").data))
    rows = [row for row in book.worksheets[0].iter_rows(values_only=True) if str(row[0]).startswith("1234")]
    assert [(row[0], row[-2], row[-1]) for row in rows] == [
        (one["code"], one["raw_score"], str(one["mark"])) for one in frozen.payload["rows"]]
    assert "12340" in marked.organizer.get(f"/school/results/{DEMO}/english-7").text


def test_the_protocol_holds_the_points_of_each_round(marked: Marked) -> None:
    frozen = marked.made.hub.read(list_protocols, marked.made.english.archive)[-1]
    spoken = [one for one in frozen.payload["answers"] if one["rounds"]]
    assert spoken and all(set(one["rounds"][0]["points"].values()) == {1} for one in spoken)
    assert "не квалифицированная" in marked.head.get(marked.page).text


def take_appeal(browser: Browser, receipt: str) -> Any:
    return browser.post("/appeals", {"receipt": receipt}, page="/appeals")


def test_the_file_of_an_appeal_proves_itself(marked: Marked) -> None:
    answer = take_appeal(marked.organizer, marked.receipt())
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(BytesIO(answer.data)) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    manifest = json.loads(files.pop("manifest.json"))["files"]
    assert manifest == {name: sha256_hex(content) for name, content in files.items()}
    assert sum(name.endswith(".flac") and content.startswith(b"fLaC") for name, content in files.items()) == 1
    page = files["index.html"].decode()
    assert 'data-at="2.0"' in page and "<rect" in page
    # a remark with its criterion, and where the criterion itself was decided with its points
    assert "проверка 1, К1: здесь &lt;ошибка&gt;" in page
    assert 'data-at="1.0">▶ 0:01</button> проверка 1, К1: 1<' in page
    assert "http" not in page and b"head" not in files["marks.json"] and "К1" in page
    assert json.loads(files["receipt.json"])["proven"] is True


def test_files_given_as_answers_are_in_it_and_proven(marked: Marked) -> None:
    answer = take_appeal(marked.organizer, marked.receipt("12349"))
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(BytesIO(answer.data)) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    assert {files[f"files/{sha256_hex(one)}.png"] for one in (PICTURE, OTHER)} == {PICTURE, OTHER}
    told = json.loads(files["receipt.json"])
    assert told["proven"] and {one["sha256"] for one in told["files"]} == {sha256_hex(PICTURE), sha256_hex(OTHER)}
    page = files["index.html"].decode()
    assert page.count("<img src=") == 2 and page.index("Файлы других заданий") > page.index(sha256_hex(PICTURE))
    assert page.index("Файлы других заданий") < page.index(sha256_hex(OTHER))
    assert page.count("которое подтверждено квитанцией") == 2
    assert "image/png answer.png" not in page, "people see the file and not its reference"


@pytest.mark.parametrize("receipt", ["", "АБВ", "1" * 22, "🙂" * 80, "0" * 5000])
def test_rubbish_is_no_receipt(marked: Marked, receipt: str) -> None:
    assert take_appeal(marked.organizer, receipt).status_code in (409, 422)


def test_a_stranger_gets_no_file(marked: Marked) -> None:
    stranger = marked.made.hub.browser("stranger", "coordinator", territory="Московская область")
    assert take_appeal(stranger, marked.receipt()).status_code == 409
    assert marked.head.get("/appeals").status_code == 403


def test_a_correction_needs_a_reason_and_is_a_new_version_beside_the_old_one(marked: Marked) -> None:
    code = {"code": "12341", "position": "2", "points-К1": "2"}
    assert marked.head.post(f"{marked.page}/correct", {**code, "reason": " "}, page=marked.page).status_code == 422
    wrong = {**code, "points-К1": "9", "reason": "Апелляция"}
    assert marked.head.post(f"{marked.page}/correct", wrong, page=marked.page).status_code == 422
    right = {**code, "reason": "Апелляция, протокол № 3"}
    assert marked.head.post(f"{marked.page}/correct", right, page=marked.page).status_code == 302
    assert marked.head.post(f"/results/{marked.made.english.archive}/hand-over", page=marked.page).status_code == 409
    assert marked.head.post(f"{marked.page}/freeze", page=marked.page).status_code == 302
    new, old = marked.made.hub.read(list_protocols, marked.made.english.archive)
    assert (new.version, new.payload["supersedes"]) == (2, old.sha256)
    first, second = (int(next(row for row in one.payload["rows"] if row["code"] == "12341")["raw_score"])
                     for one in (old, new))
    assert second == first + 1
    assert "Апелляция, протокол № 3" in json.dumps(new.payload, ensure_ascii=False)
    appeal = take_appeal(marked.organizer, marked.receipt())
    with zipfile.ZipFile(BytesIO(appeal.data)) as packed:
        assert b"12341" not in packed.read("marks.json") and "protocol.json" not in packed.namelist()
    page = marked.head.get(f"{marked.page}?version=1").text
    assert "прежняя версия" in page and old.sha256 in page
    assert marked.head.get(f"{marked.page}/protocol.json?version=1").data == old.envelope
    assert marked.head.get(f"{marked.page}?version=7").status_code == 404
