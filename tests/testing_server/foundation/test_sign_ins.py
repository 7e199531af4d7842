"""Sign-ins that end: by the button, by idleness, by the working day, with the password; and the locked console."""
from collections.abc import Callable

import pytest
from flask import Flask

from testing_server.foundation.accounts.queries import find_account
from testing_server.foundation.accounts.rules import IdleRule, judge_sign_in
from testing_server.foundation.audit import read_audit
from testing_server.foundation.clock import FakeClock
from tests.builders import PASSWORD, Browser, open_browser, services_of

OpenApp = Callable[..., Flask]
MINUTE_MS = 60_000
POLL = {"Sec-Fetch-Mode": "cors"}


@pytest.mark.parametrize(("began", "acted", "locked", "rule", "now", "expected"), [
    (0, 0, False, IdleRule(15, True), 14, "open"), (0, 0, False, IdleRule(15, True), 15, "locked"),
    (0, 0, False, IdleRule(15, False), 15, "over"), (0, 10, False, IdleRule(15, True), 24, "open"),
    (0, 0, True, IdleRule(15, True), 1, "locked"), (0, 0, False, IdleRule(0, True), 600, "open"),
    (0, 719, False, IdleRule(15, True), 720, "over"), (0, 719, True, IdleRule(0, True), 720, "over"),
    (0, 500, False, IdleRule(15, True), 100, "open")])
def test_standing(began: int, acted: int, locked: bool, rule: IdleRule, now: int, expected: str) -> None:
    """Times in minutes; the last line is a clock that was set back."""
    assert judge_sign_in(began * MINUTE_MS, acted * MINUTE_MS, locked, rule, now * MINUTE_MS) == expected


def open_console(open_app: OpenApp) -> tuple[Flask, Browser]:
    app = open_app(role="classroom")
    return app, open_browser(app, "vera", "room_organizer")


def is_locked(browser: Browser) -> bool:
    return browser.get("/password").location == "/lock?next=/password"


def list_verbs(app: Flask) -> list[str]:
    with services_of(app).storage.read() as session:
        account = find_account(session, "vera")
        assert account is not None
        return [line.verb for line in read_audit(session, f"account:{account.id}")]


def test_locked_console_opens_by_its_password_alone(open_app: OpenApp) -> None:
    app, browser = open_console(open_app)
    assert browser.post("/lock", {"back": "/password"}, page="/password").location == "/password"
    assert is_locked(browser)
    refused = browser.client.post("/password", data={"csrf_token": browser.token("/lock"), "old": PASSWORD, "new": "x"})
    assert refused.status_code == 423 and "Пульт заперт" in refused.text
    assert browser.post("/lock/open", {"password": "guessed"}, page="/lock").status_code == 401
    assert is_locked(browser)
    assert browser.post("/lock/open", {"password": PASSWORD, "next": "/password"}, page="/lock").location == "/password"
    assert browser.get("/password").status_code == 200
    assert list_verbs(app) == ["signed_in", "console_locked", "console_unlocked"]


def test_a_part_that_fetches_itself_is_not_shown_the_lock(open_app: OpenApp) -> None:
    """Led to the lock, the sitting's page would show that page inside itself."""
    _app, browser = open_console(open_app)
    browser.post("/lock", page="/password")
    assert browser.get("/password", headers=POLL).status_code == 423


def test_guessing_at_a_locked_console_is_slowed_down(open_app: OpenApp) -> None:
    _app, browser = open_console(open_app)
    browser.post("/lock", page="/password")
    token = browser.token("/lock")
    form = {"csrf_token": token, "password": "guessed"}
    assert [browser.client.post("/lock/open", data=form).status_code for _try in range(11)] == [401] * 10 + [429]


def test_idle_console_locks_itself_though_its_page_fetches(open_app: OpenApp, clock: FakeClock) -> None:
    _app, browser = open_console(open_app)
    for _minute in range(14):
        clock.advance(MINUTE_MS)
        assert browser.get("/password", headers=POLL).status_code == 200
    clock.advance(MINUTE_MS)
    assert is_locked(browser)


def test_whoever_moves_at_the_page_is_not_locked_out(open_app: OpenApp, clock: FakeClock) -> None:
    _app, browser = open_console(open_app)
    for _time in range(5):
        clock.advance(10 * MINUTE_MS)
        told = browser.client.post("/acted", headers={"X-CSRFToken": browser.token("/sign-in"), **POLL})
        assert told.status_code == 204
    assert browser.get("/password").status_code == 200


def test_working_day_ends_a_busy_session(open_app: OpenApp, clock: FakeClock) -> None:
    _app, browser = open_console(open_app)
    for _time in range(71):
        clock.advance(10 * MINUTE_MS)
        assert browser.get("/password").status_code == 200
    clock.advance(10 * MINUTE_MS)
    assert browser.get("/password").location == "/sign-in?next=/password"


def test_idle_person_of_a_hub_is_signed_out(open_app: OpenApp, clock: FakeClock) -> None:
    browser = open_browser(open_app(), "vera", "expert")
    clock.advance(59 * MINUTE_MS)
    assert browser.get("/").status_code == 200
    clock.advance(60 * MINUTE_MS)
    assert browser.get("/").location == "/sign-in?next=/"


def test_copied_cookie_is_nobody_after_the_sign_out(open_app: OpenApp) -> None:
    app, browser = open_console(open_app)
    copied = browser.client.get_cookie("classroom_session")
    assert copied is not None
    thief = app.test_client()
    thief.set_cookie("classroom_session", copied.value)
    assert thief.get("/password").status_code == 200
    browser.post("/sign-out", page="/password")
    assert thief.get("/password").status_code == 302
    assert list_verbs(app)[-1] == "signed_out"


def test_lock_is_of_one_browser(open_app: OpenApp) -> None:
    app, browser = open_console(open_app)
    other = open_browser(app)
    other.sign_in("vera")
    browser.post("/lock", page="/password")
    assert is_locked(browser) and other.get("/password").status_code == 200


def test_lock_survives_a_restart_and_an_older_cookie(open_app: OpenApp) -> None:
    """The lock is in the database: neither a new process nor a cookie from before lifts it."""
    app, browser = open_console(open_app)
    before = browser.client.get_cookie("classroom_session")
    assert before is not None
    browser.post("/lock", page="/password")
    browser.client.set_cookie("classroom_session", before.value)
    assert is_locked(browser)
