"""The audit log for coordinators: what coordinators of the own territory and below did, newest first."""
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request
from flask_babel import lazy_gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from testing_server.exam_day.monitor.audit_words import VERBS, name_verb
from testing_server.exam_day.monitor.live import COORDINATOR
from testing_server.foundation.access import AccountRole
from testing_server.foundation.accounts.territories import list_territory_logins
from testing_server.foundation.audit import AuditLine
from testing_server.foundation.audit.queries import ActFilter, read_acts
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.services import services
from testing_server.preparation.campaigns.rules import MOSCOW
from testing_server.preparation.registry.queries import list_school_names

pages = Blueprint("audit_log", __name__)
PAGE = 100


@dataclass(frozen=True)
class Act:
    """One line for people. `school`: its name where the act was about one; `territory`: of who acted."""

    line: AuditLine
    verb: object
    school: str
    territory: str


@pages.get("/coordinator/audit")
def show_log() -> str:
    asked = {name: request.args.get(name, "")[:401] for name in ("who", "verb", "territory", "from", "to", "before")}
    with services().storage.read() as session:
        logins = list_territory_logins(session, AccountRole.COORDINATOR.value, current_user.territory)
        chosen = {login: territory for login, territory in logins.items()
                  if asked["who"].strip().lower() in login and _is_below(territory, asked["territory"])}
        wanted = ActFilter(asked["verb"], _read_day(asked["from"], 0), _read_day(asked["to"], 1),
                           _read_place(asked["before"]))
        lines = read_acts(session, chosen, wanted, PAGE + 1)
        acts = describe_acts(session, lines[:PAGE], chosen)
    return render_template(
        "exam_day/audit.html", acts=acts, asked=asked, verbs=VERBS, more=write_place(lines[PAGE - 1]) if len(
            lines) > PAGE else "", territories=sorted({one for one in logins.values() if one}))


def describe_acts(session: Session, lines: list[AuditLine], logins: dict[str, str]) -> list[Act]:
    """Lines with names instead of numbers."""
    names = list_school_names(session, {line.chain[7:] for line in lines if line.chain.startswith("school:")})
    return [Act(line, name_verb(line.verb), names.get(line.chain[7:], ""), logins.get(line.actor, ""))
            for line in lines]


def write_place(line: AuditLine) -> str:
    """Where the next page begins."""
    return f"{line.at_ms},{line.number},{line.chain}"


def _read_place(text: str) -> tuple[int, int, str] | None:
    at_ms, _comma, rest = text.partition(",")
    number, _comma, chain = rest.partition(",")
    known = all(one.isascii() and one.isdecimal() and len(one) < 16 for one in (at_ms, number))
    return (int(at_ms), int(number), chain) if known else None


def _read_day(text: str, days: int) -> int | None:
    """The moment a day begins in Moscow, `days` later; None for what is no day."""
    try:
        begins = datetime.combine(date.fromisoformat(text) + timedelta(days=days), time(), ZoneInfo(MOSCOW))
        return int(begins.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def _is_below(territory: str, wanted: str) -> bool:
    return not wanted or territory == wanted or territory.startswith(f"{wanted}/")


MOUNT = Mount(blueprint=pages, access={"show_log": COORDINATOR}, menu=(MenuEntry("show_log", _("Журнал")),))
