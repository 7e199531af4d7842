"""The application factory.

Takes settings, a clock, a builder of services and the mounts. Gives a Flask application that is closed by
default, speaks two languages and answers every failure in words.
"""
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from flask import Flask, request, session as cookie
from flask.sessions import SecureCookieSessionInterface
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.middleware.proxy_fix import ProxyFix

from testing_server.foundation.access import ANYONE, SIGNED_IN
from testing_server.foundation.accounts import pages as account_pages
from testing_server.foundation.accounts import second_factor_pages
from testing_server.foundation.accounts.queries import Account, find_session_account
from testing_server.foundation.accounts.rules import MINUTE_MS, IdleRule
from testing_server.foundation.clock import Clock
from testing_server.foundation.keys import obtain_key
from testing_server.foundation.mounts import MenuEntry, Mount, Rate
from testing_server.foundation.services import Services, attach_services, build_services
from testing_server.foundation.settings import Settings
from testing_server.foundation.web import home, languages
from testing_server.foundation.web.errors import answer_errors
from testing_server.foundation.web.gate import close_by_default, collect_access, collect_seen_locked
from testing_server.foundation.web.headers import add_headers
from testing_server.foundation.web.menus import count_in_line
from testing_server.foundation.web.sending import send_by_proxy

ServicesBuilder = Callable[[Settings, Clock], Services]
SESSION_HOURS = 12


def create_app(settings: Settings, clock: Clock, services_builder: ServicesBuilder = build_services,
               mounts: Iterable[Mount] = ()) -> Flask:
    """The application of one role. Raises UnlistedEndpoint when an endpoint has no access line."""
    offered = services_builder(settings, clock)
    every = [home.MOUNT, languages.MOUNT, account_pages.MOUNT, second_factor_pages.MOUNT, *mounts]
    app = Flask("testing_server", root_path=str(languages.STAGES / "foundation" / "web"))
    configure(app, settings)
    attach_services(app, offered)
    find_templates(app)
    languages.speak_languages(app)
    keep_people(app)
    access = collect_access(every) | {"static": frozenset({ANYONE})}
    limit_rates(app, settings, every)
    for mount in every:
        app.register_blueprint(mount.blueprint)
    apply_limits(app, every)
    join_live(offered, app, every)
    close_by_default(app, access, collect_seen_locked(every))
    check_forms(app)
    add_headers(app)
    send_by_proxy(app, settings)
    answer_errors(app)
    offer_menu(app, every, access)
    open_express_lanes(offered, app, every)
    return app


def configure(app: Flask, settings: Settings) -> None:
    """The secret is made at the first start and never has a default."""
    app.session_interface = SessionCookie()
    app.config.update(
        SECRET_KEY=obtain_key(settings.keys_folder, "session.key").hex(),
        MAX_CONTENT_LENGTH=settings.body_limit_bytes,
        SESSION_COOKIE_NAME=f"{settings.role}_session",
        SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Strict",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=SESSION_HOURS),
        # a part of a page that fetches itself would bring back what the page has just shown and let go
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False,
        TEMPLATES_AUTO_RELOAD=False)
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        behind = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)
        app.wsgi_app = behind  # type: ignore[method-assign]


def find_templates(app: Flask) -> None:
    """Foundation's own templates first, then `<stage>/templates/<stage>/…`."""
    own = FileSystemLoader(str(languages.STAGES / "foundation" / "web" / "templates"))
    app.jinja_loader = ChoiceLoader([own, FileSystemLoader(languages.find_stage_folders("templates"))])
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def keep_people(app: Flask) -> None:
    """flask-login reads the account of every request afresh: a closed account or session is out at once."""
    manager, settings = LoginManager(app), attached(app).settings
    rule = IdleRule(settings.idle_minutes, locks=settings.role == "classroom")

    def find(carried: str, sign_in: str) -> Account | None:
        with attached(app).storage.read() as session:
            return find_session_account(session, carried, sign_in, attached(app).clock.now_ms(), rule)

    @manager.user_loader
    def load(carried: str) -> Account | None:
        return find(carried, cookie.get("sign_in", ""))

    attached(app).live.people.is_over = lambda opener: find(opener.account, opener.sign_in) is None


def limit_rates(app: Flask, settings: Settings, mounts: list[Mount]) -> None:
    """Counters live in Redis where there is one, so that several processes count together."""
    limiter = Limiter(get_remote_address, app=app, storage_uri=settings.redis_url or "memory://")
    app.extensions["rates"] = limiter


def apply_limits(app: Flask, mounts: list[Mount]) -> None:
    """Wraps the endpoints that have a rate."""
    limiter: Limiter = app.extensions["rates"]
    for mount in mounts:
        for endpoint, told in mount.limits.items():
            name = f"{mount.blueprint.name}.{endpoint}"
            for rate in (Rate(told),) if isinstance(told, str) else told:
                app.view_functions[name] = limit_view(limiter, rate, app.view_functions[name])

    larger = {f"{mount.blueprint.name}.{endpoint}": size
              for mount in mounts for endpoint, size in mount.body_limits.items()}

    @app.before_request
    def allow_larger_body() -> None:
        if request.endpoint in larger:
            request.max_content_length = larger[request.endpoint]


def limit_view(limiter: Limiter, rate: Rate, view: Any) -> Any:
    """The view with one more rate; a wrong answer counts after it was given."""
    counts = (lambda response: response.status_code >= 400) if rate.wrong_only else None
    return limiter.limit(rate.text, key_func=rate.by or get_remote_address, deduct_when=counts)(view)


def join_live(offered: Services, app: Flask, mounts: list[Mount]) -> None:
    """Socket.IO with the stages' watch rules."""
    offered.live.attach(app)
    for mount in mounts:
        if mount.live is not None:
            mount.live(offered.live)


def open_express_lanes(offered: Services, app: Flask, mounts: list[Mount]) -> None:
    """The core's worker asks these before it asks the application."""
    lanes = [mount.express(offered) for mount in mounts if mount.express is not None]
    app.extensions["express"] = [lane for lane in lanes if lane is not None]


def check_forms(app: Flask) -> None:
    """Form tokens on every page; under /v1 the gate asks for tokens or the same origin instead."""
    csrf = CSRFProtect(app)

    @app.before_request
    def check_form() -> None:
        if not request.path.startswith("/v1/"):
            csrf.protect()


class SessionCookie(SecureCookieSessionInterface):
    """One process serves TLS on the network and plain HTTP on loopback: the cookie is Secure where TLS is."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def offer_menu(app: Flask, mounts: list[Mount], access: dict[str, frozenset[str]]) -> None:
    """Each person's menu holds what their role may open."""
    entries = [(f"{mount.blueprint.name}.{entry.endpoint}", entry)
               for mount in mounts for entry in mount.menu]

    def menu() -> list[MenuEntry]:
        if not current_user.is_authenticated:
            return []
        mine = {ANYONE, SIGNED_IN} | current_user.words
        return [MenuEntry(endpoint, entry.title) for endpoint, entry in entries
                if access[endpoint] & mine and (current_user.is_head or not entry.heads_only)]

    @app.context_processor
    def shared() -> dict[str, Any]:
        settings = attached(app).settings
        return {"menu": menu, "count_in_line": count_in_line,
                "title_of_place": settings.title, "may_lock": settings.role == "classroom",
                "idle_ms": settings.idle_minutes * MINUTE_MS}


def attached(app: Flask) -> Services:
    """The services of an application, outside a request as well."""
    found: Services = app.extensions["testing_server"]
    return found
