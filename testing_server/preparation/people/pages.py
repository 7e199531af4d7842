"""The page of coordinators below: create one, give a new password, untie a lost telephone, close."""
from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import TERRITORY_SEPARATOR, AccountRole, Level, judge_level, name_coordinator
from testing_server.foundation.accounts.actions import close_account
from testing_server.foundation.accounts.queries import Account, find_account, find_any_account, list_accounts
from testing_server.foundation.accounts.rules import LoginTaken, read_login
from testing_server.foundation.accounts.second_factor import reset_second_factor
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.refusals import NotFound, Refusal
from testing_server.foundation.services import services
from testing_server.preparation.people.issuing import issue_now_or_later
from testing_server.preparation.people.replacing import renew_password
from testing_server.preparation.people.rules import LEVEL_NAMES, Entry, NotBelow, check_below, propose_login
from testing_server.preparation.registry.queries import list_municipalities
from testing_server.preparation.registry.rules import is_above

pages = Blueprint("people", __name__)
COORDINATOR = frozenset({AccountRole.COORDINATOR.value})
APPOINTING = frozenset({name_coordinator(Level.FEDERAL), name_coordinator(Level.REGIONAL)})


@pages.get("/coordinator/people")
def show_people() -> str:
    return _render_people(None, {})


@pages.post("/coordinator/people")
def appoint() -> BaseResponse | tuple[str, int]:
    """A coordinator of a level below; the one-time password is in a file of one line."""
    offered, form, mine, by = services(), request.form, current_user.territory, current_user.login
    try:
        territory = _read_territory(mine, form.get("region", ""), form.get("municipality", ""))
        entry = _make_entry(territory, form.get("login", ""))
        batch = issue_now_or_later(offered, judge_level(territory).value, territory, [entry], by)
    except Refusal as refusal:
        return _render_people(refusal, form), refusal.status
    return redirect(url_for("credentials.show_batch", batch=batch))


@pages.post("/coordinator/people/<login>/password")
def replace(login: str) -> str:
    """A new one-time password, shown this once; all sessions of the account end."""
    account, offered, by = _find_below(login), services(), current_user.login
    now_ms = offered.clock.now_ms()
    password = offered.storage.write(lambda db: renew_password(db, now_ms, account, by))
    return render_template("accounts/one_time_password.html", login=account.login, password=password,
                           back=url_for("people.show_people"), back_to=gettext("Люди"))


@pages.post("/coordinator/people/<login>/telephone")
def untie(login: str) -> BaseResponse:
    account, offered, by = _find_below(login), services(), current_user.login
    now_ms = offered.clock.now_ms()
    offered.storage.write(lambda db: reset_second_factor(db, now_ms, account, by))
    flash(gettext("Привязка телефона %(login)s сброшена: при следующем входе привяжут другой.", login=account.login))
    return redirect(url_for("people.show_people"))


@pages.post("/coordinator/people/<login>/close")
def close(login: str) -> BaseResponse:
    account, offered, by = _find_below(login), services(), current_user.login
    now_ms = offered.clock.now_ms()
    offered.storage.write(lambda db: close_account(db, now_ms, account.login, by))
    flash(gettext("Запись %(login)s закрыта.", login=account.login))
    return redirect(url_for("people.show_people"))


def _read_territory(mine: str | None, region: str, municipality: str) -> str:
    """What is asked for, below the own territory. Raises NotBelow."""
    own_region = (mine or "").partition(TERRITORY_SEPARATOR)[0]
    region, municipality = own_region or region.strip(), municipality.strip()
    if not region or TERRITORY_SEPARATOR in region:
        raise NotBelow()
    territory = f"{region}{TERRITORY_SEPARATOR}{municipality}" if municipality else region
    check_below(mine, territory)
    return territory


def _make_entry(territory: str, login: str) -> Entry:
    known = login.strip() or propose_login(territory)
    with services().storage.read() as session:
        found = find_any_account(session, read_login(known))
    if found is not None and (found.territory != territory or found.role not in COORDINATOR):
        raise LoginTaken()
    return Entry(known, judge_level(territory), territory, territory.rpartition(TERRITORY_SEPARATOR)[2],
                 reopens=True)


def _find_below(login: str) -> Account:
    """Raises NotFound, also for those who are elsewhere or not below."""
    with services().storage.read() as session:
        found = find_account(session, login)
    if found is None or found.role not in COORDINATOR or not is_above(current_user.territory, found.territory):
        raise NotFound()
    return found


def _render_people(refusal: Refusal | None, form: object) -> str:
    mine = current_user.territory
    with services().storage.read() as session:
        below = [one for one in list_accounts(session, AccountRole.COORDINATOR.value)
                 if is_above(mine, one.territory)]
        places = list_municipalities(session, mine)
    return render_template("preparation/people.html", people=below, levels=LEVEL_NAMES, refusal=refusal, form=form,
                           regions=sorted({region for region, _place in places}),
                           municipalities=sorted({place for _region, place in places}),
                           may_appoint=bool(current_user.words & APPOINTING))


MOUNT = Mount(
    blueprint=pages, menu=(MenuEntry("show_people", _("Люди")),),
    access={"show_people": COORDINATOR, "appoint": APPOINTING, "replace": APPOINTING, "untie": APPOINTING,
            "close": APPOINTING},
    limits={"appoint": "60 per minute"})
