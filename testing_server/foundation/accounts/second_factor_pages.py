"""Pages of the second factor: tying a telephone at the first sign-in, the code at every later one."""
import segno
from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import ANYONE, SIGNED_IN
from testing_server.foundation.accounts.pages import enter, own_address, read_half
from testing_server.foundation.accounts.queries import Account, find_half_account
from testing_server.foundation.accounts.second_factor import (
    confirm_second_factor, count_recovery_codes, note_wrong_code, obtain_secret, pass_second_factor)
from testing_server.foundation.accounts.second_factor_rules import (
    SignInTooOld, WrongCode, describe_secret, spell_secret)
from testing_server.foundation.accounts.sign_ins import begin_sign_in
from testing_server.foundation.locking import obtain_locking_key
from testing_server.foundation.mounts import Mount, Rate
from testing_server.foundation.services import services

pages = Blueprint("second_factor", __name__)


def name_half() -> str:
    """The account whose password was shown, else the one that is signed in."""
    if current_user.is_authenticated:
        return str(current_user.login)
    return str(session.get("half", "")).partition(":")[0]


# whoever guesses here already has the password: the account is shut for them, wherever they ask from
TRIES = (Rate("5 per minute;30 per hour;100 per day", name_half, wrong_only=True),
         Rate("200 per minute", wrong_only=True))


@pages.get("/sign-in/code")
def show_code() -> str | BaseResponse:
    try:
        read_half(services().clock.now_ms())
    except SignInTooOld:
        return redirect(url_for("accounts.show_sign_in"))
    return render_template("accounts/code.html", next=own_address(request.args.get("next")), refusal=None)


@pages.post("/sign-in/code")
def take_code() -> BaseResponse | tuple[str, int]:
    offered, now_ms, form = services(), services().clock.now_ms(), request.form
    try:
        account = _find_half(now_ms)
    except SignInTooOld as refusal:
        return render_template("accounts/sign_in.html", next=own_address(form.get("next")), login="",
                               refusal=refusal), refusal.status
    key = obtain_locking_key(offered.settings)
    try:
        paper, sign_in = offered.storage.write(lambda db: _sign_in(db, now_ms, key, account, form.get("code", "")))
    except WrongCode as refusal:
        offered.storage.write(lambda db: note_wrong_code(db, now_ms, account))
        return render_template("accounts/code.html", next=own_address(form.get("next")), refusal=refusal), 401
    enter(account, sign_in)
    if paper:
        _tell_left(account)
    return redirect(own_address(form.get("next")) or url_for("home.show_home"))


@pages.get("/second-factor")
def show_second_factor() -> str | BaseResponse:
    if not current_user.needs_second_factor:
        return redirect(url_for("home.show_home"))
    return _render_set_up()


@pages.post("/second-factor")
def set_second_factor() -> str | BaseResponse | tuple[str, int]:
    """The recovery codes are shown this once."""
    offered, account, code = services(), current_user._get_current_object(), request.form.get("code", "")
    now_ms, key = offered.clock.now_ms(), obtain_locking_key(offered.settings)
    if not account.needs_second_factor:
        return redirect(url_for("home.show_home"))
    try:
        codes = offered.storage.write(lambda db: confirm_second_factor(db, now_ms, key, account, code))
    except WrongCode as refusal:
        return _render_set_up(refusal), refusal.status
    return render_template("accounts/recovery_codes.html", codes=codes)


def _find_half(now_ms: int) -> Account:
    with services().storage.read() as reading:
        account = find_half_account(reading, read_half(now_ms))
    if account is None:
        raise SignInTooOld()
    return account


def _sign_in(db: Session, now_ms: int, key: bytes, account: Account, code: str) -> tuple[bool, str]:
    """(whether the code was of the paper, the sign-in): taken together or not at all."""
    return pass_second_factor(db, now_ms, key, account, code), begin_sign_in(db, now_ms, account)


def _tell_left(account: Account) -> None:
    with services().storage.read() as reading:
        left = count_recovery_codes(reading, account.id)
    flash(_("Вход по запасному коду. Их осталось: %(left)s. Потерян телефон — попросите координатора выше "
            "сбросить привязку.", left=left))


def _render_set_up(refusal: WrongCode | None = None) -> str:
    offered, account = services(), current_user._get_current_object()
    key = obtain_locking_key(offered.settings)
    secret = offered.storage.write(lambda db: obtain_secret(db, key, account))
    place = offered.settings.title or request.host
    drawn = segno.make(describe_secret(secret, account.login, place), error="m").svg_inline(
        scale=5, border=2, light="#fff", dark="#000")
    return render_template("accounts/second_factor.html", square=Markup(drawn), secret=spell_secret(secret),
                           refusal=refusal)


MOUNT = Mount(
    blueprint=pages,
    access={"show_code": frozenset({ANYONE}), "take_code": frozenset({ANYONE}),
            "show_second_factor": frozenset({SIGNED_IN}), "set_second_factor": frozenset({SIGNED_IN})},
    limits={"take_code": TRIES, "set_second_factor": TRIES})
