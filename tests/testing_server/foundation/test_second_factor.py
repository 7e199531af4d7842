"""The second factor: tied at the first sign-in, a code is good once, nothing is open before, guesses are counted."""
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from testing_server.foundation.accounts.queries import find_account
from testing_server.foundation.accounts.records import RecoveryCodeRecord, SecondFactorRecord
from testing_server.foundation.accounts.second_factor import reset_second_factor
from testing_server.foundation.accounts.second_factor_rules import (
    STEP_MS, CodeTaken, WrongCode, compute_code, take_step)
from testing_server.foundation.audit import read_audit
from testing_server.foundation.clock import FakeClock
from testing_server.foundation.locking import NotUnlocked, lock_value, unlock_value
from tests.builders import PASSWORD, Browser, close_app, make_app, save_account, services_of

pytestmark = pytest.mark.usefixtures("quick_passwords")
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
NOW = 1_800_000_000_000


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def app(tmp_path: Path, clock: FakeClock) -> Iterator[Flask]:
    made = make_app(tmp_path / "hub", clock=clock)
    save_account(made, "anna", "coordinator")
    yield made
    close_app(made)


def untie(app: Flask) -> None:
    """As the coordinator above does."""
    with services_of(app).storage.read() as session:
        account = find_account(session, "anna")
    assert account is not None
    services_of(app).storage.write(lambda session: reset_second_factor(session, NOW, account, "above"))


def tie(app: Flask, clock: FakeClock) -> tuple[str, list[str]]:
    """Through the pages; gives the secret and the recovery codes."""
    untie(app)
    browser = Browser(app.test_client())
    browser.sign_in("anna")
    shown = browser.get("/second-factor").text
    found = re.search(r'class="code">([A-Z2-7 ]+)<', shown)
    assert found is not None and "<svg" in shown
    secret = found.group(1).replace(" ", "")
    told = browser.post("/second-factor", {"code": compute_code(secret, clock.now_ms())}, page="/second-factor").text
    codes = re.findall(r'<li class="code">([^<]+)</li>', told)
    assert len(codes) == 10 and browser.get("/").status_code == 200
    return secret, codes


def show_password(app: Flask) -> Browser:
    browser = Browser(app.test_client())
    assert browser.post("/sign-in", {"login": "anna", "password": PASSWORD}).location.startswith("/sign-in/code")
    return browser


def send_code(browser: Browser, code: str) -> int:
    return browser.post("/sign-in/code", {"code": code}, page="/sign-in/code").status_code


def test_codes_are_those_of_the_standard() -> None:
    # RFC 6238, appendix B, SHA-1, its last six digits
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    told = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"}
    assert {at: compute_code(secret, at * 1000) for at in told} == told


@pytest.mark.parametrize("shift,fits", [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off(shift: int, fits: bool) -> None:
    code = compute_code(SECRET, NOW + shift * STEP_MS)
    if fits:
        assert take_step(SECRET, code, NOW, 0) == NOW // STEP_MS + shift
    else:
        with pytest.raises(WrongCode):
            take_step(SECRET, code, NOW, 0)


def test_a_code_and_those_before_it_are_good_once() -> None:
    step = take_step(SECRET, compute_code(SECRET, NOW), NOW, 0)
    for earlier in (0, -1):
        with pytest.raises(CodeTaken):
            take_step(SECRET, compute_code(SECRET, NOW + earlier * STEP_MS), NOW, step)
    assert take_step(SECRET, compute_code(SECRET, NOW + STEP_MS), NOW, step) == step + 1


def test_what_is_locked_opens_only_where_it_belongs() -> None:
    locked = lock_value(b"k" * 32, b"secret", "anna")
    assert unlock_value(b"k" * 32, locked, "anna") == b"secret" and b"secret" not in locked
    for key, value, place in ((b"k" * 32, locked, "boris"), (b"x" * 32, locked, "anna"), (b"k" * 32, b"short", "anna"),
                              (b"k" * 32, locked[:-1] + bytes([locked[-1] ^ 1]), "anna")):
        with pytest.raises(NotUnlocked):
            unlock_value(key, value, place)


def test_the_password_alone_opens_nothing(app: Flask, clock: FakeClock) -> None:
    secret, _codes = tie(app, clock)
    clock.advance(STEP_MS)
    browser = show_password(app)
    assert browser.get("/").location.startswith("/sign-in")
    assert not app.extensions["socketio"].test_client(app, flask_test_client=browser.client).is_connected()
    code = compute_code(secret, clock.now_ms())
    assert send_code(browser, code) == 302 and browser.get("/").status_code == 200
    assert send_code(show_password(app), code) == 401, "the same code again, though its half minute still runs"
    with services_of(app).storage.read() as session:
        account = find_account(session, "anna")
        assert account is not None
        verbs = [line.verb for line in read_audit(session, f"account:{account.id}")]
    assert verbs[-2:] == ["signed_in", "code_refused"]


def test_before_a_telephone_is_tied_nothing_is_open(app: Flask) -> None:
    untie(app)
    browser = Browser(app.test_client())
    assert browser.sign_in("anna").status_code == 302
    assert browser.get("/").location == "/second-factor"
    assert not app.extensions["socketio"].test_client(app, flask_test_client=browser.client).is_connected()
    assert browser.post("/second-factor", {"code": "000000"}, page="/second-factor").status_code == 401
    assert browser.get("/password").status_code == 200


def test_a_recovery_code_is_good_once(app: Flask, clock: FakeClock) -> None:
    _secret, codes = tie(app, clock)
    browser = show_password(app)
    assert send_code(browser, codes[0].upper().replace("-", " ")) == 302
    assert "осталось: 9" in browser.get("/").text
    assert send_code(show_password(app), codes[0]) == 401
    assert send_code(show_password(app), codes[1]) == 302
    with services_of(app).storage.read() as session:
        kept = str([(row.digest, row.account) for row in session.query(RecoveryCodeRecord)])
        locked = session.query(SecondFactorRecord).one().secret_locked
    assert not any(code in kept or code.replace("-", "") in kept for code in codes) and _secret.encode() not in locked


@pytest.mark.parametrize("code", ["", "12345", "1234567", "абвгде", "' or 1=1", "9" * 400, "\x00"])
def test_rubbish_is_no_code(app: Flask, clock: FakeClock, code: str) -> None:
    tie(app, clock)
    assert send_code(show_password(app), code) == 401


def test_half_a_sign_in_ends_after_five_minutes(app: Flask, clock: FakeClock) -> None:
    secret, _codes = tie(app, clock)
    browser = show_password(app)
    token = browser.token("/sign-in/code")
    clock.advance(5 * 60_000 + 1)
    code = compute_code(secret, clock.now_ms())
    late = browser.client.post("/sign-in/code", data={"csrf_token": token, "code": code})
    assert late.status_code == 401 and "заново" in late.text
    assert browser.get("/sign-in/code").location == "/sign-in"


def test_guesses_are_counted_wherever_they_come_from(app: Flask, clock: FakeClock) -> None:
    tie(app, clock)
    told = [send_code(show_password(app), f"{number:06}") for number in range(7)]
    assert told[:5] == [401] * 5 and told[5:] == [429] * 2


def test_a_changed_password_ends_half_a_sign_in(app: Flask, clock: FakeClock) -> None:
    secret, _codes = tie(app, clock)
    browser = show_password(app)
    token = browser.token("/sign-in/code")
    untie(app)
    answer = browser.client.post("/sign-in/code", data={"csrf_token": token, "code": compute_code(secret, NOW)})
    assert answer.status_code == 401
