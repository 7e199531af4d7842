"""Pages of signing in and of the locked console. Takes forms; gives a session, or the sentence why not."""
from urllib.parse import urlsplit

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address
from flask_login import current_user, login_user, logout_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import ANYONE, SIGNED_IN
from testing_server.foundation.accounts.actions import change_password
from testing_server.foundation.accounts.queries import Account, check_password
from testing_server.foundation.accounts.rules import WeakPassword, WrongPassword
from testing_server.foundation.accounts.second_factor_rules import SignInTooOld
from testing_server.foundation.accounts.sign_ins import begin_sign_in, end_sign_in, lock_console, unlock_console
from testing_server.foundation.mounts import Mount, Rate
from testing_server.foundation.services import services

pages = Blueprint("accounts", __name__)
HALF_SIGN_IN_MS = 5 * 60_000


def name_account_and_address() -> str:
    """One account at one place: whoever guesses from elsewhere does not shut its owner out."""
    return f"{name_account()} {get_remote_address()}"


def name_account() -> str:
    """The account that is signed in, else the one that is asked for."""
    return current_user.login if current_user.is_authenticated else request.form.get("login", "").strip().lower()[:80]


# many people of a school come from one address, so wrong answers alone count there, and many of them
TRIES = (Rate("10 per minute", name_account_and_address, wrong_only=True),
         Rate("100 per minute", name_account, wrong_only=True), Rate("200 per minute", wrong_only=True))


@pages.get("/sign-in")
def show_sign_in() -> str | BaseResponse:
    if current_user.is_authenticated:
        return redirect(url_for("home.show_home"))
    back = own_address(request.args.get("next"))
    return render_template("accounts/sign_in.html", next=back, refusal=None)


@pages.post("/sign-in")
def sign_in() -> Response | BaseResponse | tuple[str, int]:
    offered, form = services(), request.form
    with offered.storage.read() as reading:
        account = check_password(reading, form.get("login", ""), form.get("password", ""))
    if account is None:
        return render_template("accounts/sign_in.html", next=own_address(form.get("next")),
                               login=form.get("login", ""), refusal=WrongPassword()), 401
    now_ms, known = offered.clock.now_ms(), account
    if known.has_second_factor:
        wait_for_code(known, now_ms)
        return redirect(url_for("second_factor.show_code", next=own_address(form.get("next")) or None))
    enter(known, offered.storage.write(lambda db: begin_sign_in(db, now_ms, known)))
    return redirect(own_address(form.get("next")) or url_for("home.show_home"))


def wait_for_code(account: Account, now_ms: int) -> None:
    """This browser has shown the password and nobody is signed in by it yet."""
    language = session.get("language")
    session.clear()
    session.update({"half": account.get_id(), "half_at_ms": now_ms} | ({"language": language} if language else {}))


def read_half(now_ms: int) -> str:
    """Whose password this browser has just shown. Raises SignInTooOld."""
    half, at_ms = session.get("half", ""), session.get("half_at_ms", 0)
    if not half or not 0 <= now_ms - at_ms <= HALF_SIGN_IN_MS:
        raise SignInTooOld()
    return str(half)


def enter(account: Account, sign_in: str) -> None:
    """This browser is that person from now on; a session opened before must not live on behind it."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
    # ends after the working day, not with the browser window
    session.permanent = True
    session["sign_in"] = sign_in
    login_user(account)


@pages.post("/sign-out")
def sign_out() -> BaseResponse:
    now_ms, account = services().clock.now_ms(), current_user._get_current_object()
    services().storage.write(lambda db: end_sign_in(db, now_ms, account))
    services().live.people.close(account.sign_in)
    logout_user()
    session.clear()
    return redirect(url_for("accounts.show_sign_in"))


@pages.get("/lock")
def show_lock() -> str | BaseResponse:
    if not current_user.is_locked:
        return redirect(url_for("home.show_home"))
    return render_template("accounts/lock.html", next=own_address(request.args.get("next")), refusal=None)


@pages.post("/lock")
def lock() -> BaseResponse:
    now_ms, account = services().clock.now_ms(), current_user._get_current_object()
    services().storage.write(lambda db: lock_console(db, now_ms, account))
    # back to what may be looked at; what may not leads to the lock
    return redirect(own_address(request.form.get("back")) or url_for("accounts.show_lock"))


@pages.post("/lock/open")
def unlock() -> BaseResponse | tuple[str, int]:
    offered, account, form = services(), current_user._get_current_object(), request.form
    with offered.storage.read() as reading:
        fits = check_password(reading, account.login, form.get("password", "")) is not None
    if not fits:
        return render_template("accounts/lock.html", next=own_address(form.get("next")),
                               refusal=WrongPassword()), WrongPassword.status
    now_ms = offered.clock.now_ms()
    offered.storage.write(lambda db: unlock_console(db, now_ms, account))
    return redirect(own_address(form.get("next")) or url_for("home.show_home"))


@pages.post("/acted")
def note_presence() -> BaseResponse:
    """A page tells that somebody moves at it: one that fetches itself again does not show that. The gate noted it."""
    return BaseResponse(status=204)


@pages.get("/password")
def show_password() -> str:
    return render_template("accounts/password.html", refusal=None)


@pages.post("/password")
def set_password() -> BaseResponse | tuple[str, int]:
    offered, form = services(), request.form
    now_ms, account_id = offered.clock.now_ms(), current_user.id
    old, new = form.get("old", ""), form.get("new", "")
    try:
        account, sign_in = offered.storage.write(lambda db: _change(db, now_ms, account_id, old, new))
    except (WeakPassword, WrongPassword) as refusal:
        return render_template("accounts/password.html", refusal=refusal), refusal.status
    enter(account, sign_in)
    flash(_("Пароль изменён. Прежние входы с этой записью закрыты."))
    return redirect(url_for("home.show_home"))


def _change(db: Session, now_ms: int, account_id: str, old: str, new: str) -> tuple[Account, str]:
    """The new password ends every session; the person who gave it goes on in a fresh one."""
    account = change_password(db, now_ms, account_id, old, new)
    return account, begin_sign_in(db, now_ms, account)


def own_address(address: str | None) -> str:
    """Only a path of this server: an address from outside would lead a person away after the sign-in."""
    parts = urlsplit(address or "")
    own = parts.path.startswith("/") and not parts.scheme and not parts.netloc and "\\" not in parts.path
    return (address or "") if own and not (address or "").startswith("//") else ""


MOUNT = Mount(
    blueprint=pages,
    access={"show_sign_in": frozenset({ANYONE}), "sign_in": frozenset({ANYONE}),
            "sign_out": frozenset({SIGNED_IN}), "show_password": frozenset({SIGNED_IN}),
            "set_password": frozenset({SIGNED_IN}), "show_lock": frozenset({SIGNED_IN}), "lock": frozenset({SIGNED_IN}),
            "unlock": frozenset({SIGNED_IN}), "note_presence": frozenset({SIGNED_IN})},
    limits={"sign_in": TRIES, "set_password": TRIES, "unlock": TRIES})
