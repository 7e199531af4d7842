"""Accounts: one-time passwords, sessions that end with the password, audit of every change."""
from collections.abc import Callable

import pytest
from flask import Flask

from testing_server.foundation.accounts.actions import (
    change_password, close_account, create_account, reset_password)
from testing_server.foundation.accounts.queries import check_password, find_account, list_accounts
from testing_server.foundation.accounts.records import AccountRecord
from testing_server.foundation.accounts.rules import BadLogin, LoginTaken, UnknownRole, WeakPassword, WrongPassword
from testing_server.foundation.audit import read_audit
from testing_server.foundation.storage import Storage
from tests.builders import PASSWORD, open_browser, save_account, services_of

OpenApp = Callable[..., Flask]


def create(storage: Storage, login: str = "vera", role: str = "expert", **details: object) -> str:
    return storage.write(lambda session: create_account(session, 5, login, role, **details))  # type: ignore[arg-type]


def test_one_time_password_must_change(storage: Storage) -> None:
    password = create(storage)
    with storage.read() as session:
        account = check_password(session, " Vera ", password)
    assert account is not None and account.must_change and len(password) == 14


@pytest.mark.usefixtures("product_locks")
def test_password_is_kept_as_argon2(storage: Storage) -> None:
    password = create(storage)
    with storage.read() as session:
        kept = session.query(AccountRecord).one().password
    # RFC 9106, second recommended option: 64 MiB, three passes, four lanes
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$") and password not in kept


@pytest.mark.parametrize("login", ["", "ab", "имя", "a b c", "-start", "x" * 81, "a/b"])
def test_bad_logins_are_refused(storage: Storage, login: str) -> None:
    with pytest.raises(BadLogin):
        create(storage, login)


def test_login_is_taken_in_any_case(storage: Storage) -> None:
    create(storage, "vera")
    with pytest.raises(LoginTaken):
        create(storage, "VERA")


def test_unknown_role_is_refused(storage: Storage) -> None:
    with pytest.raises(UnknownRole):
        create(storage, role="administrator")


@pytest.mark.parametrize("new", ["short", "x" * 201, PASSWORD])
def test_weak_new_password_is_refused(storage: Storage, new: str) -> None:
    create(storage, password=PASSWORD)
    with storage.read() as session:
        account = find_account(session, "vera")
    assert account is not None
    with pytest.raises(WeakPassword):
        storage.write(lambda session: change_password(session, 6, account.id, PASSWORD, new))


def test_reset_gives_a_new_password_and_audits(storage: Storage) -> None:
    create(storage, password=PASSWORD, school="77001")
    password = storage.write(lambda session: reset_password(session, 9, "vera", by="oleg"))
    with storage.read() as session:
        assert check_password(session, "vera", PASSWORD) is None
        assert check_password(session, "vera", password) is not None
        verbs = [(line.actor, line.verb) for line in read_audit(session, "school:77001")]
    assert verbs == [("system", "account_created"), ("oleg", "password_reset")]


def test_closed_account_cannot_sign_in(storage: Storage) -> None:
    create(storage, password=PASSWORD)
    storage.write(lambda session: close_account(session, 9, "vera", by="oleg"))
    with storage.read() as session:
        assert check_password(session, "vera", PASSWORD) is None and list_accounts(session) == []


def test_resetting_a_stranger_is_refused(storage: Storage) -> None:
    with pytest.raises(WrongPassword):
        storage.write(lambda session: reset_password(session, 9, "nobody", by="oleg"))


def test_accounts_are_listed_by_role_and_school(storage: Storage) -> None:
    for login, role, school in (("vera", "expert", None), ("oleg", "technician", "1"), ("anna", "technician", "2")):
        create(storage, login, role, school=school)
    with storage.read() as session:
        assert [one.login for one in list_accounts(session, role="technician")] == ["anna", "oleg"]
        assert [one.login for one in list_accounts(session, school="1")] == ["oleg"]


def test_wrong_password_says_so_and_keeps_the_login(open_app: OpenApp) -> None:
    app = open_app()
    save_account(app, "vera", "expert")
    answer = open_browser(app).post("/sign-in", {"login": "vera", "password": "wrong"})
    assert answer.status_code == 401
    assert "Логин или пароль не подходят." in answer.text and 'value="vera"' in answer.text


def test_sign_in_leads_where_the_person_wanted(open_app: OpenApp) -> None:
    app = open_app()
    save_account(app, "vera", "expert")
    form = {"login": "vera", "password": PASSWORD, "next": "/password"}
    assert open_browser(app).post("/sign-in", form).location == "/password"


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/x", "/\\evil.example", "evil"])
def test_sign_in_never_leads_outside(open_app: OpenApp, address: str) -> None:
    app = open_app()
    save_account(app, "vera", "expert")
    form = {"login": "vera", "password": PASSWORD, "next": address}
    assert open_browser(app).post("/sign-in", form).location == "/"


def test_guessing_is_slowed_down(open_app: OpenApp) -> None:
    app = open_app()
    browser = open_browser(app)
    token = browser.token("/sign-in")
    form = {"csrf_token": token, "login": "vera", "password": "x"}
    statuses = [browser.client.post("/sign-in", data=form).status_code for _try in range(11)]
    assert statuses == [401] * 10 + [429]


def test_a_neighbour_behind_the_same_address_is_not_shut_out(open_app: OpenApp) -> None:
    """Forty experts of a school sign in at once, and one of them has forgotten the password."""
    app = open_app()
    save_account(app, "oleg", "expert")
    browser = open_browser(app)
    token = browser.token("/sign-in")
    for _try in range(11):
        last = browser.client.post("/sign-in", data={"csrf_token": token, "login": "vera", "password": "x"})
    assert last.status_code == 429
    for _person in range(12):
        assert open_browser(app).sign_in("oleg").status_code == 302


def test_a_guesser_elsewhere_does_not_shut_the_owner_out(open_app: OpenApp) -> None:
    app = open_app()
    save_account(app, "vera", "expert")
    browser = open_browser(app)
    form = {"csrf_token": browser.token("/sign-in"), "login": "vera", "password": "x"}
    statuses = {browser.client.post("/sign-in", data=form, environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code
                for _try in range(11)}
    assert statuses == {401, 429} and browser.sign_in("vera").status_code == 302


def test_new_password_ends_other_sessions(open_app: OpenApp) -> None:
    app = open_app()
    here = open_browser(app, "vera", "expert")
    there = open_browser(app)
    there.sign_in("vera")
    form = {"old": PASSWORD, "new": "another long password"}
    assert here.post("/password", form, page="/password").status_code == 302
    assert here.get("/").status_code == 200
    assert there.get("/").location == "/sign-in?next=/"


def test_sign_out_ends_the_session(open_app: OpenApp) -> None:
    browser = open_browser(open_app(), "vera", "expert")
    assert browser.post("/sign-out", page="/").status_code == 302
    assert browser.get("/").status_code == 302


def test_sign_in_is_in_the_audit(open_app: OpenApp) -> None:
    app = open_app()
    open_browser(app, "vera", "expert")
    with services_of(app).storage.read() as session:
        account = find_account(session, "vera")
        assert account is not None
        assert [line.verb for line in read_audit(session, f"account:{account.id}")] == ["signed_in"]
