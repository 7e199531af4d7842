"""What every answer carries, what every failure says, and in which language."""
import re
from collections.abc import Callable

import pytest
from flask import Blueprint, Flask, request
from flask_babel import lazy_gettext as _

from testing_server.foundation.storage import Busy
from testing_server.foundation.web import ANYONE, MenuEntry, Mount, Refusal
from tests.builders import open_browser, services_of

OpenApp = Callable[..., Flask]


class GateClosed(Refusal):
    code = "not_yet"
    status = 403
    message = _("Шифр ещё закрыт.")
    remedy = _("Откройте страницу в 7:30.")


def make_mount() -> Mount:
    pages = Blueprint("trial", __name__)

    @pages.get("/closed")
    def show_closed() -> str:
        raise GateClosed(details={"opens_at_ms": 5})

    @pages.get("/v1/closed")
    def read_closed() -> str:
        raise GateClosed(details={"opens_at_ms": 5}, retry_after_s=30)

    @pages.get("/v1/busy")
    def read_busy() -> str:
        raise Busy()

    @pages.get("/broken")
    def show_broken() -> str:
        raise RuntimeError("secret inside")

    @pages.post("/v1/size")
    def send_size() -> dict[str, int]:
        return {"bytes": len(request.get_data())}

    access = {name: frozenset({ANYONE}) for name in
              ("show_closed", "read_closed", "read_busy", "show_broken", "send_size")}
    return Mount(pages, access, limits={"read_busy": "3 per minute"}, body_limits={"send_size": 2_000_000})


def test_refusal_is_json_under_v1(open_app: OpenApp) -> None:
    answer = open_app([make_mount()]).test_client().get("/v1/closed")
    assert answer.status_code == 403 and answer.headers["Retry-After"] == "30"
    assert answer.json == {"code": "not_yet", "message": "Шифр ещё закрыт.", "retry_after_s": 30,
                           "details": {"opens_at_ms": 5}}


def test_refusal_is_a_page_elsewhere(open_app: OpenApp) -> None:
    page = open_app([make_mount()]).test_client().get("/closed").text
    for sentence in ("Шифр ещё закрыт.", "Ничего не изменено.", "Откройте страницу в 7:30.", "На главную"):
        assert sentence in page


def test_unforeseen_failure_shows_no_insides(open_app: OpenApp) -> None:
    answer = open_app([make_mount()]).test_client().get("/broken")
    assert answer.status_code == 500
    assert "secret inside" not in answer.text and "Сохранённые ответы и записи целы." in answer.text


def test_rate_is_limited_by_address(open_app: OpenApp) -> None:
    client = open_app([make_mount()]).test_client()
    assert [client.get("/v1/busy").status_code for _time in range(4)] == [503, 503, 503, 429]
    other = client.get("/v1/busy", environ_base={"REMOTE_ADDR": "10.0.0.9"})
    assert other.status_code == 503


def test_body_is_limited_but_where_said_otherwise(open_app: OpenApp) -> None:
    client = open_app([make_mount()], body_limit_bytes=1000).test_client()
    assert client.post("/v1/size", data=b"x" * 1_500_000).json == {"bytes": 1_500_000}
    assert client.post("/v1/size", data=b"x" * 2_500_000).status_code == 413
    assert client.post("/sign-in", data={"login": "x" * 2000}).status_code == 413


@pytest.mark.parametrize("address", ["/sign-in", "/v1/health", "/closed", "/nothing", "/static/style.css"])
def test_every_answer_is_closed_to_strangers(open_app: OpenApp, address: str) -> None:
    headers = open_app([make_mount()]).test_client().get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_session_cookie_is_strict(open_app: OpenApp) -> None:
    app = open_app()
    plain = app.test_client().get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in plain and "SameSite=Strict" in plain and "Secure" not in plain
    assert "Secure" in app.test_client().get("/sign-in", base_url="https://localhost").headers["Set-Cookie"]


def test_session_secret_is_made_once(open_app: OpenApp) -> None:
    app = open_app()
    key = services_of(app).settings.keys_folder / "session.key"
    assert key.stat().st_mode & 0o777 == 0o600 and app.config["SECRET_KEY"] == key.read_bytes().hex()
    assert open_app().config["SECRET_KEY"] != app.config["SECRET_KEY"]


def test_form_without_token_is_refused(open_app: OpenApp) -> None:
    answer = open_app().test_client().post("/sign-in", data={"login": "vera", "password": "x"})
    assert answer.status_code == 400 and "защитная метка" in answer.text


def test_language_is_switched_and_kept(open_app: OpenApp) -> None:
    browser = open_browser(open_app([make_mount()]))
    assert "Логин" in browser.get("/sign-in").text
    assert browser.post("/language", {"language": "en", "back": "/sign-in"}).location == "/sign-in"
    assert re.search(r'<html lang="en">', browser.get("/sign-in").text)
    assert "Password" in browser.get("/sign-in").text
    assert "Вход не выполнен" not in browser.client.post("/v1/nothing").text


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_language_switch_leads_nowhere_else(open_app: OpenApp, back: str) -> None:
    browser = open_browser(open_app())
    assert browser.post("/language", {"language": "en", "back": back}).location == "/"


def test_menu_shows_what_the_role_may_open(open_app: OpenApp) -> None:
    pages = Blueprint("bench", __name__)
    pages.add_url_rule("/desk", "show_desk", lambda: "desk")
    pages.add_url_rule("/board", "show_board", lambda: "board")
    mount = Mount(pages, {"show_desk": frozenset({"expert"}), "show_board": frozenset({"coordinator"})},
                  menu=(MenuEntry("show_desk", "Стол эксперта"), MenuEntry("show_board", "Доска")))
    home = open_browser(open_app([mount]), "vera", "expert").get("/").text
    assert "Стол эксперта" in home and "Доска" not in home


def test_health_says_role_and_time(open_app: OpenApp) -> None:
    app = open_app(role="classroom")
    now_ms = services_of(app).clock.now_ms()
    assert app.test_client().get("/v1/health").json == {"status": "ok", "role": "classroom", "at_ms": now_ms}


def test_home_needs_a_person(open_app: OpenApp) -> None:
    assert open_app().test_client().get("/").status_code == 302
