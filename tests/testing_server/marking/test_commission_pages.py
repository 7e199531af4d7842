"""The head's pages: rules, seats, approvals, referrals, standards; refusals keep what there was."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import Browser
from tests.testing_server.marking.test_pages import POINTS, head, hub, post, school  # noqa: F401
from tests.testing_server.preparation.make_hub import Hub

PEOPLE, REFERRALS, STANDARDS = "/commission/people", "/commission/referrals", "/commission/standards"
RULES = {"subject": "english", "opens": "2020-01-01T08:00", "closes": "2099-01-01T20:00", "daily_limit": "0",
         "pass_percent": "70", "control_every": "0"}


@pytest.fixture
def commission(head: Browser) -> str:  # noqa: F811
    """A commission of one expert, anna, opened by forms."""
    assert head.post(PEOPLE, RULES, page=PEOPLE).status_code == 302
    page = head.get(PEOPLE).text
    return page.split("/commission/people/")[1].split("/")[0]


@pytest.fixture
def anna(hub: Hub, head: Browser, commission: str) -> Browser:  # noqa: F811
    browser = hub.browser("anna", "expert")
    assert head.post(f"{PEOPLE}/{commission}/seats", {"logins": "anna lead\n"}, page=PEOPLE).status_code == 302
    return browser


def take(expert: Browser) -> dict[str, Any]:
    answer: dict[str, Any] = post(expert, "next").get_json()
    return answer


@pytest.mark.parametrize("page", [PEOPLE, REFERRALS, STANDARDS])
def test_pages_say_what_will_stand_there(head: Browser, page: str) -> None:  # noqa: F811
    assert 'class="empty"' in head.get(page).text


@pytest.mark.parametrize("changes", [{"closes": "yesterday"}, {"daily_limit": "many"}, {"pass_percent": "400"},
                                     {"subject": " "}, {"opens": "2099-02-01T00:00"}, {"opens": "9999-99-99"}])
def test_rules_that_cannot_be_are_refused(head: Browser, changes: dict[str, str]) -> None:  # noqa: F811
    assert head.post(PEOPLE, {**RULES, **changes}, page=PEOPLE).status_code == 422


def test_an_expert_nobody_appointed_is_not_seated(head: Browser, commission: str) -> None:  # noqa: F811
    reply = head.post(f"{PEOPLE}/{commission}/seats", {"logins": "nobody"}, page=PEOPLE)
    assert reply.status_code == 422 and "nobody" in reply.text


def test_a_paused_expert_reads_why_and_is_first_on_the_heads_page(
        head: Browser, anna: Browser, commission: str) -> None:  # noqa: F811
    take(anna)
    form = {"state": "paused", "reason": "Поговорим о К2"}
    assert head.post(f"{PEOPLE}/{commission}/anna/state", form, page=PEOPLE).status_code == 302
    reply = post(anna, "next")
    assert reply.status_code == 409 and reply.get_json()["details"]["reason"] == "Поговорим о К2"
    page = head.get(PEOPLE).text
    assert "приостановлен" in page and "Поговорим о К2" in page and "Возобновить" in page
    head.post(f"{PEOPLE}/{commission}/anna/state", {"state": "approved"}, page=PEOPLE)
    assert post(anna, "next").status_code == 200


def test_the_head_closes_a_referral_with_points(head: Browser, anna: Browser) -> None:  # noqa: F811
    answer = take(anna)
    post(anna, "refer", assignment=answer["assignment"], version=answer["version"], kind="alarming_content", reason="")
    assert "не может ждать" in head.get(PEOPLE).text
    page = head.get(REFERRALS).text
    number = page.split('id="referral-')[1].split('"')[0]
    bad = head.post(f"{REFERRALS}/{number}", {"decision": "points", "points-К1": "9"}, page=REFERRALS)
    unknown = head.post(f"{REFERRALS}/{number}", {"decision": "burn"}, page=REFERRALS)
    assert (bad.status_code, unknown.status_code) == (422, 422)
    points = {f"points-{name}": str(value) for name, value in POINTS[answer["position"]].items()}
    assert head.post(f"{REFERRALS}/{number}", {"decision": "points", **points}, page=REFERRALS).status_code == 302
    assert 'class="empty"' in head.get(REFERRALS).text


def test_what_was_passed_on_is_read_by_the_coordinator_of_the_territory(
        hub: Hub, head: Browser, anna: Browser) -> None:  # noqa: F811
    answer = take(anna)
    post(anna, "refer", assignment=answer["assignment"], version=answer["version"], kind="name_heard", reason="")
    number = head.get(REFERRALS).text.split('id="referral-')[1].split('"')[0]
    head.post(f"{REFERRALS}/{number}", {"decision": "sent", "reason": "Названо имя"}, page=REFERRALS)
    near = hub.browser("near", "coordinator", territory="Владимирская область")
    far = hub.browser("far", "coordinator", territory="Камчатский край")
    assert "Названо имя" in near.get("/coordinator/referrals").text
    assert "Названо имя" not in far.get("/coordinator/referrals").text


def test_a_practice_answer_tells_what_was_agreed(hub: Hub, head: Browser) -> None:  # noqa: F811
    answer = take(head)
    points = POINTS[answer["position"]]
    post(head, "save", assignment=answer["assignment"], version=answer["version"], points=points)
    form = {"assignment": answer["assignment"], "use": "practice", "comment": "Так решили"}
    assert head.post(STANDARDS, form, page=STANDARDS).status_code == 302
    assert head.post(STANDARDS, {**form, "use": "party"}, page=STANDARDS).status_code == 422
    head.post(PEOPLE, {**RULES, "needs_approval": "yes"}, page=PEOPLE)
    commission = head.get(PEOPLE).text.split("/commission/people/")[1].split("/")[0]
    novice = hub.browser("novice", "expert")
    head.post(f"{PEOPLE}/{commission}/seats", {"logins": "novice"}, page=PEOPLE)
    given = take(novice)
    reply = post(novice, "save", assignment=given["assignment"], version=given["version"], points=points).get_json()
    assert given["stage"] == "practice" and reply["feedback"] == {"points": points, "comment": "Так решили"}
