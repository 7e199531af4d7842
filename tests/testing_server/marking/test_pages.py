"""Who may open what: the desk to experts, the commission to its head, forms to their own school."""
from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from testing_server.contracts.statements import verify_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.foundation.clock import FakeClock
from testing_server.marking.protocol.records import ProtocolRecord
from testing_server.preparation.founding.actions import prepare_hub
from testing_server.roles import list_hub_mounts
from tests.builders import Browser, close_app, make_app, services_of
from tests.testing_server.marking.make_work import ARCHIVE, make_attempt, save_work
from tests.testing_server.preparation.make_hub import MOMENT_MS, Hub, make_school

EXPERT_PAGES = ["/marking", "/marking/counts", "/marking/desk", f"/marking/recordings/{'1' * 64}",
                f"/marking/media/{ARCHIVE}/{'1' * 64}"]
HEAD_PAGES = ["/commission", f"/commission/{ARCHIVE}", f"/commission/{ARCHIVE}/protocol.json"]
ACTS = ["next", "save", "undo", "refer", "return", "take"]
POINTS = {2: {"К1": 2, "К2": 1}, 3: {"К1": 2}}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    app = make_app(tmp_path / "hub", list_hub_mounts(), clock=FakeClock(MOMENT_MS))
    yield Hub(app, services_of(app).clock, prepare_hub(services_of(app)))
    close_app(app)


@pytest.fixture
def school(hub: Hub) -> str:
    """A school with one candidate's answers in the queue: 1 + 4 + 2 points possible."""
    own = make_school(hub).id
    hub.write(lambda session, now_ms: save_work(session, now_ms, make_attempt(i1__r1="c2", i3__r1="My text"),
                                                school=own))
    return own


def post(browser: Browser, act: str, **body: Any) -> Any:
    return browser.client.post(f"/v1/marking/{act}", json=body)


def mark_all(expert: Browser) -> None:
    while (reply := post(expert, "next")).status_code == 200:
        answer = reply.get_json()
        body = {"assignment": answer["assignment"], "version": answer["version"], "points": POINTS[answer["position"]]}
        assert post(expert, "save", **body).status_code == 200


@pytest.fixture
def head(hub: Hub, school: str) -> Browser:
    return hub.browser("head", "expert", is_head=True, subjects=["*"])


@pytest.fixture
def signed(hub: Hub, head: Browser) -> Browser:
    """The head, after everything was marked and signed."""
    mark_all(head)
    assert head.post(f"/commission/{ARCHIVE}/freeze", page=f"/commission/{ARCHIVE}").status_code == 302
    return head


@pytest.mark.parametrize("role", ["school_organizer", "coordinator", "author", "technician"])
def test_the_desk_is_closed_to_other_roles(hub: Hub, role: str) -> None:
    browser = hub.browser("stranger", role)
    assert {browser.get(page).status_code for page in EXPERT_PAGES + HEAD_PAGES} == {403}
    assert {post(browser, act).status_code for act in ACTS} == {403}


def test_the_desk_is_closed_to_who_is_not_signed_in(hub: Hub) -> None:
    browser = Browser(hub.app.test_client())
    assert {browser.get(page).status_code for page in EXPERT_PAGES + HEAD_PAGES} == {302}
    assert {post(browser, act).status_code for act in ACTS} == {401}


def test_the_commission_is_closed_to_a_plain_expert(hub: Hub, school: str) -> None:
    expert = hub.browser("expert", "expert")
    assert {expert.get(page).status_code for page in [*HEAD_PAGES, f"/results/{ARCHIVE}.xlsx"]} == {403}
    assert {post(expert, act, assignment="x").status_code for act in ("return", "take")} == {403}
    assert expert.post(f"/commission/{ARCHIVE}/freeze", page="/marking").status_code == 403


def test_only_a_head_has_the_commission_in_the_menu(hub: Hub, head: Browser) -> None:
    assert "/commission" in head.get("/marking").text
    assert "/commission" not in hub.browser("expert", "expert").get("/marking").text


def test_sound_and_pictures_of_another_desk_are_not_given(hub: Hub, school: str) -> None:
    expert = hub.browser("expert", "expert")
    assert {expert.get(page).status_code for page in EXPERT_PAGES[3:]} == {404}
    assert expert.get(f"/marking/media/{ARCHIVE}/..%2f..%2fassessment.json").status_code == 404


def test_the_desk_alone_lets_one_style_in_by_a_nonce(hub: Hub) -> None:
    expert = hub.browser("expert", "expert")
    policies = [expert.get("/marking/desk").headers["Content-Security-Policy"] for _ in range(2)]
    assert policies[0] != policies[1] and "script-src 'self';" in policies[0] and "unsafe" not in policies[0]
    assert "nonce" not in expert.get("/marking").headers["Content-Security-Policy"]


@pytest.mark.parametrize("page", ["/commission/unknown", "/commission/unknown/protocol.json", "/results/unknown.xlsx"])
def test_an_unknown_work_is_not_found(head: Browser, page: str) -> None:
    assert head.get(page).status_code == 404


def test_an_unknown_work_cannot_be_signed(head: Browser) -> None:
    assert head.post("/commission/unknown/freeze", page=f"/commission/{ARCHIVE}").status_code == 404


def test_a_work_not_all_marked_cannot_be_signed(head: Browser) -> None:
    assert head.post(f"/commission/{ARCHIVE}/freeze", page=f"/commission/{ARCHIVE}").status_code == 409
    assert head.get(f"/commission/{ARCHIVE}/protocol.json").status_code == 409
    assert head.get(f"/results/{ARCHIVE}.xlsx").status_code == 404


@pytest.mark.parametrize("body", [{"points": []}, {"points": {"К1": 9}}, {"points": {}, "moments": 5}, {}])
def test_points_that_cannot_be_are_refused(head: Browser, body: dict[str, Any]) -> None:
    answer = post(head, "next").get_json()
    named = {"assignment": answer["assignment"], "version": answer["version"]}
    assert post(head, "save", **named, **body).get_json()["code"] == "out_of_range"


def test_the_signed_protocol_names_its_signers_and_its_download_verifies(hub: Hub, signed: Browser) -> None:
    page = signed.get(f"/commission/{ARCHIVE}").text
    (key_id, _public), = hub.keys.trusted.items()
    assert key_id in page and "подпись проверена" in page and "head" in page
    envelope = signed.get(f"/commission/{ARCHIVE}/protocol.json").data
    payload = verify_statement(envelope, hub.keys.trusted, PAYLOAD_TYPES["marking_protocol"]).read()
    assert [(row["code"], row["raw_score"], row["mark"]) for row in payload["rows"]] == [("10001", "6", 5)]


def test_a_protocol_changed_after_signing_is_told_and_gives_no_form(hub: Hub, signed: Browser) -> None:
    envelope = signed.get(f"/commission/{ARCHIVE}/protocol.json").data
    spoiled = envelope.replace(b'"sig":"', b'"sig":"AAAA')
    hub.write(lambda session, now_ms: session.execute(update(ProtocolRecord).values(envelope=spoiled)))
    assert "подпись не сходится" in signed.get(f"/commission/{ARCHIVE}").text
    assert signed.get(f"/results/{ARCHIVE}.xlsx").status_code == 409


def test_the_form_holds_numbers_as_numbers_and_codes_as_text(signed: Browser) -> None:
    book = load_workbook(BytesIO(signed.get(f"/results/{ARCHIVE}.xlsx").data))
    row = next(book["Протокол"].iter_rows(min_row=5, max_row=5))
    assert [cell.value for cell in row] == ["10001", "48213", 1, 2, 1, 2, 6, 5]
    assert [cell.data_type for cell in row] == ["s", "s"] + ["n"] * 6


def test_an_organizer_sees_the_forms_of_the_own_school_alone(hub: Hub, school: str, signed: Browser) -> None:
    other = make_school(hub, "sch330002").id
    seen = {}
    for login, place in (("own", school), ("other", other), ("nowhere", None)):
        browser = hub.browser(login, "school_organizer", school=place)
        seen[login] = (ARCHIVE in browser.get("/results").text, browser.get(f"/results/{ARCHIVE}.xlsx").status_code)
    assert seen == {"own": (True, 200), "other": (False, 404), "nowhere": (False, 404)}


def test_a_coordinator_sees_the_forms_of_the_own_territory(hub: Hub, signed: Browser) -> None:
    near = hub.browser("near", "coordinator", territory="Владимирская область")
    far = hub.browser("far", "coordinator", territory="Камчатский край")
    assert "Школа № 1" in near.get("/results").text and near.get(f"/results/{ARCHIVE}.xlsx").status_code == 200
    assert ARCHIVE not in far.get("/results").text and far.get(f"/results/{ARCHIVE}.xlsx").status_code == 404


def test_a_plain_expert_gets_no_forms(hub: Hub, signed: Browser) -> None:
    expert = hub.browser("expert", "expert")
    assert {expert.get(page).status_code for page in ("/results", f"/results/{ARCHIVE}.xlsx")} == {403}


def test_the_desk_speaks_english(hub: Hub, head: Browser) -> None:
    head.post("/language", {"language": "en", "back": "/marking/desk"}, page="/marking")
    assert "Save and take the next" in head.get("/marking/desk").text
