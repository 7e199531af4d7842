"""A coordinator appoints who marks; nobody else may."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from testing_server.foundation.accounts.actions import bind_head
from testing_server.foundation.accounts.queries import check_password, find_account
from testing_server.foundation.clock import FakeClock
from testing_server.roles import list_hub_mounts
from tests.builders import Browser, close_app, make_app, open_browser, save_account, services_of
from tests.testing_server.preparation.make_hub import MOMENT_MS


@pytest.fixture
def coordinator(tmp_path: Path) -> Iterator[Browser]:
    app = make_app(tmp_path / "hub", list_hub_mounts(), clock=FakeClock(MOMENT_MS))
    yield open_browser(app, "coordinator", "coordinator")
    close_app(app)


def submit(browser: Browser, address: str, **fields: str) -> Any:
    return browser.post(address, fields, page="/coordinator/experts")


def read_head(browser: Browser, login: str) -> tuple[str | None, frozenset[str] | None]:
    with services_of(browser.client.application).storage.read() as session:
        found = find_account(session, login)
    assert found is not None
    return found.territory, found.subjects


def read_password(page: str) -> str:
    return re.findall(r'class="big code">([^<]+)</dd>', page)[1]


def signs_in(browser: Browser, login: str, password: str) -> bool:
    with services_of(browser.client.application).storage.read() as session:
        return check_password(session, login, password) is not None


def test_an_appointed_head_can_sign_in_with_the_password_shown_once(coordinator: Browser) -> None:
    shown = submit(coordinator, "/coordinator/experts", login="head", head="yes", region="*", subjects="english").text
    assert signs_in(coordinator, "head", read_password(shown))
    listed = coordinator.client.get("/coordinator/experts").text
    assert "председатель комиссии" in listed and read_password(shown) not in listed


def test_a_lost_password_is_replaced_and_the_old_one_is_out(coordinator: Browser) -> None:
    first = read_password(submit(coordinator, "/coordinator/experts", login="anna").text)
    second = read_password(submit(coordinator, "/coordinator/experts/password", login="anna").text)
    assert signs_in(coordinator, "anna", second) and not signs_in(coordinator, "anna", first)


def test_nobody_renews_the_password_of_another_territorys_expert(coordinator: Browser) -> None:
    """With it a stranger would sign in as the head of a commission and sign its protocols."""
    app = coordinator.client.application
    ours = open_browser(app, "ours", "coordinator", territory="Владимирская область")
    away = open_browser(app, "away", "coordinator", territory="Тверская область")
    town = open_browser(app, "town", "coordinator", territory="Владимирская область/Ковров")
    submit(ours, "/coordinator/experts", login="our-head", head="yes", subjects="english")
    for stranger in (away, town):
        assert submit(stranger, "/coordinator/experts/password", login="our-head").status_code == 404
        assert "our-head" not in stranger.get("/coordinator/experts").text
    assert submit(coordinator, "/coordinator/experts/password", login="our-head").status_code == 200


def test_a_municipality_names_experts_and_no_head(coordinator: Browser) -> None:
    town = open_browser(coordinator.client.application, "town", "coordinator", territory="Владимирская область/Ковров")
    assert submit(town, "/coordinator/experts", login="expert").status_code == 200
    assert submit(town, "/coordinator/experts", login="a-head", head="yes").status_code == 403
    page = town.get("/coordinator/experts").text
    assert "a-head" not in page and 'name="head"' not in page


def test_a_head_leads_the_region_of_who_named_him_and_the_subjects_that_were_ticked(coordinator: Browser) -> None:
    ours = open_browser(coordinator.client.application, "ours", "coordinator", territory="Владимирская область")
    named = {"login": "our-head", "head": "yes", "region": "Тверская область"}
    assert submit(ours, "/coordinator/experts", **named).status_code == 422, "no subject"
    assert submit(ours, "/coordinator/experts", **named, subjects="rubbish").status_code == 422
    assert submit(ours, "/coordinator/experts", **named, subjects="english").status_code == 200
    assert read_head(ours, "our-head") == ("Владимирская область", frozenset({"english"}))
    submit(ours, "/coordinator/experts/heads", login="our-head", subjects="*")
    assert read_head(ours, "our-head") == ("Владимирская область", frozenset({"*"}))
    submit(ours, "/coordinator/experts/heads/dismiss", login="our-head")
    assert read_head(ours, "our-head") == ("Владимирская область", None)
    # the country says which region; nothing chosen is no choice
    assert submit(coordinator, "/coordinator/experts", login="x-head", head="yes", subjects="*").status_code == 422
    assert submit(coordinator, "/coordinator/experts/heads", login="our-head", subjects="*").status_code == 422


def test_a_head_of_before_is_named_by_whoever_made_him_and_by_no_stranger(coordinator: Browser) -> None:
    app = coordinator.client.application
    ours = open_browser(app, "ours", "coordinator", territory="Владимирская область")
    away = open_browser(app, "away", "coordinator", territory="Тверская область")
    save_account(app, "old-head", "expert", is_head=True, by="ours")
    assert "old-head" in ours.get("/coordinator/experts").text.split("не видят ничего")[1]
    bound = {"login": "old-head", "subjects": "*"}
    assert submit(away, "/coordinator/experts/heads", **bound).status_code == 404
    assert submit(ours, "/coordinator/experts/heads", **bound).status_code == 302
    # who made him has no more to say once he leads elsewhere
    for place in ("Тверская область", None):
        services_of(app).storage.write(partial(
            bind_head, now_ms=MOMENT_MS, login="old-head", territory=place, subjects=["*"], by="coordinator"))
        assert submit(ours, "/coordinator/experts/password", login="old-head").status_code == 404


@pytest.mark.parametrize("login", ["", "анна", "a", "coordinator"])
def test_logins_that_cannot_be_are_refused(coordinator: Browser, login: str) -> None:
    assert submit(coordinator, "/coordinator/experts", login=login).status_code in (409, 422)


def test_a_coordinators_own_password_is_not_renewed_here(coordinator: Browser) -> None:
    assert submit(coordinator, "/coordinator/experts/password", login="coordinator").status_code == 404


@pytest.mark.parametrize("role", ["expert", "school_organizer"])
def test_others_may_not_appoint(coordinator: Browser, role: str) -> None:
    stranger = open_browser(coordinator.client.application, "stranger", role)
    assert stranger.client.get("/coordinator/experts").status_code == 403
