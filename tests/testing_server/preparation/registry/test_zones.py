"""Eleven zones by their Russian names; another zone takes two coordinators and moves nothing that is scheduled."""
import os
from collections.abc import Iterator

import pytest
from sqlalchemy import event

from testing_server.foundation.accounts.actions import reset_password
from testing_server.foundation.accounts.hands import ISSUE_COUNTS_MS
from testing_server.foundation.workbooks.cells import CellProblem
from testing_server.preparation.materials.queries import list_archives
from testing_server.preparation.registry.actions import create_coordinator
from testing_server.preparation.registry.queries import School, read_school, read_version
from testing_server.preparation.registry.rules import list_known_zones
from testing_server.preparation.registry.zone_changes import ask_zone, list_zone_requests
from testing_server.preparation.registry.zones import ZONES, name_zone, parse_zone
from testing_server.preparation.rosters.queries import list_days
from tests.builders import Browser, tie_telephone
from tests.testing_server.preparation.make_hub import Hub, make_school
from tests.testing_server.preparation.make_materials import COUNTED, DAY, pretend_sealed

pytestmark = pytest.mark.usefixtures("quick_passwords")
REGION = "Владимирская область"


@pytest.fixture
def school(hub: Hub) -> School:
    return make_school(hub)


@pytest.fixture
def asking(hub: Hub) -> Iterator[Browser]:
    yield hub.browser("asking", "coordinator", territory=f"{REGION}/Ковров")


def ask(browser: Browser, school: School, zone: str = "Asia/Omsk") -> int:
    page = f"/coordinator/schools/{school.id}/zone"
    return browser.post(page, {"zone": zone, "reason": "переезд"}, page=page).status_code


def decide(hub: Hub, browser: Browser, decision: str = "approve") -> int:
    request = hub.read(list_zone_requests, None)[0].id
    return browser.post(f"/coordinator/zones/{request}", {"decision": decision}, page="/coordinator/zones").status_code


def test_all_eleven_have_names_and_are_read_back() -> None:
    assert len(ZONES) == 11
    for zone, name in ZONES.items():
        shift = name[name.index("(") + 1:-1]
        assert parse_zone(name) == parse_zone(shift) == parse_zone(zone) == parse_zone(name.split(" (")[0].upper())
        assert parse_zone(zone) == zone and name_zone(zone) == name
    assert parse_zone(name_zone("Europe/Saratov")) == "Europe/Saratov"
    assert parse_zone("msk + 9") == "Asia/Kamchatka" and name_zone("Asia/Tomsk") == "Asia/Tomsk (МСК+4)"


@pytest.mark.parametrize("text", ["МСК+10", "МСК-2", "+", "7", "Марс", "Europe", "МСК+2+2"])
def test_other_words_are_no_zone(text: str) -> None:
    with pytest.raises(CellProblem, match="пояса нет"):
        parse_zone(text)


def test_a_second_coordinator_changes_the_zone_and_no_scheduled_hour(
        hub: Hub, school: School, asking: Browser) -> None:
    pretend_sealed(hub, school, COUNTED, DAY)
    before = [(one.archive, one.opens_at_ms) for one in hub.read(list_archives, school.id)], hub.read(
        list_days, school.id)
    version = hub.read(read_version)
    assert ask(asking, school) == 302 and hub.read(read_school, school.id).zone == "Europe/Moscow"
    assert hub.read(read_version) == version, "nothing has changed yet"
    second = hub.browser("second", "coordinator", territory=REGION)
    assert "Остаётся как назначено" in second.get("/coordinator/zones").text
    assert decide(hub, second) == 302 and hub.read(read_school, school.id).zone == "Asia/Omsk"
    assert hub.read(read_version) != version
    after = [(one.archive, one.opens_at_ms) for one in hub.read(list_archives, school.id)], hub.read(
        list_days, school.id)
    assert before == after and before[0]
    assert decide(hub, second) == 404, "once"


def test_the_same_hand_does_not_do_both(hub: Hub, school: School) -> None:
    one = hub.browser("one", "coordinator", territory=REGION)
    assert ask(one, school) == 302 and decide(hub, one) == 403
    hub.write(create_coordinator, login="puppet", territory=REGION, password="correct horse battery", by="one")
    tie_telephone(hub.app, "puppet")
    puppet = Browser(hub.app.test_client())
    puppet.sign_in("puppet")
    assert decide(hub, puppet) == 403 and hub.read(read_school, school.id).zone == "Europe/Moscow"
    other = hub.browser("other", "coordinator")
    assert decide(hub, other, "refuse") == 302 and hub.read(read_school, school.id).zone == "Europe/Moscow"


def test_whoever_gave_the_others_password_is_no_second_person(hub: Hub, school: School, asking: Browser) -> None:
    second = hub.browser("second", "coordinator", territory=REGION)
    assert ask(asking, school) == 302
    hub.write(reset_password, login="asking", by="second")
    assert decide(hub, second) == 403 and hub.read(read_school, school.id).zone == "Europe/Moscow"
    hub.clock.advance(ISSUE_COUNTS_MS)
    second.sign_in("second")
    assert decide(hub, second) == 302 and hub.read(read_school, school.id).zone == "Asia/Omsk"


def test_a_long_page_of_requests_asks_for_archives_once(hub: Hub) -> None:
    statements: list[str] = []
    schools = [make_school(hub, f"sch3300{number:02}") for number in range(10, 30)]
    for number, one in enumerate(schools):
        hub.write(ask_zone, school=one, zone="Asia/Omsk", reason="", by=f"somebody{number}")
    pretend_sealed(hub, schools[3], COUNTED, DAY)
    second = hub.browser("second", "coordinator", territory=REGION)
    with hub.offered.storage.read() as session:
        event.listen(session.get_bind().engine, "before_cursor_execute",
                     lambda _c, _u, text, *_: statements.append(text))
    page = second.get("/coordinator/zones").text
    assert page.count("Остаётся как назначено") == len(hub.read(list_archives, schools[3].id)) > 0
    assert sum("FROM archive" in one for one in statements) == 2, "of the page, and of the line above"


def test_who_may_not_decide(hub: Hub, school: School, asking: Browser) -> None:
    ask(asking, school)
    far = hub.browser("far", "coordinator", territory="Тверская область")
    below = hub.browser("below", "coordinator", territory=f"{REGION}/Ковров")
    assert (decide(hub, far), decide(hub, below)) == (404, 403)
    assert school.name not in far.get("/coordinator/zones").text
    assert far.get(f"/coordinator/schools/{school.id}/zone").status_code == 404


@pytest.mark.parametrize("zone,status", [("Europe/Moscow", 422), ("Mars/Olympus", 422), ("", 422)])
def test_a_wish_that_cannot_be_is_refused(school: School, asking: Browser, zone: str, status: int) -> None:
    assert ask(asking, school, zone) == status


def test_one_wish_at_a_time(school: School, asking: Browser) -> None:
    assert (ask(asking, school), ask(asking, school, "Asia/Irkutsk")) == (302, 422)


def test_forty_thousand_lines_do_not_read_the_machines_zones_each(monkeypatch: pytest.MonkeyPatch) -> None:
    list_known_zones()
    monkeypatch.setattr(os, "walk", None)
    assert parse_zone("Europe/Saratov") == "Europe/Saratov"
