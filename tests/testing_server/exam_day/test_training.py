"""A training run without a hub: made here, marked everywhere, walked to its end, never packed, never reported."""
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select

from testing_server.exam_day.console.print_pages import mark_training
from testing_server.exam_day.packages.records import PackageRecord
from testing_server.exam_day.reporting import list_reported
from testing_server.exam_day.sittings.records import ArchiveRecord, SittingRecord
from testing_server.exam_day.training.rules import CAMPAIGN, TrainingNotSent, make_roster
from tests.builders import open_browser
from tests.testing_server.exam_day.builders import Classroom, make_roster as make_real_roster
from tests.testing_server.exam_day.test_printing import read_pdf

SCHOOL = {"id": "s1", "name": "Школа № 1", "zone": "Europe/Moscow"}
MARK = "тренировка, не засчитывается"


def make(known: Any = None, size: int = 3, taken: Any = ()) -> dict[str, Any]:
    chance = count(1)
    return make_roster(known, size, "2025-10-09", 5, SCHOOL, taken, lambda below: next(chance) * 7919 % below)


def test_a_roster_grows_and_keeps_whom_it_had() -> None:
    first = make()
    more = make(first, 5)
    assert more["entries"][:3] == first["entries"] and len(more["entries"]) == 5 and more["version"] == 2
    assert len({entry["code"] for entry in more["entries"]}) == len({entry["login"] for entry in more["entries"]}) == 5
    assert make(more, 2)["entries"] == more["entries"] and more["campaign"]["counted"] is False


def test_codes_and_logins_of_others_are_left_alone() -> None:
    first = make()
    taken = {value for entry in first["entries"] for value in entry.values()}
    again = {value for entry in make(taken=taken)["entries"] for value in entry.values()}
    assert not taken & again


@pytest.fixture
def trained(empty_room: Classroom) -> Classroom:
    """A server without a hub that has prepared a training run of three."""
    empty_room.set_up()
    person = empty_room.browser()
    shown = person.post("/training", {"work": "english_grade_7", "count": "3"}, page="/training", follow_redirects=True)
    assert shown.status_code == 200, shown.text
    empty_room.run_jobs()
    return empty_room


def read_archive(room: Classroom) -> ArchiveRecord:
    with room.services.storage.read() as session:
        return session.scalars(select(ArchiveRecord)).one()


def open_training(room: Classroom) -> str:
    """Through the pages, as an organizer does it."""
    person = room.browser("room_organizer")
    roster = person.get("/v1/rosters-here").get_json()["rosters"][0]
    codes = [entry["code"] for entry in roster["entries"]]
    room.logins = [entry["login"] for entry in roster["entries"]]
    made = person.post("/sittings/new", {
        "archive": read_archive(room).id, "roster": f"{roster['day']}/{CAMPAIGN}", "pace": "1",
        f"codes/{roster['day']}/{CAMPAIGN}": codes}, page="/password")
    assert made.status_code == 302, made.text
    room.sitting = made.headers["Location"].rpartition("/")[2]
    assert person.post(f"/sittings/{room.sitting}/open", page="/password").status_code == 302
    return room.sitting


def test_a_training_run_is_marked_on_every_page_and_paper(trained: Classroom) -> None:
    archive = read_archive(trained)
    assert (archive.state, archive.lock, archive.trouble) == ("opened", "none", "")
    sitting, kiosk = open_training(trained), trained.seat(0)
    person = open_browser(trained.app, "watcher", "school_organizer")
    day = person.get("/v1/rosters-here").get_json()["rosters"][0]["day"]
    assert kiosk.seated["training"] is True
    for page in ("/today", "/codes", "/training", "/sittings/new", f"/sittings/{sitting}",
                 f"/sittings/{sitting}/seating", f"/sittings/{sitting}/seats/{kiosk.attempt}",
                 f"/sittings/{sitting}/closing"):
        assert MARK in person.get(page).text, page
    for paper in ("slips", "name-protocol"):
        assert "ТРЕНИРОВКА" in "".join(read_pdf(person.get(f"/codes/{day}/{CAMPAIGN}/{paper}.pdf").data)), paper


def test_a_training_run_is_neither_packed_nor_reported(trained: Classroom) -> None:
    open_training(trained)
    kiosk = trained.seat(0)
    trained.start(kiosk)
    assert list_reported(trained.services) == []
    trained.close_room_with_reasons()
    with pytest.raises(TrainingNotSent):
        trained.pack()
    with trained.services.storage.read() as session:
        assert session.scalars(select(PackageRecord)).all() == []
        assert session.get_one(SittingRecord, trained.sitting).training is True


def test_every_other_sitting_is_reported(open_room: Classroom) -> None:
    assert list_reported(open_room.services) == [open_room.sitting]


def test_real_materials_are_not_for_training(open_room: Classroom) -> None:
    person = open_room.browser()
    assert person.post("/training", {"work": "metapredmet", "count": "2"}, page="/training").status_code == 302
    roster = person.get("/v1/rosters-here").get_json()["rosters"][0]
    refused = person.client.post("/v1/sittings", json={
        "archive": open_room.archive, "day": roster["day"], "campaign": CAMPAIGN})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "real_materials")


@pytest.mark.parametrize("form", [
    {"work": "english_grade_7", "count": "0"}, {"work": "english_grade_7", "count": "201"},
    {"work": "../../etc", "count": "3"}, {"work": "", "count": ""}])
def test_rubbish_in_the_form_makes_nothing(open_room: Classroom, form: dict[str, str]) -> None:
    person = open_room.browser()
    assert person.post("/training", form, page="/training").status_code in (404, 422)
    assert person.get("/v1/rosters-here").get_json()["rosters"] == []


def test_papers_of_a_counted_campaign_carry_no_mark(empty_room: Classroom) -> None:
    with empty_room.app.test_request_context():
        assert mark_training({"campaign": {"counted": True}}) == ""
        assert mark_training(make_real_roster(1)) != ""
