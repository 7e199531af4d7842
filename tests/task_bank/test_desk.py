"""The author's desk: an item as a candidate sees it, its key beside it, and the score of what is tried."""
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from waitress.server import create_server

from task_bank.desk import make_desk, save_pages
from task_bank.items import AssessmentPackage, read_package
from task_bank.items.check import check_package
from tests.task_bank.builders import CHOICE, KINDS, make_choice, make_package, make_package_with_files
from tests.task_bank.form_kinds import FILE_KINDS

HOME = {"base_url": "http://127.0.0.1:5000"}
SAMPLES = Path(__file__).parents[2] / "task_bank" / "samples"


def open_desk(package: AssessmentPackage) -> FlaskClient:
    return make_desk(package, check_package(package)).test_client()


@pytest.fixture(scope="module")
def english() -> Iterator[FlaskClient]:
    yield open_desk(read_package(SAMPLES / "english_grade_7"))


def test_the_list_names_every_item_and_what_the_check_says(english: FlaskClient) -> None:
    page = english.get("/", **HOME).text
    package = read_package(SAMPLES / "english_grade_7")
    for identifier in package.items:
        assert f'href="items/{identifier}.html"' in page
    assert "в порядке" in page and "ошибок" not in page


def test_an_item_stands_with_key_criteria_and_guidance(english: FlaskClient) -> None:
    grammar = english.get("/items/grammar-01.html", **HOME).text
    assert "were walking" in grammar and "g3-3" in grammar
    photo = english.get("/items/photo-01.html", **HOME).text
    assert "К4" in photo and "Произносительная сторона речи" in photo
    assert "прослушиваний: 2" in english.get("/items/listening-01.html", **HOME).text


def test_the_task_itself_is_what_a_candidate_gets(english: FlaskClient) -> None:
    page = english.get("/items/grammar-01.html", **HOME).text
    task = page[page.index('<div id="task">'):page.index("</main>")]
    assert "g3-3" not in task and "GAP_1" not in task, "the author's names stay beside the task"
    data = english.get("/items/grammar-01.json", **HOME).get_json()
    assert set(data) == {"item", "media", "answer"} and "answer" not in data["item"]


def score(desk: FlaskClient, identifier: str, responses: object, order: int = 1) -> dict:
    reply = desk.post(f"/items/{identifier}/score?order={order}", data=json.dumps(responses), **HOME)
    assert reply.status_code == 200, reply.text
    return reply.get_json()


@pytest.mark.parametrize("identifier", ["listening-01", "headings-02", "grammar-03", "words-04"])
@pytest.mark.parametrize("order", [1, 2, 7])
def test_the_key_scores_everything_in_any_order(english: FlaskClient, identifier: str, order: int) -> None:
    data = english.get(f"/items/{identifier}.json?order={order}", **HOME).get_json()
    assert score(english, identifier, data["answer"], order)["outcomes"]["SCORE"] == 5
    assert score(english, identifier, {}, order)["outcomes"]["SCORE"] == 0


def test_another_order_is_another_order(english: FlaskClient) -> None:
    pages = {english.get(f"/items/headings-01.json?order={order}", **HOME).get_json()["item"]["html"]
             for order in range(1, 5)}
    assert len(pages) > 1


@pytest.fixture(scope="module")
def kinds() -> Iterator[FlaskClient]:
    """Both packages of the builders: every kind of interaction."""
    yield make_desk(make_package_with_files()).test_client()


@pytest.mark.parametrize("kind", sorted({**KINDS, **FILE_KINDS}))
def test_every_kind_of_item_lies_on_the_desk(kinds: FlaskClient, kind: str) -> None:
    assert kinds.get(f"/items/{kind}.html", **HOME).status_code == 200
    data = kinds.get(f"/items/{kind}.json", **HOME).get_json()
    found = score(kinds, kind, data["answer"])
    assert "error" not in found, found


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"r1": 5}', b'{"r1": {"x": 1}}', b"\xff"])
def test_rubbish_is_refused(english: FlaskClient, body: bytes) -> None:
    assert english.post("/items/grammar-01/score", data=body, **HOME).status_code == 400


def test_pages_that_are_not_there_say_so(english: FlaskClient) -> None:
    for path in ("/items/nothing.html", "/items/nothing.json", f"/media/{'0' * 64}.ogg", f"/files/{'0' * 64}",
                 "/static/../app.py", "/static/nothing.js"):
        assert english.get(path, **HOME).status_code == 404, path


@pytest.mark.parametrize(("base", "headers", "status"), [
    ("http://evil.example", {}, 421), ("http://127.0.0.1.evil.example:5000", {}, 421),
    ("http://127.0.0.1:5000", {"Origin": "http://evil.example"}, 403),
    ("http://127.0.0.1:5000", {"Origin": "null"}, 403)])
def test_pages_of_others_do_not_read_keys(english: FlaskClient, base: str, headers: dict[str, str],
                                          status: int) -> None:
    assert english.get("/items/grammar-01.html", base_url=base, headers=headers).status_code == status


def test_every_answer_has_the_strict_policy(english: FlaskClient) -> None:
    for path in ("/", "/items/grammar-01.html", "/static/desk.js", "/items/nothing.html"):
        headers = english.get(path, **HOME).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'self'; base-uri 'none'")
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_file_that_is_tried_is_kept_in_memory_only(english: FlaskClient) -> None:
    kept = english.post("/files", data=b"<script>1</script>", content_type="text/html", **HOME).get_json()["reference"]
    sha256, size, kind, _ = kept.split(" ", 3)
    assert (size, kind) == ("18", "text/html")
    shown = english.get(f"/files/{sha256}", **HOME)
    assert shown.mimetype == "application/octet-stream" and "attachment" in shown.headers["Content-Disposition"]


def test_an_item_that_cannot_be_shown_says_why() -> None:
    lost = make_choice(body=CHOICE.replace("Which one?", '<img src="../media/lost.png" alt="A map"/>'))
    desk, name = open_desk(make_package({"task-01": lost})), "task-01"
    assert "ошибок" in desk.get("/", **HOME).text
    reply = desk.get(f"/items/{name}.html", **HOME)
    assert reply.status_code == 422 and "lost.png" in reply.text


def test_pages_are_saved_with_everything_they_show(tmp_path: Path) -> None:
    package = read_package(SAMPLES / "english_grade_7")
    told: list[tuple[int, int]] = []
    save_pages(make_desk(package), tmp_path, lambda done, of: told.append((done, of)))
    assert told[-1] == (len(package.items), len(package.items))
    for path in [tmp_path / "index.html", *(tmp_path / "items").glob("*.html")]:
        for address in re.findall(r'(?:src|href)="([^"#?]+)"', path.read_text(encoding="utf-8")):
            assert (path.parent / address).is_file(), (path.name, address)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A desk that is served, with the player as it was built."""
    server = create_server(make_desk(read_package(SAMPLES / "english_grade_7")), host="127.0.0.1", port=0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}/"
    server.trigger.pull_trigger(server.close)
    thread.join(timeout=5)


@pytest.mark.browser
def test_an_author_tries_an_item_and_sees_its_points(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.set_default_timeout(60_000)
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    page.get_by_role("link", name="grammar-01").click()
    score = page.locator("#score")
    score.get_by_text("Ответьте на задание").wait_for()
    page.get_by_role("button", name="Ответить по ключу").click()
    score.get_by_text("Баллы: 5").wait_for()
    page.get_by_label("Пропуск 1").select_option("")
    score.get_by_text("Баллы: 4").wait_for()
    page.get_by_role("button", name="Очистить").click()
    score.get_by_text("Баллы: 0").wait_for()
    page.get_by_label("Язык").select_option("en")
    assert page.get_by_label("Gap 1").is_visible()
    page.get_by_role("link", name="Перемешать иначе").click()
    page.get_by_role("button", name="Ответить по ключу").click()
    score.get_by_text("Баллы: 5").wait_for()
    page.close()
    assert complaints == []
