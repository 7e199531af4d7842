"""Credentials go down level by level: files hold one-time passwords, every line of them leaves a trace."""
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from openpyxl import load_workbook

from testing_server.foundation.accounts.hands import may_be_one_hand
from testing_server.foundation.accounts.queries import find_account, list_accounts
from testing_server.foundation.accounts.second_factor_rules import compute_code
from testing_server.foundation.jobs import FakeJobs, JobContext
from testing_server.preparation.people import credential_pages
from testing_server.preparation.people.records import CredentialBatchRecord
from testing_server.preparation.people.rules import propose_login, spell_latin
from testing_server.preparation.people.trace import Trace, list_trace
from testing_server.preparation.registry.actions import create_organizer
from testing_server.preparation.registry.queries import find_school
from tests.builders import TELEPHONES, Browser
from tests.testing_server.preparation.make_hub import Hub, make_school

pytestmark = pytest.mark.usefixtures("quick_passwords")
REGION, TOWN = "Владимирская область", "Владимирская область/Ковров"
PAGE = "/coordinator/credentials"
OWN = "own password of mine"


@pytest.fixture
def federal(hub: Hub) -> Iterator[Browser]:
    yield hub.browser("federal", "coordinator")


@pytest.fixture
def regional(hub: Hub) -> Iterator[Browser]:
    for number in range(8):
        make_school(hub, f"sch33000{number}", municipality="Ковров" if number < 5 else "Муром")
    make_school(hub, "sch690001", region="Тверская область", municipality="Тверь")
    yield hub.browser("regional", "coordinator", territory=REGION)


def run_jobs(hub: Hub, die_at: int = -1) -> None:
    headers, told = {"Authorization": f"Internal {hub.offered.internal_secret}"}, []

    def report(path: str, body: dict[str, Any]) -> Any:
        told.append(path)
        if len(told) == die_at:
            raise KeyboardInterrupt
        answer = hub.app.test_client().post(path, json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json

    jobs = hub.offered.jobs
    assert isinstance(jobs, FakeJobs)
    jobs.run_all(JobContext(hub.offered.settings, hub.clock, hub.offered.files, report))


def order(hub: Hub, browser: Browser, kind: str) -> str:
    answer = browser.post(PAGE, {"kind": kind}, page=PAGE)
    assert answer.status_code == 302, answer.text
    run_jobs(hub)
    return str(answer.headers["Location"])


def fetch(browser: Browser, address: str) -> dict[str, str]:
    """Login → password of the workbook."""
    answer = browser.post(f"{address}/file", {"form": "xlsx"}, page=PAGE)
    assert answer.status_code == 200, answer.text
    book = load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == ["Инструкция", "Пароли"]
    return {str(row[3]): str(row[4] or "") for row in list(book["Пароли"].iter_rows(values_only=True))[1:]}


def first_sign_in(hub: Hub, login: str, password: str) -> Browser:
    """As a person does it: the one-time password, an own one, and a coordinator's telephone."""
    browser = Browser(hub.app.test_client())
    assert browser.post("/sign-in", {"login": login, "password": password}).status_code == 302
    assert browser.get("/").headers["Location"] == "/password", "nothing before the change"
    assert browser.post("/password", {"old": password, "new": OWN}, page="/password").status_code == 302
    answer = browser.get("/second-factor")
    if answer.status_code == 200:
        found = re.search(r'class="code">([A-Z2-7 ]+)<', answer.text)
        assert found is not None
        secret = found.group(1).replace(" ", "")
        code = compute_code(secret, hub.clock.now_ms())
        assert browser.post("/second-factor", {"code": code}, page="/second-factor").status_code == 200
        hub.app.extensions.setdefault(TELEPHONES, {})[login] = secret
    return browser


def test_credentials_pass_from_the_country_to_a_school(hub: Hub, federal: Browser, regional: Browser) -> None:
    made = federal.post("/coordinator/people", {"region": "Тверская область"}, page="/coordinator/people")
    (login, password), = fetch(federal, made.headers["Location"]).items()
    assert login == propose_login("Тверская область") and login.startswith("reg.tverskaya-oblast-")
    tver = first_sign_in(hub, login, password)
    (below, password), = fetch(tver, order(hub, tver, "municipalities")).items()
    town = first_sign_in(hub, below, password)
    (organizer, password), = fetch(town, order(hub, town, "schools")).items()
    assert organizer == "org.sch690001"
    school = first_sign_in(hub, organizer, password)
    assert school.get("/school").status_code == 200
    lines = hub.read(list_trace, None)
    assert [(one.level, one.issued_by, one.fetched_by, one.word) for one in lines] == [
        ("regional", "federal", "federal", "ready"), ("municipal", login, login, "ready"),
        ("school", below, below, "ready")]


def test_a_municipality_fetches_its_part_of_the_regions_file(hub: Hub, regional: Browser) -> None:
    address = order(hub, regional, "schools")
    town = hub.browser("town", "coordinator", territory=TOWN)
    assert len(fetch(town, address)) == 5 and len(fetch(regional, address)) == 8
    trace = {one.login: one.fetched_by for one in hub.read(list_trace, TOWN)}
    assert len(trace) == 5 and set(trace.values()) == {"regional"}
    far = hub.browser("far", "coordinator", territory="Тверская область")
    assert far.get(address).status_code == far.post(f"{address}/file", page=PAGE).status_code == 404
    assert "sch33" not in far.get(PAGE).text and "sch33" not in far.get("/coordinator/people").text
    assert town.post(f"{address}/destroy", page=PAGE).status_code == 404, "only who has the whole of it"


def test_a_killed_worker_changes_no_password(hub: Hub, regional: Browser) -> None:
    answer = regional.post(PAGE, {"kind": "schools"}, page=PAGE)
    address, jobs = answer.headers["Location"], hub.offered.jobs
    assert isinstance(jobs, FakeJobs)
    noted = list(jobs.waiting)
    with pytest.raises(KeyboardInterrupt):
        run_jobs(hub, die_at=2)
    early = regional.post(f"{address}/file", {"form": "xlsx"}, page=PAGE)
    assert early.status_code == 409 and "ещё готовится" in early.text
    jobs.waiting.extend(noted)
    run_jobs(hub)
    passwords = fetch(regional, address)
    assert len(passwords) == 8 and fetch(regional, address) == passwords
    login, password = sorted(passwords.items())[3]
    first_sign_in(hub, login, password)
    assert fetch(regional, address)[login] == "", "whose password is changed is not in the file any more"


def test_who_signs_in_already_is_left_alone(hub: Hub, regional: Browser) -> None:
    passwords = fetch(regional, order(hub, regional, "schools"))
    login, password = sorted(passwords.items())[0]
    first_sign_in(hub, login, password)
    again = fetch(regional, order(hub, regional, "schools"))
    assert login not in again and len(again) == 7 and not set(again.values()) & set(passwords.values())
    assert Browser(hub.app.test_client()).sign_in(login, OWN).status_code == 302
    words = [one.word for one in hub.read(list_trace, REGION) if one.login == sorted(again)[0]]
    assert sorted(words) == ["running", "stopped"]


def test_a_destroyed_file_is_gone_and_the_trace_stays(hub: Hub, regional: Browser) -> None:
    address = order(hub, regional, "municipalities")
    passwords = fetch(regional, address)
    kept = hub.read(lambda session: session.query(CredentialBatchRecord).one().secret_locked)
    assert kept and not any(one.encode() in kept for one in passwords.values())
    assert regional.post(f"{address}/destroy", page=PAGE).status_code == 302
    gone = regional.post(f"{address}/file", {"form": "json"}, page=PAGE)
    assert gone.status_code == 410 and "больше нет" in gone.text
    assert len(hub.read(list_trace, REGION)) == 2 and "mun.kovrov" in regional.get(PAGE).text
    book = load_workbook(io.BytesIO(regional.get(f"{PAGE}/trace.xlsx").data))
    assert not any(password in str(row) for row in book.worksheets[0].values for password in passwords.values())


def test_a_file_ends_after_two_weeks(hub: Hub, regional: Browser) -> None:
    address = order(hub, regional, "municipalities")
    hub.clock.advance(14 * 24 * 3600 * 1000)
    regional.sign_in("regional")
    assert regional.post(f"{address}/file", {"form": "xlsx"}, page=PAGE).status_code == 410


@pytest.mark.parametrize("form", ["json", "print"])
def test_a_file_has_other_forms(hub: Hub, regional: Browser, form: str) -> None:
    address = order(hub, regional, "municipalities")
    passwords = fetch(regional, address)
    shown = regional.post(f"{address}/file", {"form": form}, page=PAGE)
    assert all(password in shown.text for password in passwords.values())
    assert shown.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("who,territory,form,status", [
    ("regional", REGION, {"municipality": "Муром"}, 302), ("regional", REGION, {"municipality": ""}, 403),
    ("regional", REGION, {"municipality": "a/b"}, 403), ("federal", None, {"region": "", "municipality": "x"}, 403),
    ("federal", None, {"region": "a/b"}, 403), ("federal", None, {"region": "Тверь", "login": "Ы"}, 422),
    ("federal", None, {"region": "Тверь", "login": "federal"}, 409), ("town", TOWN, {"municipality": "Муром"}, 403)])
def test_only_who_is_below_is_created(hub: Hub, who: str, territory: str | None, form: dict[str, str],
                                      status: int) -> None:
    browser = hub.browser(who, "coordinator", territory=territory)
    before = hub.read(list_accounts)
    assert browser.post("/coordinator/people", form, page="/coordinator/people").status_code == status
    fresh = {one.login for one in hub.read(list_accounts)} - {one.login for one in before}
    assert len(fresh) == (status == 302)


def test_the_coordinator_above_renews_unties_and_closes(hub: Hub, regional: Browser) -> None:
    hub.browser("town", "coordinator", territory=TOWN)
    town = Browser(hub.app.test_client())
    assert town.sign_in("town").status_code == 302 and town.get("/coordinator/schools").status_code == 200
    page = "/coordinator/people"
    assert regional.post(f"{page}/town/telephone", page=page).status_code == 302
    assert town.get("/coordinator/schools").status_code == 302, "the session ended"
    town.post("/sign-in", {"login": "town", "password": "correct horse battery"})
    assert town.get("/coordinator/schools").headers["Location"] == "/second-factor"
    shown = regional.post(f"{page}/town/password", page=page).text
    password = shown.split("Пароль</dt><dd class=\"big code\">")[1].split("<")[0]
    first_sign_in(hub, "town", password)
    assert regional.post(f"{page}/town/close", page=page).status_code == 302
    assert Browser(hub.app.test_client()).sign_in("town", OWN).status_code == 401
    assert regional.post(f"{page}/regional/close", page=page).status_code == 404, "not the own one"


@pytest.mark.parametrize("is_used", [True, False])
def test_a_person_named_again_gets_a_password_that_works(hub: Hub, regional: Browser, is_used: bool) -> None:
    """The account was closed: the old password and telephone are out, the new password lets in."""
    page, form, login = "/coordinator/people", {"municipality": "Ковров"}, propose_login(TOWN)
    first = fetch(regional, str(regional.post(page, form, page=page).headers["Location"]))[login]
    if is_used:
        first_sign_in(hub, login, first)
    regional.post(f"{page}/{login}/close", page=page)
    assert regional.post(f"{page}/{login}/password", page=page).status_code == 404
    # a file for all names nobody: who was closed stays closed
    assert list(fetch(regional, order(hub, regional, "municipalities"))) == [propose_login(f"{REGION}/Муром")]
    again = regional.post(page, form, page=page)
    assert again.status_code == 302, again.text
    second = fetch(regional, str(again.headers["Location"]))[login]
    for old in (first, OWN):
        assert Browser(hub.app.test_client()).sign_in(login, old).status_code == 401
    assert first_sign_in(hub, login, second).get("/coordinator/schools").status_code == 200


@pytest.mark.parametrize("verb", ["password", "telephone", "close"])
def test_nobody_acts_on_who_is_not_below(hub: Hub, regional: Browser, verb: str) -> None:
    for login, territory in (("far", "Тверская область/Тверь"), ("same", REGION), ("chief", None)):
        hub.browser(login, "coordinator", territory=territory)
        assert regional.post(f"/coordinator/people/{login}/{verb}", page="/coordinator/people").status_code == 404
        found = hub.read(find_account, login)
        assert found.has_second_factor and not found.must_change
    town = hub.browser("town", "coordinator", territory=TOWN)
    assert town.post(f"/coordinator/people/regional/{verb}", page="/coordinator/people").status_code == 403


def test_nothing_left_to_issue_is_said(hub: Hub, federal: Browser) -> None:
    answer = federal.post(PAGE, {"kind": "schools"}, page=PAGE)
    assert answer.status_code == 409 and "Выдавать некому" in answer.text
    assert federal.post(PAGE, {"kind": "planets"}, page=PAGE).status_code == 403


def test_whoever_fetched_a_password_is_no_second_person_beside_it(hub: Hub, federal: Browser,
                                                                  regional: Browser) -> None:
    """Ordered by the country, fetched by the region: the region has seen the password, the country has not."""
    address, town = order(hub, federal, "municipalities"), propose_login(TOWN)
    now_ms = hub.clock.now_ms()
    assert hub.read(may_be_one_hand, town, "federal", now_ms)
    assert not hub.read(may_be_one_hand, town, "regional", now_ms)
    first_sign_in(hub, town, fetch(regional, address)[town])
    assert hub.read(may_be_one_hand, town, "regional", now_ms)
    assert not hub.read(may_be_one_hand, town, "federal", now_ms)
    assert hub.read(may_be_one_hand, "federal", town, now_ms), "who has made an account asks beside it never"


def test_names_become_logins() -> None:
    assert spell_latin("Щёлково, г.о. «Южный»") == "schelkovo-g-o-yuzhnyj"
    assert propose_login("А/Советский район") != propose_login("Б/Советский район")


def test_a_file_opens_nobody_elses_account(hub: Hub, regional: Browser) -> None:
    """An organizer of another region, whose login is what the file proposes, keeps the password that was given."""
    other = hub.read(find_school, "sch690001")
    hub.write(create_organizer, school=other.id, login="org.sch330000")
    before = hub.read(find_account, "org.sch330000")
    passwords = fetch(regional, order(hub, regional, "schools"))
    assert len(passwords) == 7 and "org.sch330000" not in passwords
    assert hub.read(find_account, "org.sch330000") == before


def test_a_page_of_a_long_file_reads_only_what_it_shows(hub: Hub, regional: Browser,
                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    address = order(hub, regional, "schools")
    asked: list[dict[str, Any]] = []

    def listen(*told: Any, **named: Any) -> list[Trace]:
        asked.append(named)
        return list_trace(*told, **named)
    monkeypatch.setattr(credential_pages, "SHOWN", 3)
    monkeypatch.setattr(credential_pages, "list_trace", listen)
    page = regional.get(address).text
    assert asked == [{"limit": 3}] and page.count("org.sch33") == 3
