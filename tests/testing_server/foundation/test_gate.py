"""Closed by default: an endpoint nobody listed stops the start, everyone else meets the gate."""
from collections.abc import Callable

import pytest
from flask import Blueprint, Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from testing_server.foundation.accounts.records import AccountRecord
from testing_server.foundation.clock import FakeClock
from testing_server.foundation.tokens import make_token
from testing_server.foundation.web import (
    ANYONE, INTERNAL, SCHOOL, SIGNED_IN, WORKSTATION, Mount, UnlistedEndpoint, current_workstation)
from testing_server.foundation.web.gate import is_loopback
from tests.builders import open_browser, services_of

OpenApp = Callable[..., Flask]
HOUR_MS = 3_600_000


def make_mount(**access: frozenset[str]) -> Mount:
    pages = Blueprint("trial", __name__)

    @pages.get("/trial")
    def show_trial() -> str:
        return "seen"

    @pages.post("/v1/trial")
    def send_trial() -> dict[str, str]:
        return {"seen": "yes"}

    @pages.get("/v1/seat")
    def show_seat() -> dict[str, str]:
        return {"subject": current_workstation().subject, "scope": current_workstation().scope}

    open_to = {"show_trial": frozenset({"expert"}), "send_trial": frozenset({"expert", INTERNAL}),
               "show_seat": frozenset({WORKSTATION})}
    return Mount(pages, {**open_to, **access})


def test_unlisted_endpoint_stops_the_start(open_app: OpenApp) -> None:
    pages = Blueprint("forgotten", __name__)
    pages.add_url_rule("/forgotten", "show_forgotten", lambda: "seen")
    with pytest.raises(UnlistedEndpoint, match="forgotten.show_forgotten"):
        open_app([Mount(pages, {})])


def test_line_without_endpoint_stops_the_start(open_app: OpenApp) -> None:
    with pytest.raises(UnlistedEndpoint, match="trial.gone"):
        open_app([make_mount(gone=frozenset({ANYONE}))])


@pytest.mark.parametrize("allowed", [frozenset(), frozenset({"everyone"}), frozenset({"Expert"})])
def test_unknown_role_stops_the_start(open_app: OpenApp, allowed: frozenset[str]) -> None:
    with pytest.raises(UnlistedEndpoint):
        open_app([make_mount(show_trial=allowed)])


def test_listed_role_passes_and_another_does_not(open_app: OpenApp) -> None:
    app = open_app([make_mount()])
    assert open_browser(app, "vera", "expert").get("/trial").text == "seen"
    answer = open_browser(app, "oleg", "technician").get("/trial")
    assert answer.status_code == 403 and "вашей роли" in answer.text


def test_stranger_is_led_to_the_sign_in_page(open_app: OpenApp) -> None:
    answer = open_app([make_mount()]).test_client().get("/trial?page=2")
    assert answer.status_code == 302 and answer.location == "/sign-in?next=/trial?page%3D2"


def test_stranger_under_v1_gets_json(open_app: OpenApp) -> None:
    answer = open_app([make_mount()]).test_client().post("/v1/trial")
    assert answer.status_code == 401 and answer.json and answer.json["code"] == "not_signed_in"


def test_missing_address_says_nothing_of_what_exists(open_app: OpenApp) -> None:
    answer = open_app().test_client().get("/v1/nothing")
    assert answer.status_code == 404 and answer.json and answer.json["code"] == "not_found"


def bearer(app: Flask, kind: str, expires_ms: int, scope: str = "") -> dict[str, str]:
    return {"Authorization": "Bearer " + make_token(services_of(app).mac_key, "seat-4", kind, expires_ms, scope)}


def test_workstation_token_names_its_seat(open_app: OpenApp, clock: FakeClock) -> None:
    app = open_app([make_mount()])
    headers = bearer(app, "workstation", clock.now_ms() + HOUR_MS, "generation 3")
    answer = app.test_client().get("/v1/seat", headers=headers)
    assert answer.json == {"subject": "seat-4", "scope": "generation 3"}


def test_workstation_token_ends(open_app: OpenApp, clock: FakeClock) -> None:
    app = open_app([make_mount()])
    headers = bearer(app, "workstation", clock.now_ms() + HOUR_MS)
    clock.advance(HOUR_MS)
    assert app.test_client().get("/v1/seat", headers=headers).status_code == 401


def test_school_token_is_no_workstation_token(open_app: OpenApp, clock: FakeClock) -> None:
    app = open_app([make_mount()])
    headers = bearer(app, "school", clock.now_ms() + HOUR_MS)
    assert app.test_client().get("/v1/seat", headers=headers).status_code == 401
    opened = open_app([make_mount(show_trial=frozenset({SCHOOL}))])
    assert opened.test_client().get("/trial", headers=bearer(opened, "school", clock.now_ms() + 1)).text == "seen"


def test_signed_in_person_has_no_workstation(open_app: OpenApp) -> None:
    browser = open_browser(open_app([make_mount()]), "vera", "expert")
    assert browser.get("/v1/seat").status_code == 403


@pytest.mark.parametrize(("address", "secret", "status"), [
    ("127.0.0.1", None, 200), ("::1", None, 200), ("192.168.0.5", None, 401), ("127.0.0.1", "guessed", 401)])
def test_internal_needs_loopback_and_the_secret(
        open_app: OpenApp, address: str, secret: str | None, status: int) -> None:
    app = open_app([make_mount()])
    headers = {"Authorization": f"Internal {secret or services_of(app).internal_secret}"}
    answer = app.test_client().post("/v1/trial", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == status


@pytest.mark.parametrize(("headers", "status"), [
    ({}, 200), ({"Origin": "http://localhost"}, 200), ({"Sec-Fetch-Site": "same-origin"}, 200),
    ({"Origin": "http://evil.example"}, 403), ({"Origin": "null"}, 403), ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "same-site"}, 403)])
def test_foreign_page_cannot_use_a_persons_session(
        open_app: OpenApp, headers: dict[str, str], status: int) -> None:
    browser = open_browser(open_app([make_mount()]), "vera", "expert")
    assert browser.client.post("/v1/trial", headers=headers).status_code == status


def test_one_time_password_opens_nothing_but_its_change(open_app: OpenApp) -> None:
    app = open_app([make_mount(show_trial=frozenset({SIGNED_IN}))])
    browser = open_browser(app, "vera", "expert")
    services_of(app).storage.write(expire_password)
    assert browser.get("/trial").location == "/password"
    assert browser.client.post("/v1/trial").json == {
        "code": "password_must_change", "message": "Эта страница вашей роли не открыта."}


def expire_password(session: Session) -> None:
    session.execute(update(AccountRecord).values(must_change=True))


@pytest.mark.parametrize(("address", "own"), [
    ("127.0.0.1", True), ("::1", True), ("10.0.0.1", False), ("", False), ("localhost.example", False)])
def test_loopback_is_told_by_address(address: str, own: bool) -> None:
    assert is_loopback(address) is own
