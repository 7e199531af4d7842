"""The gate every request passes: refused unless its endpoint is listed with the caller's role.

Takes the mounts' access lists. Gives an application that does not start while an endpoint is unlisted.
"""
import hmac
import logging
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Flask, g, request
from flask_login import current_user

from testing_server.foundation.access import ANYONE, INTERNAL, ROLES, SCHOOL, SIGNED_IN, WORDS, WORKSTATION
from testing_server.foundation.accounts.rules import MINUTE_MS, ConsoleLocked
from testing_server.foundation.accounts.second_factor_rules import SecondFactorNeeded
from testing_server.foundation.accounts.sign_ins import note_act
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import NotAllowed, NotFound, NotSignedIn, Refusal
from testing_server.foundation.services import services
from testing_server.foundation.tokens import BadToken, Token, read_token

log = logging.getLogger(__name__)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
TOKEN_KINDS = {WORKSTATION: "workstation", SCHOOL: "school"}
# a person with a one-time password sees nothing else before it is changed
BEFORE_PASSWORD_CHANGE = frozenset({"accounts.show_password", "accounts.set_password", "accounts.sign_out",
                                    "language.choose_language", "static"})
# a coordinator whose account no telephone is tied to yet
BEFORE_SECOND_FACTOR = BEFORE_PASSWORD_CHANGE | {"second_factor.show_second_factor", "second_factor.set_second_factor"}
# what a locked console may still do besides looking on
WHILE_LOCKED = frozenset({"accounts.show_lock", "accounts.lock", "accounts.unlock", "accounts.sign_out"})


class UnlistedEndpoint(Exception):
    """An endpoint without an access line, or a line without an endpoint: the application must not start."""


def collect_access(mounts: Iterable[Mount]) -> dict[str, frozenset[str]]:
    """Full endpoint name → who may use it. Raises UnlistedEndpoint for what is neither role nor word."""
    access = {f"{mount.blueprint.name}.{endpoint}": allowed
              for mount in mounts for endpoint, allowed in mount.access.items()}
    for endpoint, allowed in access.items():
        unknown = allowed - ROLES - WORDS
        if unknown or not allowed:
            raise UnlistedEndpoint(f"{endpoint}: nobody or unknown roles {sorted(unknown)}")
    return access


def collect_seen_locked(mounts: Iterable[Mount]) -> frozenset[str]:
    """Full names of the endpoints that a locked console still shows."""
    return WHILE_LOCKED | {f"{mount.blueprint.name}.{endpoint}" for mount in mounts for endpoint in mount.seen_locked}


def close_by_default(app: Flask, access: dict[str, frozenset[str]],
                     seen_locked: frozenset[str] = WHILE_LOCKED) -> None:
    """Checks the lists against the application and puts the gate before every request."""
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    if unlisted := endpoints - access.keys():
        raise UnlistedEndpoint(f"no access line for: {', '.join(sorted(unlisted))}")
    if unknown := access.keys() - endpoints:
        raise UnlistedEndpoint(f"access lines without an endpoint: {', '.join(sorted(unknown))}")

    @app.before_request
    def pass_gate() -> None:
        check_access(access)
        is_open = ANYONE in access.get(request.endpoint or "", ())
        if not is_open and g.token is None and current_user.is_authenticated:
            keep_awake(seen_locked)


def check_access(access: dict[str, frozenset[str]]) -> None:
    """Raises NotFound, NotSignedIn or NotAllowed; afterwards `g.token` is the program's token, if any."""
    g.token = None
    if request.endpoint is None:
        raise NotFound()
    allowed = access.get(request.endpoint, frozenset())
    if ANYONE in allowed or _is_program(allowed):
        return
    if INTERNAL in allowed and _is_internal():
        return
    _check_person(allowed)


def keep_awake(seen_locked: frozenset[str]) -> None:
    """Notes that the person acts; raises ConsoleLocked while only looking on is left."""
    if current_user.is_locked and request.endpoint not in seen_locked:
        raise ConsoleLocked()
    if current_user.is_locked or not is_act():
        return
    offered, account = services(), current_user._get_current_object()
    now_ms = offered.clock.now_ms()
    if abs(now_ms - account.acted_at_ms) >= MINUTE_MS:
        try:
            offered.storage.write(lambda session: note_act(session, now_ms, account))
        except Refusal:
            # a full disk must not hide the page that says so
            log.warning("an act of a person could not be noted")


def is_act() -> bool:
    """Whether a person did this and not a page that fetches itself again; programs, which say nothing, count as one."""
    fetches = request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"
    return request.method not in SAFE_METHODS or not fetches


def current_workstation() -> Token:
    """The token of the workstation that asks. Raises NotSignedIn."""
    return _current_token(TOKEN_KINDS[WORKSTATION])


def current_school() -> Token:
    """The token of the school's classroom server that asks. Raises NotSignedIn."""
    return _current_token(TOKEN_KINDS[SCHOOL])


def _current_token(kind: str) -> Token:
    token: Token | None = g.get("token")
    if token is None or token.kind != kind:
        raise NotSignedIn()
    return token


def _is_program(allowed: frozenset[str]) -> bool:
    text = _bearer()
    if not text:
        return False
    offered = services()
    for word in allowed & TOKEN_KINDS.keys():
        try:
            g.token = read_token(offered.mac_key, text, TOKEN_KINDS[word], offered.clock.now_ms())
        except BadToken:
            continue
        return True
    return False


def _bearer() -> str:
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    return text.strip() if kind == "Bearer" else ""


def _is_internal() -> bool:
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    return (kind == "Internal" and is_loopback(request.environ.get("REMOTE_ADDR", ""))
            and hmac.compare_digest(text.strip().encode(), services().internal_secret.encode()))


def _check_person(allowed: frozenset[str]) -> None:
    if not current_user.is_authenticated:
        raise NotSignedIn()
    if SIGNED_IN not in allowed and not current_user.words & allowed:
        raise NotAllowed()
    if current_user.must_change and request.endpoint not in BEFORE_PASSWORD_CHANGE:
        raise PasswordMustChange()
    if current_user.needs_second_factor and request.endpoint not in BEFORE_SECOND_FACTOR:
        raise SecondFactorNeeded()
    if request.path.startswith("/v1/") and request.method not in SAFE_METHODS and not is_same_origin():
        raise NotAllowed()


class PasswordMustChange(NotAllowed):
    """The one-time password was not replaced yet."""

    code = "password_must_change"


def is_same_origin() -> bool:
    """False when a browser says that another site's page sent this request.

    Under /v1 there are no form tokens; browsers always send Origin with an unsafe request, programs need not.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


def is_loopback(address: str) -> bool:
    """Whether an address is this machine itself."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
