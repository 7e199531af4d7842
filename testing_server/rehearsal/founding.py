"""The demonstration campaign: a school, its people, codes and sealed works, made on a hub that has not started yet.

Takes an empty hub folder. Gives what each kind of person needs to sign in. Passwords are drawn anew for every run.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from testing_server.foundation.accounts.actions import create_account
from testing_server.foundation.accounts.queries import find_account
from testing_server.foundation.accounts.second_factor import confirm_second_factor, obtain_secret
from testing_server.foundation.accounts.second_factor_rules import STEP_MS, compute_code
from testing_server.foundation.locking import obtain_locking_key
from testing_server.foundation.services import Services
from testing_server.preparation.codes.actions import issue_codes
from testing_server.preparation.enrolment.actions import make_enrolment_code
from testing_server.preparation.enrolment.credentials import Credentials
from testing_server.preparation.enrolment.rules import CODE_LIFE_MS
from testing_server.preparation.founding.actions import prepare_hub
from testing_server.preparation.materials.actions import seal_materials
from testing_server.preparation.materials.packages import find_package
from testing_server.preparation.registry.actions import create_coordinator, create_organizer, create_school
from testing_server.preparation.registry.queries import School

CAMPAIGN = "demo-2026"
ENGLISH, METAPREDMET = "english_grade_7", "metapredmet"
VARIANTS = 12
ZONE = "Asia/Yekaterinburg"
REGION = "Свердловская область"
EXPERTS = 2


@dataclass(frozen=True)
class Account:
    """How somebody signs in. `telephone`: secret of a coordinator's codes; `paper`: recovery codes, each good once."""

    login: str
    password: str
    telephone: str = ""
    paper: tuple[str, ...] = ()


@dataclass(frozen=True)
class Founded:
    """The demonstration as the hub has it. `archives`: sample name → materials archive; `day`: the school's today."""

    school: str
    school_name: str
    day: str
    credentials: dict[str, Any]
    archives: dict[str, str]
    coordinator: Account
    organizer: Account
    head: Account
    experts: list[Account]


def found_demonstration(offered: Services, hub: str, candidates: int) -> Founded:
    """Everything on the hub's side, through the same actions its pages use. `hub`: the address schools will call."""
    now_ms, keys = offered.clock.now_ms(), prepare_hub(offered)
    school = offered.storage.write(lambda session: create_school(
        session, now_ms, login="sch660001", name="Школа № 1 (демонстрация)", municipality="Екатеринбург",
        region=REGION, zone=ZONE))
    offered.storage.write(lambda session: issue_codes(
        session, now_ms, CAMPAIGN, school.id, candidates, reserve=max(2, candidates // 5)))
    day = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZoneInfo(ZONE)).date().isoformat()
    archives = {name: _seal(offered, school, name, day) for name in (ENGLISH, METAPREDMET)}
    code = offered.storage.write(lambda session: make_enrolment_code(session, now_ms, school.id))
    credentials = Credentials(hub, school.login, school.name, code, keys.root_fingerprint, now_ms + CODE_LIFE_MS)
    return Founded(school.id, school.name, day, asdict(credentials), archives, *_hire(offered, now_ms, school))


def _seal(offered: Services, school: School, name: str, day: str) -> str:
    package: Path = find_package(offered.settings.data, name).path
    return seal_materials(offered, school.id, CAMPAIGN, package, VARIANTS, day).materials.archive


def _hire(offered: Services, now_ms: int, school: School) -> tuple[Account, Account, Account, list[Account]]:
    coordinator, organizer = draw_account("coordinator"), draw_account("organizer")
    head, experts = draw_account("head"), [draw_account(f"expert{number}") for number in range(1, EXPERTS + 1)]

    def act(session: Any) -> None:
        create_coordinator(session, now_ms, coordinator.login, password=coordinator.password)
        create_organizer(session, now_ms, school.id, organizer.login, password=organizer.password)
        create_account(session, now_ms, head.login, "expert", is_head=True, territory=REGION, subjects=["*"],
                       password=head.password)
        for expert in experts:
            create_account(session, now_ms, expert.login, "expert", password=expert.password)
    offered.storage.write(act)
    coordinator = tie_telephone(offered, coordinator)
    return coordinator, organizer, head, experts


def tie_telephone(offered: Services, account: Account) -> Account:
    """The second factor as its page ties it, by somebody who is given the secret: a robot, or a person of the show."""
    now_ms, key = offered.clock.now_ms(), obtain_locking_key(offered.settings)
    with offered.storage.read() as session:
        known = find_account(session, account.login)
    assert known is not None
    secret = offered.storage.write(lambda session: obtain_secret(session, key, known))
    # the code of the half minute before is spent here, so that the present one still lets somebody in
    spent = compute_code(secret, now_ms - STEP_MS)
    paper = offered.storage.write(lambda session: confirm_second_factor(session, now_ms, key, known, spent))
    return replace(account, telephone=secret, paper=tuple(paper))


def draw_account(login: str) -> Account:
    """A login with a password nobody could know before."""
    return Account(login, secrets.token_urlsafe(9))
