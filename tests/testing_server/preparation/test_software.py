"""Programs and training material: in time by the campaign's rule or with a reason, as they were, and for schools."""
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from testing_server.foundation.audit import read_audit
from testing_server.preparation.software.queries import OfferedFile, list_offered
from testing_server.preparation.software.rules import judge_kind
from tests.builders import Browser
from tests.testing_server.preparation.make_hub import Hub, make_school
from tests.testing_server.preparation.make_materials import COUNTED, DEMO

PAGE, FILE, BYTES = "/coordinator/software", "workstations-1.2.zip", b"programs" * 999
FORM = {"campaign": COUNTED, "name": FILE, "kind": "software"}


@pytest.fixture
def folder(hub: Hub) -> Path:
    """With one file an administrator laid there."""
    found = hub.offered.settings.data / "software"
    found.mkdir()
    (found / FILE).write_bytes(BYTES)
    return found


@pytest.fixture
def federal(hub: Hub) -> Browser:
    return hub.browser("federal", "coordinator")


def go_to(hub: Hub, moment: str) -> None:
    wanted = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    hub.clock.advance(int(wanted.timestamp() * 1000) - hub.clock.now_ms())


def read_offered(hub: Hub) -> list[OfferedFile]:
    found: list[OfferedFile] = hub.read(list_offered)
    return found


def test_a_school_downloads_what_was_offered(hub: Hub, folder: Path, federal: Browser) -> None:
    organizer = hub.browser("organizer", "school_organizer", school=make_school(hub).id)
    assert "появятся программы" in organizer.get("/school/software").text and FILE in federal.get(PAGE).text
    assert "ещё не выложено" in federal.get(PAGE).text
    assert organizer.get(f"/school/software/{COUNTED}/{FILE}").status_code == 404
    assert federal.post(PAGE, FORM, page=PAGE).status_code == 302
    one, = read_offered(hub)
    assert (one.sha256, one.size_bytes, one.late_reason) == (sha256(BYTES).hexdigest(), len(BYTES), "")
    assert one.sha256 in organizer.get("/school/software").text
    got = organizer.get(f"/school/software/{COUNTED}/{FILE}")
    assert got.data == BYTES and "attachment" in got.headers["Content-Disposition"]
    (folder / FILE).write_bytes(BYTES[:-1])
    assert organizer.get(f"/school/software/{COUNTED}/{FILE}").status_code == 409
    federal.post(f"{PAGE}/{COUNTED}/{FILE}/take-back", page=PAGE)
    assert organizer.get(f"/school/software/{COUNTED}/{FILE}").status_code == 404
    assert [one.verb for one in hub.read(read_audit, "hub")][-2:] == ["software_offered", "software_taken_back"]


def test_later_than_a_week_before_a_reason_is_asked_and_kept(hub: Hub, folder: Path) -> None:
    """vpr-2027-spring begins on 5 April; 29 March is the last day, which ends in Kamchatka first."""
    make_school(hub)
    make_school(hub, "sch410001", zone="Asia/Kamchatka")
    go_to(hub, "2027-03-29T11:59")
    federal = hub.browser("federal", "coordinator")
    assert federal.post(PAGE, FORM, page=PAGE).status_code == 302
    go_to(hub, "2027-03-29T12:00")
    late = FORM | {"kind": "training", "name": "english.zip"}
    (folder / "english.zip").write_bytes(b"training")
    shown = federal.get(PAGE).text
    assert "срок прошёл, не выложено" in shown and 'name="late_reason"' not in shown
    for reason in ("", "  "):
        refused = federal.post(PAGE, late | {"late_reason": reason}, page=PAGE)
        assert refused.status_code == 409 and 'name="late_reason"' in refused.text and len(read_offered(hub)) == 1
    assert federal.post(PAGE, late | {"late_reason": "исправлена ошибка"}, page=PAGE).status_code == 302
    assert "выложено с опозданием" in federal.get(PAGE).text
    organizer = hub.browser("organizer", "school_organizer", school=make_school(hub, "sch330009").id)
    assert "исправлена ошибка" in organizer.get("/school/software").text
    line = hub.read(read_audit, "hub")[-1]
    assert (line.verb, line.details["late"]) == ("software_offered", "исправлена ошибка")
    assert federal.post(PAGE, FORM | {"campaign": DEMO}, page=PAGE).status_code == 302, "nothing counts there"


@pytest.mark.parametrize("wrong,status", [
    ({"name": "../keys/session.key"}, 404), ({"name": ".hidden"}, 404), ({"name": "link.zip"}, 404),
    ({"name": ""}, 404), ({"kind": "music"}, 422), ({"campaign": "none"}, 404)])
def test_nothing_else_is_offered(hub: Hub, folder: Path, federal: Browser, wrong: dict[str, str], status: int) -> None:
    (folder / ".hidden").write_bytes(b"x")
    (folder / "link.zip").symlink_to(hub.offered.settings.data / "hub.sqlite")
    assert federal.post(PAGE, FORM | wrong, page=PAGE).status_code == status
    assert read_offered(hub) == []


def test_who_may_offer(hub: Hub, folder: Path) -> None:
    town = hub.browser("town", "coordinator", territory="Владимирская область/Ковров")
    assert "Выложить школам" not in town.get(PAGE).text and town.post(PAGE, FORM, page=PAGE).status_code == 403


def test_a_campaign_without_a_day_is_never_late() -> None:
    assert judge_kind([], "software", None, 9) == "waiting" and judge_kind([], "software", 9, 9) == "missing"
