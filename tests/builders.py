"""Builders every test may use: settings, an application on a fake clock, a signed-in browser.

Takes a folder of the test. Gives objects that need no network and no waiting.
"""
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from testing_server.foundation.accounts.actions import create_account
from testing_server.foundation.accounts.queries import find_account
from testing_server.foundation.accounts.second_factor import confirm_second_factor, obtain_secret
from testing_server.foundation.accounts.second_factor_rules import STEP_MS, compute_code
from testing_server.foundation.clock import Clock, FakeClock
from testing_server.foundation.jobs import FakeJobs
from testing_server.foundation.locking import obtain_locking_key
from testing_server.foundation.mounts import Mount
from testing_server.foundation.services import Services, build_services
from testing_server.foundation.settings import Settings, load_settings
from testing_server.foundation.web import create_app
from tests.shortcuts import TEMPLATES

PASSWORD = "correct horse battery"
TELEPHONES = "telephones of tests"
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


def make_settings(data: Path, role: Any = "hub", **changes: Any) -> Settings:
    """Settings of a role in the folder of the test."""
    return load_settings(role, {}, data=data, **changes)


def make_services(settings: Settings, clock: Clock) -> Services:
    """Real storage with all tables, a real folder of files, jobs that wait for `run_all`."""
    offered = build_services(settings, clock)
    offered.storage.create_tables()
    offered.jobs = FakeJobs()
    return offered


def make_app(data: Path, mounts: Iterable[Mount] = (), clock: Clock | None = None, **changes: Any) -> Flask:
    """An application over an empty database. Close its storage by `close_app`."""
    app = create_app(make_settings(data, **changes), clock or FakeClock(), make_services, mounts)
    app.jinja_env.bytecode_cache = TEMPLATES
    return app


def services_of(app: Flask) -> Services:
    """What `services()` gives inside a request."""
    found: Services = app.extensions["testing_server"]
    return found


def close_app(app: Flask) -> None:
    """Stops the committer thread."""
    services_of(app).storage.close()


def save_account(app: Flask, login: str, role: str, **details: Any) -> None:
    """An account with PASSWORD that need not be changed."""
    offered, now_ms = services_of(app), services_of(app).clock.now_ms()
    offered.storage.write(
        lambda session: create_account(session, now_ms, login, role, password=PASSWORD, **details))
    if role == "coordinator":
        tie_telephone(app, login)


def tie_telephone(app: Flask, login: str) -> None:
    """A second factor as its page would tie it; the code of the step before is spent, today's are free."""
    offered, now_ms = services_of(app), services_of(app).clock.now_ms()
    key = obtain_locking_key(offered.settings)
    with offered.storage.read() as session:
        account = find_account(session, login)
    assert account is not None
    secret = offered.storage.write(lambda session: obtain_secret(session, key, account))
    offered.storage.write(lambda session: confirm_second_factor(
        session, now_ms, key, account, compute_code(secret, now_ms - STEP_MS)))
    app.extensions.setdefault(TELEPHONES, {})[account.login] = secret


@dataclass
class Browser:
    """A test client that fills in forms the way a browser would."""

    client: FlaskClient

    def get(self, address: str, **options: Any) -> TestResponse:
        return self.client.get(address, **options)

    def post(self, address: str, data: dict[str, Any] | None = None, page: str = "/sign-in",
             **options: Any) -> TestResponse:
        """Sends a form; the token comes from `page`."""
        filled = {"csrf_token": self.token(page), **(data or {})}
        return self.client.post(address, data=filled, **options)

    def token(self, page: str) -> str:
        found = CSRF.search(self.client.get(page, follow_redirects=True).text)
        assert found is not None, f"{page} has no form"
        return found.group(1)

    def sign_in(self, login: str, password: str = PASSWORD) -> TestResponse:
        answer = self.post("/sign-in", {"login": login, "password": password})
        return self.show_code(login) if answer.headers.get("Location", "").startswith("/sign-in/code") else answer

    def show_code(self, login: str) -> TestResponse:
        """The code of the account's telephone: this half minute's, or the next one's where this one is spent."""
        app = self.client.application
        secret, now_ms = app.extensions[TELEPHONES][login.strip().lower()], services_of(app).clock.now_ms()
        answer = self.post("/sign-in/code", {"code": compute_code(secret, now_ms)}, page="/sign-in/code")
        if answer.status_code == 401:
            code = compute_code(secret, now_ms + STEP_MS)
            answer = self.post("/sign-in/code", {"code": code}, page="/sign-in/code")
        return answer


def open_browser(app: Flask, login: str | None = None, role: str | None = None, **details: Any) -> Browser:
    """A browser; with `login` and `role` the account is made and signed in."""
    browser = Browser(app.test_client())
    if login is not None and role is not None:
        save_account(app, login, role, **details)
        assert browser.sign_in(login).status_code == 302
    return browser
