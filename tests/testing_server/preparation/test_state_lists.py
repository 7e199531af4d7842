"""A country is counted without its schools being read, shown by region, and a region opens as its list of schools."""
from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from testing_server.preparation import state_lists
from testing_server.preparation.applications.queries import (
    count_applications, count_applications_of_parts, list_applications)
from testing_server.preparation.campaigns.queries import find_campaign
from testing_server.preparation.campaigns.rules import Campaign
from testing_server.preparation.questionnaires.queries import (
    count_answers, count_answers_of_parts, find_form, list_answers, name_kind)
from testing_server.preparation.registry.queries import School, list_schools
from testing_server.preparation.registry.records import SchoolRecord
from testing_server.preparation.schedule.actions import Wish, ask_reserve_day, decide_reserve_day
from testing_server.preparation.schedule.counting import count_schedules, count_schedules_of_parts
from testing_server.preparation.schedule.queries import list_schedules
from testing_server.preparation.sheets.actions import Author, keep_sheet
from testing_server.preparation.sheets.rules import compute_shape
from tests.builders import Browser, close_app
from tests.testing_server.preparation.make_hub import Hub, make_hub, make_school

SPRING = "vpr-2027-spring"
LISTS = f"/coordinator/campaigns/{SPRING}"
REGIONS = ("Владимирская область", "Московская область")
TERRITORIES = (None, REGIONS[0], f"{REGIONS[0]}/Ковров")
REGION = f"territory={quote(REGIONS[0])}"
SOMEBODY = Author("fill", "school")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, quick_passwords: None) -> Iterator[Hub]:
    made = make_country(tmp_path_factory.mktemp("country"))
    yield made
    close_app(made.app)


def make_country(folder: Path, **settings: Any) -> Hub:
    """Twenty-four schools of two regions that told everything, something or nothing; one of each region is closed."""
    made = make_hub(folder, **settings)
    schools = [make_school(made, f"sch{330001 + number}", name=f"Школа № {number}", region=REGIONS[number % 2],
                           municipality=("Ковров", "Клин", "Муром")[number % 3]) for number in range(24)]
    chance = random.Random(5)
    for school in schools:
        tell(made, school, chance)
    made.offered.storage.write(lambda session: close_two(session, schools))
    return made


def close_two(session: Any, schools: list[School]) -> None:
    for school in schools[:2]:
        session.get(SchoolRecord, school.id).is_closed = True


def tell(hub: Hub, school: School, chance: random.Random) -> None:
    """Random sheets, and a reserve day asked for, agreed to or refused."""
    campaign, form = read_campaign(hub), read_survey(hub)
    places = [(work.id, each) for work in campaign.contents.works for each in work.forms]
    applied: dict[str, Any] = {}
    named: dict[str, Any] = {}
    for work, each in chance.sample(places, chance.randint(1, len(places))):
        applied.setdefault(work, {})[each] = chance.randint(1, 90)
        if chance.random() < 0.8:
            named.setdefault(work, {})[each] = ["2027-04-12"]
    answers = {one.id: "1" for one in form.questions if chance.random() < 0.9}
    for kind, content, confirmed in (("application", applied, chance.randint(1, 3)), ("schedule", named, 0),
                                     (name_kind("survey"), answers, 0)):
        for told in ([], [content], [{}, content])[chance.randint(0, 2)]:
            hub.write(keep_sheet, campaign=SPRING, kind=kind, school=school.id, author=SOMEBODY, confirmed=confirmed,
                      content=told)
    if chance.random() < 0.4:
        ask_or_decide(hub, campaign, school, chance)


def ask_or_decide(hub: Hub, campaign: Campaign, school: School, chance: random.Random) -> None:
    wish = Wish("grade-7-english", "computer", date(2027, 5, 20), "карантин")
    hub.write(ask_reserve_day, campaign=campaign, school=school, wish=wish, author=SOMEBODY)
    if chance.random() < 0.7:
        hub.write(decide_reserve_day, campaign=campaign, school=school, work=wish.work, form=wish.form,
                  day=wish.day.isoformat(), agrees=chance.random() < 0.6, remark="нет", author=Author("x", "federal"))


def read_campaign(hub: Hub) -> Campaign:
    return find_campaign(hub.offered.settings.data, SPRING)


def read_survey(hub: Hub) -> Any:
    return find_form(hub.offered.settings.data, read_campaign(hub), "survey")


def count_one_by_one(found: list[Any], part: str = "") -> Any:
    """State -> schools; with `part` by that field of the school."""
    if not part:
        return Counter(one.state for one in found)
    counts: dict[str, Counter[str]] = {}
    for one in found:
        counts.setdefault(getattr(one.school, part), Counter())[one.state] += 1
    return counts


@pytest.mark.parametrize("territory", TERRITORIES)
def test_counts_are_those_of_the_schools_one_by_one(hub: Hub, territory: str | None) -> None:
    campaign, form = read_campaign(hub), read_survey(hub)
    schools = hub.read(list_schools, territory)
    part = "municipality" if territory else "region"
    told = hub.read(list_applications, campaign, schools)
    assert hub.read(count_applications, campaign, territory) == count_one_by_one(told)
    assert drop_noughts(hub.read(count_applications_of_parts, campaign, territory)) == count_one_by_one(told, part)
    told = hub.read(list_schedules, campaign, schools)
    assert hub.read(count_schedules, campaign, territory) == count_one_by_one(told)
    assert hub.read(count_schedules_of_parts, campaign, territory) == count_one_by_one(told, part)
    told = hub.read(list_answers, campaign, "survey", form, schools)
    assert hub.read(count_answers, campaign, "survey", form, territory) == count_one_by_one(told)
    found = drop_noughts(hub.read(count_answers_of_parts, campaign, "survey", form, territory))
    assert found == count_one_by_one(told, part)


def drop_noughts(parts: dict[str, Counter[str]]) -> dict[str, Counter[str]]:
    return {part: +counts for part, counts in parts.items()}


def test_the_example_holds_every_state(hub: Hub) -> None:
    """Else the comparison above would compare little."""
    schedules = hub.read(count_schedules, read_campaign(hub))
    assert set(schedules) == {"attention", "waiting", "running", "ready"}
    assert set(hub.read(count_applications, read_campaign(hub))) == {"waiting", "running", "ready"}


def test_a_shape_tells_what_is_named_and_not_what_is_said() -> None:
    assert compute_shape({"a": {"paper": 3}, "b": "x"}) == compute_shape({"b": "y", "a": {"paper": 90}})
    assert compute_shape({"a": {"paper": 3}}) != compute_shape({"a": {"computer": 3}})
    assert compute_shape({"a": {"paper": 3}}) != compute_shape({"a": "paper"}) and compute_shape({}) >= 0


@pytest.fixture(scope="module")
def federal(hub: Hub) -> Browser:
    return hub.browser("federal", "coordinator")


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """As though a list held fewer schools than the country and more than a region have."""
    monkeypatch.setattr(state_lists, "MOST_LISTED", 15)


@pytest.mark.parametrize("page", ["applications", "schedule", "questionnaires/survey"])
def test_a_large_territory_is_shown_by_region_and_opens(federal: Browser, large: None, page: str) -> None:
    whole = federal.get(f"{LISTS}/{page}").text
    assert all(region in whole for region in REGIONS) and "sch33" not in whole
    opened = federal.get(f"{LISTS}/{page}?{REGION}")
    assert "Вся территория" in opened.text and "sch330003" in opened.text and "sch330004" not in opened.text
    assert "sch330001" not in opened.text, "a closed school is not listed"
    found = federal.get(f"{LISTS}/{page}?q={quote('шКОЛА 17')}").text
    assert "sch330018" in found and "sch330003" not in found
    assert REGIONS[0] not in federal.get(f"{LISTS}/{page}?only=nonsense").text


def test_a_territory_of_somebody_else_is_passed_over(hub: Hub, large: None) -> None:
    other = hub.browser("other", "coordinator", territory=REGIONS[1])
    page = other.get(f"{LISTS}/applications?{REGION}").text
    assert "sch330004" in page and "sch330003" not in page and "Вся территория" not in page


def test_a_consolidated_file_goes_up_for_a_region_and_not_for_the_country(federal: Browser, large: None) -> None:
    whole, region = f"{LISTS}/applications", f"{LISTS}/applications?{REGION}"
    assert 'type="file"' not in federal.get(whole).text and 'type="file"' in federal.get(region).text
    book = federal.get(f"{LISTS}/applications.xlsx?{REGION}").data
    refused = federal.post(f"{LISTS}/applications/file", {"file": (BytesIO(book), "form.xlsx")}, page=region,
                           content_type="multipart/form-data")
    assert refused.status_code == 422 and "по одному региону" in refused.text
    taken = federal.post(f"{LISTS}/applications/file?{REGION}", {"file": (BytesIO(book), "form.xlsx")}, page=region,
                         content_type="multipart/form-data")
    assert taken.status_code == 302 and taken.headers["Location"].endswith(
        f"territory={quote(REGIONS[0]).replace('%20', '+')}")
