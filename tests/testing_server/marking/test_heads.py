"""A head of a commission reads and changes what he leads: every address of an expert, against heads of elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from task_bank.scoring import restore_responses, score_item
from testing_server.foundation.access import AccountRole
from testing_server.foundation.clock import FakeClock
from testing_server.foundation.rights import HUB_RIGHTS
from testing_server.foundation.storage import Base
from testing_server.marking.commission.actions import NewMember, open_commission, seat_experts
from testing_server.marking.commission.bounds import Bounds
from testing_server.marking.commission.queries import find_commission_row, list_seen_lots
from testing_server.marking.gathering.actions import add_attempts, open_work
from testing_server.marking.gathering.rules import sort_attempt
from testing_server.marking.kits.records import KitEventRecord, KitRecord
from testing_server.marking.rescoring.actions import draft_correction
from testing_server.marking.review.actions import Marks, refer_answer, save_marks, take_next
from testing_server.marking.review.records import AssignmentRecord, LotRecord, MarkingAnswerRecord
from testing_server.preparation.founding.actions import prepare_hub
from testing_server.roles import list_hub_mounts
from tests.builders import Browser, close_app, make_app, services_of
from tests.testing_server.hub_endpoint_table import HUB
from tests.testing_server.marking.make_work import CHOICE, make_attempt, make_open_work
from tests.testing_server.preparation.make_hub import MOMENT_MS, Hub, make_school

pytestmark = pytest.mark.usefixtures("quick_passwords")
OURS, AWAY = "Владимирская область", "Тверская область"
OPEN, SIGNED = "a" * 64, "b" * 64
KIT, LATE_KIT = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
SECRET = "Слышно имя, которого тут нет"
PLAN = {"subject": "english", "region": OURS, "opens_at_ms": 0, "closes_at_ms": 2_000_000_000_000, "daily_limit": 0,
        "needs_approval": False, "pass_percent": 70, "control_every": 0}
RULES = {"subject": "english", "region": OURS, "opens": "2020-01-01T08:00", "closes": "2099-01-01T20:00",
         "daily_limit": "7", "pass_percent": "70", "control_every": "0"}
# what a form sends, by address; everything else is empty
FORMS: dict[str, dict[str, Any]] = {
    "/commission/people": RULES, "/commission/people/<commission>/seats": {"logins": "stranger"},
    "/commission/people/<commission>/<expert>/state": {"state": "removed"},
    "/commission/referrals/<int:referral>": {"decision": "zero"}, "/commission/standards": {"use": "practice"},
    "/commission/<archive>/correct": {"code": "10001", "position": "1", "points-К1": "0", "reason": "Апелляция"},
    "/commission/keys/<assessment>/<item>": {"reason": "Верным был другой ответ"},
    "/marking/kits": {"answers": "1", "until": "2026-11-20"}}
# of what these tables hold nothing may change by a stranger's hand; own sign-ins and audit lines may
WATCHED = ("commission_member", "key_correction", "machine_score", "mark_event", "marking_assignment",
           "marking_decision", "marking_kit", "marking_kit_event", "marking_protocol", "marking_referral",
           "marking_standard", "marking_work")


@dataclass
class World:
    """A region with everything a head can touch. `names`: of it, as addresses and forms name it."""

    hub: Hub
    names: dict[str, str] = field(default_factory=dict)

    def head(self, login: str, **details: Any) -> Browser:
        return self.hub.browser(login, "expert", is_head=True, **details)

    def ask(self, browser: Browser, method: str, rule: str, archive: str) -> TestResponse:
        address = re.sub(r"<(?:\w+:)?(\w+)>", lambda one: {**self.names, "archive": archive}[one[1]], rule)
        if method == "GET":
            return browser.get(address)
        if rule.startswith("/v1/"):
            body = {"assignment": self.names["assignment"], "version": 1, "points": {}}
            return browser.client.post(address, json=body)
        form = {"assignment": self.names["assignment"], **FORMS.get(rule, {})}
        return browser.post(address, form | {"file": (BytesIO(CHOICE), "c.xml")}, page="/password",
                            content_type="multipart/form-data")

    def dump(self) -> dict[str, list[str]]:
        """All rows of the watched tables."""
        def read(session: Session) -> dict[str, list[str]]:
            return {name: sorted(repr(row) for row in session.execute(select(Base.metadata.tables[name])))
                    for name in WATCHED}
        return dict(self.hub.read(read))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, quick_passwords: None) -> Iterator[World]:
    clock = FakeClock(MOMENT_MS)
    app = make_app(tmp_path_factory.mktemp("heads") / "hub", list_hub_mounts(), clock=clock)
    found = World(Hub(app, clock, prepare_hub(services_of(app))))
    found.hub.browser("anna", "expert", territory=OURS)
    school = make_school(found.hub).id
    found.hub.write(lambda session, now_ms: fill(session, now_ms, school, found.names))
    ours = found.head("ours", territory=OURS, subjects=["english"])
    assert ours.post(f"/commission/{SIGNED}/freeze", page="/password").status_code == 302
    yield found
    close_app(app)


def fill(session: Session, now_ms: int, school: str, names: dict[str, str]) -> None:
    """A marked work, to be signed; an open one with a referral, a note, kits, a drafted key."""
    commission = open_commission(session, now_ms, "ours", PLAN)
    seat_experts(session, now_ms, "ours", commission, [NewMember("anna")])
    add_work(session, now_ms, school, SIGNED, make_attempt(9, i1__r1="c2"))
    while session.scalar(select(AssignmentRecord.id).where(AssignmentRecord.state == "queued").limit(1)):
        mark_one(session, now_ms, "")
    add_work(session, now_ms, school, OPEN, *(make_attempt(number, i1__r1="c2", i3__r1="Текст") for number in (1, 2)))
    assignment = refer_and_mark(session, now_ms)
    keep_kits(session, now_ms)
    correction = draft_correction(session, now_ms, "ours", "tiny", "choice-01", CHOICE, SECRET, OURS)
    names.update(commission=commission, expert="anna", assessment="tiny", item="choice-01", correction=correction,
                 kit=KIT, referral="1", sha256="1" * 64, campaign="demo-2026", work="tiny", school="sch330001",
                 assignment=assignment)


def add_work(session: Session, now_ms: int, school: str, archive: str, *attempts: Any) -> None:
    work = replace(make_open_work(school=school, archive=archive), region=OURS)
    open_work(session, now_ms, work)
    add_attempts(session, now_ms, work, [(one, sort_attempt(one, work.book, score_item, restore_responses))
                                         for one in attempts])


def refer_and_mark(session: Session, now_ms: int) -> str:
    """Anna refers one answer and marks another with a note; returns the referred one."""
    referred = session.get_one(AssignmentRecord, take_next(session, now_ms, "anna"))
    refer_answer(session, now_ms, "anna", referred.id, referred.version, SECRET, "name_heard")
    mark_one(session, now_ms, SECRET)
    return referred.id


def mark_one(session: Session, now_ms: int, comment: str) -> None:
    row = session.get_one(AssignmentRecord, take_next(session, now_ms, "anna"))
    answer = session.get_one(MarkingAnswerRecord, row.answer)
    points = dict.fromkeys(("К1", "К2") if answer.position == 2 else ("К1",), 1)
    save_marks(session, now_ms, "anna", row.id, row.version, Marks(points, comment))


def keep_kits(session: Session, now_ms: int) -> None:
    held = session.scalars(select(AssignmentRecord).where(AssignmentRecord.state == "queued")).first()
    assert held is not None
    session.add_all(KitRecord(id=kit, expert="anna", public_key="0" * 64, state=state, answers=1, made_at_ms=now_ms,
                              until_ms=now_ms) for kit, state in ((KIT, "issued"), (LATE_KIT, "merged")))
    session.flush()
    held.kit = KIT
    session.add(KitEventRecord(kit=LATE_KIT, number=1, assignment=held.id, kind="saved", at_ms=now_ms, envelope="",
                               body={"points": {"К1": 2}}, verdict="late", reason=SECRET, merged_at_ms=now_ms))


def list_addresses() -> list[tuple[str, str]]:
    """(method, address) of everything the role of a head lets in, out of the table of all endpoints."""
    rights = {right.name for right in HUB_RIGHTS if AccountRole.EXPERT in right.roles}
    lines = [line.split() for line in HUB.splitlines() if line.strip()]
    return sorted((method, rule) for method, rule, *words in lines if rights & set(words))


def list_traces(world: World) -> list[str]:
    """What tells of the region: none of it may stand in a stranger's answer."""
    return [SECRET, "anna", "10001", "10002", OPEN, SIGNED, KIT, LATE_KIT, world.names["assignment"],
            world.names["commission"], world.names["correction"], "choice-01", OURS]


STRANGERS = {"of another region": {"territory": AWAY, "subjects": ["*"]},
             "of another subject": {"territory": OURS, "subjects": ["history"]},
             "of a town": {"territory": f"{OURS}/Ковров", "subjects": ["*"]},
             "of nothing yet": {}}


@pytest.mark.parametrize("who", STRANGERS)
def test_a_head_of_elsewhere_reads_and_changes_nothing(world: World, who: str) -> None:
    login, before = f"head-{list(STRANGERS).index(who)}", world.dump()
    browser, leaks = world.head(login, **STRANGERS[who]), []
    traces = [one for one in list_traces(world) if one != OURS or who == "of another region"]
    for method, rule in list_addresses():
        for archive in (OPEN, SIGNED):
            reply = world.ask(browser, method, rule, archive)
            assert reply.status_code < 500, (method, rule)
            # the address itself may be told back
            told = reply.text.replace(reply.request.path, "")
            leaks += [(method, rule, reply.status_code, one) for one in traces if one in told]
    assert leaks == []
    assert world.dump() == before
    assert world.hub.read(lambda session: find_commission_row(
        session, world.names["commission"], Bounds(OURS, frozenset({"english"})))).daily_limit == 0


def test_heads_of_elsewhere_are_refused_what_is_named(world: World) -> None:
    """An address with something of the region in it is as if there were no such thing."""
    away = world.head("refused", territory=AWAY, subjects=["english"])
    named = [(method, rule) for method, rule in list_addresses() if "<" in rule]
    replies = {(method, rule): world.ask(away, method, rule, SIGNED).status_code for method, rule in named}
    assert len(replies) > 25 and set(replies.values()) == {404}, replies


def test_the_own_head_sees_all_of_it(world: World) -> None:
    """Otherwise the tests above would prove that the pages are empty."""
    ours = Browser(world.hub.app.test_client())
    ours.sign_in("ours")
    pages = {"/commission": SECRET, f"/commission/{OPEN}": "Работа", f"/commission/{SIGNED}": "10009",
             f"/commission/{SIGNED}/protocol.json": "payload", "/commission/people": "anna",
             "/commission/referrals": SECRET, "/commission/keys": SECRET, "/commission/figures": "Речь",
             "/marking": "Речь", "/marking/kits": LATE_KIT[:8], f"/results/{SIGNED}.csv": "10009"}
    found = {page: ours.get(page) for page in pages}
    assert {page: reply.status_code for page, reply in found.items()} == dict.fromkeys(pages, 200)
    assert [page for page, trace in pages.items() if trace not in found[page].text] == []
    assert ours.get(f"/results/{SIGNED}.xlsx").status_code == ours.get(f"/results/{SIGNED}/qti.zip").status_code == 200


def test_a_head_of_whom_nobody_said_what_he_leads_is_told_so(world: World) -> None:
    old = world.head("old")
    reply = old.get("/commission")
    assert reply.status_code == 403 and "не назначены регион и предметы" in reply.text
    assert old.client.post("/v1/marking/next", json={}).get_json()["code"] == "head_unbound"


def test_a_commission_of_a_region_is_not_moved_by_its_form(world: World) -> None:
    """A head of one region opens commissions there, whatever the form says; of another subject none."""
    away = world.head("opener", territory=AWAY, subjects=["english"])
    assert away.post("/commission/people", RULES, page="/password").status_code == 302
    assert away.post("/commission/people", {**RULES, "subject": "history"}, page="/password").status_code == 403
    page = away.get("/commission/people").text
    assert AWAY in page and OURS not in page
    commission = page.split("/commission/people/")[1].split("/")[0]
    stranger = away.post(f"/commission/people/{commission}/seats", {"logins": "anna"}, page="/password")
    assert stranger.status_code == 422, "an expert of another region"


def test_answers_come_to_the_region_they_are_of(world: World) -> None:
    """Also where no commission is set up: an expert of a region marks that region."""
    session_of = world.hub.read
    world.hub.browser("far", "expert", territory=AWAY)
    world.hub.write(lambda session, now_ms: session.add(LotRecord(
        campaign="demo-2026", assessment="other", position=1, subject="history", region=AWAY)))
    [lot] = session_of(lambda session: list(session.scalars(select(LotRecord.id).where(LotRecord.region == AWAY))))
    ours = session_of(lambda session: session.scalar(select(func.count()).where(LotRecord.region == OURS)))
    assert session_of(list_seen_lots, "far") == [lot]
    assert ours and lot not in session_of(list_seen_lots, "anna") and len(session_of(list_seen_lots, "anna")) == ours


@pytest.mark.parametrize("bounds,region,subject,holds", [
    (Bounds(OURS, frozenset({"english"})), OURS, "english", True),
    (Bounds(OURS, frozenset({"english"})), OURS, "history", False),
    (Bounds(OURS, frozenset({"*"})), AWAY, "english", False),
    (Bounds(OURS, frozenset({"*"})), "", "english", False),
    (Bounds("", frozenset({"english"})), AWAY, "english", True),
    (Bounds(OURS, frozenset()), OURS, "english", False)])
def test_what_bounds_hold(bounds: Bounds, region: str, subject: str, holds: bool) -> None:
    assert bounds.hold(region, subject) is holds


def test_a_key_is_corrected_for_the_region_alone(world: World) -> None:
    """A draft of the region is in the list of its head and of nobody else's."""
    away = world.head("keys", territory=AWAY, subjects=["*"])
    assert "choice-01" not in away.get("/commission/keys").text
    whole = world.head("whole", subjects=["*"])
    assert world.names["correction"] in whole.get("/commission/keys").text
