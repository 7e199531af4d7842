"""The page of a seat without installation, asked for by browsers with the right settings, wrong ones and none."""
from pathlib import Path

import pytest

from testing_server.exam_day.plain_seats import pages as plain_pages
from testing_server.exam_day.safe_exam_browser.config_key import HEADER, hash_for_url
from testing_server.exam_day.safe_exam_browser.exam_file import change_address, obtain_kept, read_config_key
from tests.testing_server.exam_day.builders import Classroom

URL = "https://10.0.0.5:8443/seat/"


def ask(room: Classroom, proof: str | None) -> int:
    headers = {} if proof is None else {HEADER: proof}
    found = room.app.test_client().get(URL, headers=headers)
    assert found.status_code == 200 or "exam.seb" in found.text
    return int(found.status_code)


@pytest.fixture
def room(open_room: Classroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Classroom:
    """With a page of one line: the kiosk's own is not what is tried here."""
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "page.html").write_text("<h1>a seat</h1>")
    monkeypatch.setattr(plain_pages, "find_static", lambda: tmp_path / "static")
    return open_room


def prove(room: Classroom, url: str = URL) -> str:
    return hash_for_url(url, read_config_key(room.services.settings))


def test_where_a_school_asks_for_nothing_any_browser_may_come(room: Classroom) -> None:
    assert ask(room, None) == 200 and ask(room, prove(room)) == 200


def test_changed_settings_are_always_refused(room: Classroom) -> None:
    assert ask(room, hash_for_url(URL, "0" * 64)) == 403
    assert ask(room, prove(room, "https://elsewhere/seat/")) == 403 and ask(room, "") == 403


def test_a_school_may_ask_for_the_browser(room: Classroom) -> None:
    person, kept = room.browser(), obtain_kept(room.services.settings)
    form = {"address": kept.address, "required": "on"}
    assert person.post("/safe-exam-browser", form, page="/safe-exam-browser").status_code == 302
    assert " checked" in person.get("/safe-exam-browser").text
    assert ask(room, None) == 403 and ask(room, prove(room)) == 200
    person.post("/safe-exam-browser", {"address": kept.address}, page="/safe-exam-browser")
    assert ask(room, None) == 200


def test_asking_for_the_browser_leaves_the_file_as_it_is(room: Classroom) -> None:
    settings = room.services.settings
    kept = change_address(settings, "https://10.0.0.5:8443")
    before = read_config_key(settings)
    room.browser().post("/safe-exam-browser", {"address": kept.address, "required": "on"}, page="/safe-exam-browser")
    assert obtain_kept(settings).is_required and read_config_key(settings) == before
