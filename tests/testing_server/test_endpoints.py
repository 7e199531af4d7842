"""Every endpoint × every role, against a table written by hand. What is not in the table fails."""
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

import testing_server
from testing_server.foundation.access import AccountRole
from testing_server.foundation.files.downloads import make_downloads_app
from testing_server.foundation.rights import CLASSROOM_RIGHTS, HUB_RIGHTS
from testing_server.foundation.web import gate
from testing_server.foundation.web.gate import check_access
from testing_server.foundation.web.headers import HEADERS
from testing_server.preparation.founding.actions import prepare_hub
from testing_server.roles import list_hub_mounts
from tests.builders import close_app, make_app, open_browser, services_of
from tests.testing_server import endpoint_table as table
from tests.testing_server import hub_endpoint_table as hub_table
from tests.testing_server.endpoint_callers import (
    Caller, fill_address, list_people, make_program, make_strangers, make_worker)
from tests.testing_server.exam_day.builders import Classroom, make_open_room

pytestmark = pytest.mark.usefixtures("quick_passwords")
Line = tuple[str, str]
# these lock and end the caller's own session, so they come last
LAST = [("POST", "/lock"), ("POST", "/lock/open"), ("POST", "/sign-out")]
CLASSROOM_COLUMNS = ("school_organizer", "room_organizer", "technician", "expert")
HUB_COLUMNS = ("coordinator.federal", "coordinator.regional", "coordinator.municipal", "school_organizer", "expert")
WORDS = {"anyone", "signed_in", "seat", "own_seat", "school", "own_school", "worker", "ticket"}


@dataclass
class Place:
    """A server, the lines of its table and everybody who knocks at it."""

    app: Flask
    lines: dict[Line, list[str]]
    callers: list[Caller]
    files: Flask | None = None


def read_table(text: str) -> dict[Line, list[str]]:
    """{(method, address): words}."""
    rows = [line.split() for line in text.split("\n") if line.strip()]
    return {(method, address): words for method, address, *words in rows}


def list_rules(app: Flask) -> dict[Line, Rule]:
    """Every method and address that the application answers."""
    found = {}
    for rule in app.url_map.iter_rules():
        methods = set(rule.methods or ())
        shown = methods - {"HEAD", "OPTIONS"} or methods - {"OPTIONS"} or methods
        found.update({(method, rule.rule): rule for method in shown})
    return found


def order_rules(app: Flask) -> list[tuple[Line, Rule]]:
    """All of them, what ends a session last."""
    return sorted(list_rules(app).items(), key=lambda one: one[0] in LAST and LAST.index(one[0]) + 1)


@pytest.fixture(scope="module")
def classroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An open sitting with one candidate at a workstation and another workstation beside it."""
    room = make_open_room(tmp_path_factory.mktemp("endpoints") / "data")
    app = room.app
    yield Place(app, read_table(table.CLASSROOM), [*list_people(app), *list_seats(room), make_worker(app),
                                                   *make_strangers(app)], room.files)
    room.close()


def list_seats(room: Classroom) -> list[Caller]:
    """The seat of an attempt, and the one beside it, both asking about the first one's things; a school's token."""
    kiosk, other = room.seat(0), room.pair("2")
    own = {"attempt_id": kiosk.attempt, "workstation_id": kiosk.workstation, "attempt": kiosk.attempt,
           "sitting": room.sitting, "lease": str(kiosk.lease)}
    return [make_program(room.app, "seat", "workstation", kiosk.workstation, frozenset({"seat", "own_seat"}), **own),
            make_program(room.app, "other seat", "workstation", other.workstation, frozenset({"seat"}), **own),
            make_program(room.app, "another server", "school", kiosk.workstation, frozenset({"school"}), **own)]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An empty hub with all its stages."""
    app = make_app(tmp_path_factory.mktemp("endpoints") / "hub", list_hub_mounts())
    prepare_hub(services_of(app))
    programs = [make_program(app, "school", "school", "s1", frozenset({"school"})),
                make_program(app, "foreign program", "workstation", "s1", frozenset())]
    yield Place(app, read_table(hub_table.HUB), [*list_people(app), *programs, make_worker(app), *make_strangers(app)],
                make_downloads_app(services_of(app).settings, services_of(app).clock))
    close_app(app)


@pytest.fixture(params=["classroom", "hub"])
def place(request: pytest.FixtureRequest) -> Place:
    found: Place = request.getfixturevalue(request.param)
    return found


def test_table_names_every_endpoint_and_no_other(place: Place) -> None:
    told = "lines for tests/testing_server/endpoint_table.py or hub_endpoint_table.py"
    assert sorted(list_rules(place.app).keys() - place.lines.keys()) == [], told
    assert sorted(place.lines.keys() - list_rules(place.app).keys()) == [], "lines without an endpoint"


def test_files_processes_are_in_the_table(classroom: Place, hub: Place) -> None:
    for place, text in ((classroom, table.CLASSROOM_FILES), (hub, hub_table.HUB_FILES)):
        assert place.files is not None
        assert list_rules(place.files).keys() == read_table(text).keys()


def test_table_uses_known_words() -> None:
    for text, rights in ((table.CLASSROOM, CLASSROOM_RIGHTS), (hub_table.HUB, HUB_RIGHTS)):
        names = {right.name for right in rights}
        used = {word for words in read_table(text).values() for word in words}
        assert used <= names | WORDS and names <= used


def test_a_missing_line_is_noticed(place: Place) -> None:
    """The table test can fail: without one of its lines it does."""
    less = Place(place.app, dict(list(place.lines.items())[1:]), [])
    with pytest.raises(AssertionError, match="endpoint_table"):
        test_table_names_every_endpoint_and_no_other(less)


def test_every_form_needs_its_token(place: Place) -> None:
    wrong = []
    for line, rule, caller in list_writing(place):
        if not rule.rule.startswith("/v1/"):
            answer = caller.ask(line[0], fill_address(place.app, rule, caller.own))
            wrong += [f"{line}: {answer.status_code}"] * (answer.status_code != 400)
    assert wrong == []


def test_no_foreign_page_writes_in_a_persons_name(place: Place) -> None:
    wrong = []
    for line, rule, caller in list_writing(place):
        if rule.rule.startswith("/v1/") and "anyone" not in place.lines[line] and caller.role:
            address = fill_address(place.app, rule, caller.own)
            answer = caller.client.open(address, method=line[0], headers={"Sec-Fetch-Site": "cross-site"})
            wrong += [f"{line}: {answer.status_code}"] * (answer.status_code != 403)
    assert wrong == []


def list_writing(place: Place) -> list[tuple[Line, Rule, Caller]]:
    """Every address that changes something, with one person or program that may use it."""
    rules = [(line, rule) for line, rule in list_rules(place.app).items()
             if line in place.lines and line[0] not in ("GET", "HEAD", "OPTIONS")]
    return [(line, rule, next(one for one in place.callers if one.may(place.lines[line]))) for line, rule in rules]


def test_every_endpoint_for_every_role(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(place.app.config, "WTF_CSRF_METHODS", set())
    monkeypatch.setattr(place.app.extensions["rates"], "enabled", False)
    let_in = note_who_passes(monkeypatch)
    wrong = [told for line, rule in order_rules(place.app)
             for caller in place.callers for told in judge(place, caller, line, rule, let_in)]
    assert not wrong, "\n".join(wrong)


def test_locked_console_only_looks_on(classroom: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(classroom.app.config, "WTF_CSRF_METHODS", set())
    monkeypatch.setattr(classroom.app.extensions["rates"], "enabled", False)
    browser = open_browser(classroom.app, "who-left", "school_organizer")
    assert browser.client.post("/lock").status_code == 302
    shown = {tuple(line.split()) for line in table.SEEN_LOCKED.split("\n") if line.strip()}
    person = Caller("locked", browser.client, frozenset({"signed_in"}), "school_organizer")
    opened = set()
    for line, rule in order_rules(classroom.app):
        words = classroom.lines.get(line, ["anyone"])
        if "anyone" not in words and person.may(words) and line != ("POST", "/lock/open"):
            answer = person.ask(line[0], fill_address(classroom.app, rule, {}))
            led_away = answer.status_code == 302 and answer.location.startswith("/lock?")
            opened |= set() if led_away or answer.status_code == 423 else {line}
    # the first page leads on, to what is covered
    assert opened - {("GET", "/")} == shown - {("POST", "/lock/open")}


def test_paper_and_code_say_the_same_of_roles() -> None:
    shown = {role.value for right in CLASSROOM_RIGHTS for role in AccountRole if role in right.roles}
    assert shown == {"school_organizer", "room_organizer", "technician", "expert"}
    paper = (Path(testing_server.__file__).parent.parent / "docs" / "roles.md").read_text("utf-8")
    for rights, columns in ((CLASSROOM_RIGHTS, CLASSROOM_COLUMNS), (HUB_RIGHTS, HUB_COLUMNS)):
        for right in rights:
            marks = " | ".join("да" if {role, role.partition(".")[0]} & right.roles else "—" for role in columns)
            assert f"| {right.title} | {marks} |" in paper, right.name


def note_who_passes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by one with each request that got through the gate: a view's own refusal looks the same from outside."""
    let_in: list[str] = []

    def check(access: dict[str, frozenset[str]]) -> None:
        check_access(access)
        let_in.append("passed")
    monkeypatch.setattr(gate, "check_access", check)
    return let_in


def judge(place: Place, caller: Caller, line: Line, rule: Rule, let_in: list[str]) -> list[str]:
    """What is wrong with one answer, [] when nothing is."""
    let_in.clear()
    words = place.lines.get(line, [])
    answer = caller.ask(line[0], fill_address(place.app, rule, caller.own), json=make_body(rule, caller))
    led_on = answer.status_code == 302 and not answer.location.startswith(("/sign-in", "/password"))
    passed = bool(let_in or led_on) and not is_turned_away(answer, words, caller)
    told = f"{line[0]} {rule.rule} for {caller.name}: {answer.status_code}, the table says {' '.join(words)}"
    broken = answer.status_code >= 500 or passed is not caller.may(words)
    # whoever is refused hears one of four things, and nothing of what there is
    strange = not let_in and answer.status_code not in (302, 401, 403, 423)
    missing = [name for name in HEADERS if name not in answer.headers]
    loose = "unsafe" in answer.headers.get("Content-Security-Policy", "unsafe")
    return [told] * (broken or strange or loose) + [f"{told}: without {', '.join(missing)}"] * bool(missing)


def make_body(rule: Rule, caller: Caller) -> dict[str, Any] | None:
    """Where a view looks at the body before it looks whose thing it is."""
    return {"/v1/attempts/<attempt_id>/events": {"lease": int(caller.own.get("lease", 1)), "events": []},
            "/v1/attempts/<attempt_id>/purge": {"generation": 1, "number": 1, "result": "done"},
            "/v1/workstations/<workstation_id>/check": {}}.get(rule.rule)


def is_turned_away(answer: TestResponse, words: list[str], caller: Caller) -> bool:
    """The view itself says that a thing is another workstation's."""
    return "own_seat" in words and caller.name == "other seat" and answer.status_code in (403, 404)
