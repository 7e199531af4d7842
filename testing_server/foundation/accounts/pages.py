"""Pages of signing in. Takes forms; gives a session, or the sentence why not."""
from urllib.parse import urlsplit

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import ANYONE, SIGNED_IN
from testing_server.foundation.accounts.actions import change_password
from testing_server.foundation.accounts.queries import check_password
from testing_server.foundation.accounts.rules import WeakPassword, WrongPassword
from testing_server.foundation.audit import append_audit
from testing_server.foundation.mounts import Mount
from testing_server.foundation.services import services

pages = Blueprint("accounts", __name__)
TRIES = "10 per minute"


@pages.get("/sign-in")
def show_sign_in() -> str | BaseResponse:
    if current_user.is_authenticated:
        return redirect(url_for("home.show_home"))
    back = _own_address(request.args.get("next"))
    return render_template("accounts/sign_in.html", next=back, refusal=None)


@pages.post("/sign-in")
def sign_in() -> Response | BaseResponse | tuple[str, int]:
    offered, form = services(), request.form
    with offered.storage.read() as reading:
        account = check_password(reading, form.get("login", ""), form.get("password", ""))
    if account is None:
        return render_template("accounts/sign_in.html", next=_own_address(form.get("next")),
                               login=form.get("login", ""), refusal=WrongPassword()), 401
    now_ms, name, chain = offered.clock.now_ms(), account.login, f"account:{account.id}"
    offered.storage.write(lambda db: append_audit(db, now_ms, chain, name, "signed_in", name))
    language = session.get("language")
    # a session opened before the sign-in must not live on behind it
    session.clear()
    if language:
        session["language"] = language
    # ends after the working day, not with the browser window
    session.permanent = True
    login_user(account)
    return redirect(_own_address(form.get("next")) or url_for("home.show_home"))


@pages.post("/sign-out")
def sign_out() -> BaseResponse:
    logout_user()
    session.clear()
    return redirect(url_for("accounts.show_sign_in"))


@pages.get("/password")
def show_password() -> str:
    return render_template("accounts/password.html", refusal=None)


@pages.post("/password")
def set_password() -> BaseResponse | tuple[str, int]:
    offered, form = services(), request.form
    now_ms, account_id = offered.clock.now_ms(), current_user.id
    old, new = form.get("old", ""), form.get("new", "")
    try:
        account = offered.storage.write(lambda db: change_password(db, now_ms, account_id, old, new))
    except (WeakPassword, WrongPassword) as refusal:
        return render_template("accounts/password.html", refusal=refusal), refusal.status
    login_user(account)
    flash(_("Пароль изменён. Прежние входы с этой записью закрыты."))
    return redirect(url_for("home.show_home"))


def _own_address(address: str | None) -> str:
    """Only a path of this server: an address from outside would lead a person away after the sign-in."""
    parts = urlsplit(address or "")
    own = parts.path.startswith("/") and not parts.scheme and not parts.netloc and "\\" not in parts.path
    return (address or "") if own and not (address or "").startswith("//") else ""


MOUNT = Mount(
    blueprint=pages,
    access={"show_sign_in": frozenset({ANYONE}), "sign_in": frozenset({ANYONE}),
            "sign_out": frozenset({SIGNED_IN}), "show_password": frozenset({SIGNED_IN}),
            "set_password": frozenset({SIGNED_IN})},
    limits={"sign_in": TRIES, "set_password": TRIES})
