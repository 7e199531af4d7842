"""The data of campaigns: folders of files that are taken and of files that are not, with the very words; and the three
procedures of 2020, 2021 and 2023 as their documents say them."""
from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from flask import Flask
from flask_babel import Babel

from testing_server.preparation.campaigns.queries import SHIPPED, find_campaign, read_campaigns
from testing_server.preparation.campaigns.reading import read_campaign_file
from testing_server.preparation.campaigns.rules import (
    BadCampaign, Campaign, compute_opening, compute_publishing, compute_software_due, find_rules, find_work, judge_form)
from testing_server.preparation.campaigns.words import describe_opening
from testing_server.preparation.questionnaires.queries import find_form
from testing_server.preparation.retention.rules import find_due, list_dues

EXAMPLES = Path(__file__).parent / "campaign_examples"
NOWHERE = Path("nowhere")
OWN, SECTIONS = ("vpr-2020-school", "vpr-2021-college", "vpr-2023-school"), (
    "rules.cipher", "rules.criteria", "rules.window", "materials.encrypted", "materials.days_before", "works.*.periods",
    "applications", "marking", "results.forms_until", "retention")


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def shipped(name: str) -> Campaign:
    return find_campaign(NOWHERE, name)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("valid/*.json")), ids=lambda path: path.stem)
def test_valid_examples_are_taken(path: Path) -> None:
    assert read_campaign_file(path).marking.mode in ("single", "double", "sample")


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("invalid/*.json")), ids=lambda path: path.stem)
def test_invalid_examples_are_refused_with_file_place_and_reason(path: Path) -> None:
    with pytest.raises(BadCampaign) as refused:
        read_campaign_file(path)
    words = str(refused.value.message)
    assert words.startswith(f"{path.name}: ") and path.with_suffix(".txt").read_text().strip() in words


def test_a_bad_file_stops_nobody_elses_campaign(tmp_path: Path) -> None:
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "campaigns" / "broken.json").write_text("{")
    campaigns, bad = read_campaigns(tmp_path)
    assert len(campaigns) == len(list(SHIPPED.glob("*.json"))) and [one.name for one in bad] == ["broken.json"]


@pytest.mark.parametrize("name", OWN)
def test_every_rule_of_a_ready_campaign_names_its_source(name: str) -> None:
    told = shipped(name).contents.told_by
    for section in SECTIONS:
        assert any(place == section or place.startswith(f"{section}.") or section.startswith(f"{place}.")
                   for place in told), f"{name}: where was {section} taken from?"


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.json")), ids=lambda path: path.stem)
def test_the_questionnaires_of_a_ready_campaign_are_there(path: Path) -> None:
    campaign = read_campaign_file(path)
    for one in campaign.contents.questionnaires:
        assert find_form(NOWHERE, campaign, one.id).id == one.form


@pytest.mark.parametrize("name", OWN)
def test_archives_lists_and_codes_have_terms_and_a_campaign_without_them_keeps_them(name: str) -> None:
    campaign, far = shipped(name), utc("2040-01-01T00:00")
    fresh = ("archives", "rosters", "codes")
    assert all(campaign.contents.told_by[f"retention.{kind}"].startswith("own") for kind in fresh)
    assert [find_due(campaign, kind, far).state for kind in fresh] == ["due"] * 3
    old = {kind: told for kind, told in campaign.contents.retention.items() if kind not in fresh}
    before = replace(campaign, contents=msgspec.structs.replace(campaign.contents, retention=old))
    assert {due.kind: due.state for due in list_dues(before, far) if due.kind in fresh} == dict.fromkeys(fresh, "never")
    assert find_due(before, "audit", far).state == "elsewhere" and list_dues(shipped("demo-2026"), far) == []


def test_2020_grade_8_is_locked_and_the_others_are_not() -> None:
    campaign = shipped("vpr-2020-school")
    locked = {work.grade for work in campaign.contents.works if find_rules(campaign, work.id).materials.encrypted}
    assert locked == {"8"}
    day = date(2020, 3, 31)
    # grade 8: after 14:00 Moscow on the day, archive three days before; the others: first day of the period, four days
    eight, five = find_rules(campaign, "grade-8-russian"), find_rules(campaign, "grade-5-math")
    assert compute_opening(eight.criteria, day, "Asia/Kamchatka", 0) == utc("2020-03-31T11:00")
    assert compute_opening(five.criteria, date(2020, 4, 20), "Asia/Kamchatka", 0) == utc("2020-03-29T21:00")
    assert compute_publishing(campaign, "grade-8-russian", day, "Europe/Moscow") == utc("2020-03-28T21:00")
    assert compute_publishing(campaign, "grade-5-math", day, "Europe/Moscow") == utc("2020-03-26T21:00")
    reserve = compute_publishing(campaign, "grade-5-math", date(2020, 6, 10), "Europe/Moscow")
    assert reserve == utc("2020-06-06T21:00"), "a reserve day counts for itself"
    assert (campaign.marking.mode, campaign.marking.own_school) == ("single", True)


def test_programs_are_due_a_week_before_the_first_work_at_computers() -> None:
    # foreign languages of grade 11 begin on 2 March 2020; 24 February is the last day
    assert compute_software_due(shipped("vpr-2020-school")) == utc("2020-02-24T21:00")
    assert compute_software_due(shipped("vpr-2020-school"), "Asia/Kamchatka") == utc("2020-02-24T12:00")
    assert compute_software_due(shipped("demo-2026")) is None, "nothing counts"


@pytest.mark.parametrize("moment,word,results", [
    ("2020-05-06T19:59", "timely", None), ("2020-05-06T20:00", "late", date(2020, 6, 5)),
    ("2020-05-15T19:59", "late", date(2020, 6, 5)), ("2020-05-15T20:00", "closed", None)])
def test_2020_late_forms_have_later_results(moment: str, word: str, results: date | None) -> None:
    timing = judge_form(shipped("vpr-2020-school"), "english_grade_7", "Asia/Kamchatka", utc(moment))
    assert (timing.word, timing.results_from) == (word, results)


def test_2021_is_confirmed_by_the_region_and_marked_by_strangers() -> None:
    campaign = shipped("vpr-2021-college")
    steps = campaign.contents.applications
    assert steps is not None
    assert [(one.who, one.does) for one in steps.steps] == [("school", "fill"), ("regional", "confirm")]
    assert (campaign.marking.mode, campaign.marking.own_school, campaign.marking.third_from) == ("double", False, 2)
    assert campaign.contents.schedule is not None and campaign.contents.schedule.reserve is None
    assert judge_form(campaign, "metapredmet", "Europe/Moscow", utc("2021-10-27T20:00")).word == "closed"


def test_2027_has_gaps_of_two_marked_by_a_third_and_gives_the_higher_of_what_differs_by_one() -> None:
    rules = shipped("vpr-2027-spring").marking
    assert (rules.rounds, rules.third_from, rules.within, rules.after_third) == (2, 2, "higher", "third")


def test_2023_is_confirmed_by_nobody_and_differs_by_work() -> None:
    campaign = shipped("vpr-2023-school")
    steps = campaign.contents.applications
    assert steps is not None and all(one.does != "confirm" for one in steps.steps)
    eve = compute_publishing(campaign, "grade-7-physics", date(2023, 4, 5), "Asia/Kamchatka")
    assert eve == utc("2023-04-04T02:00"), "14:00 of the school on the eve"
    assert find_work(campaign, "grade-5-history").forms == ("paper", "computer")
    assert find_rules(campaign, "grade-11-humanities").marking.own_school is False
    assert find_rules(campaign, "grade-7-english").marking.own_school is True


def test_an_unlisted_work_follows_its_campaign() -> None:
    rules = find_rules(shipped("demo-2026"), "english_grade_7")
    assert (rules.work, rules.marking.rounds, rules.materials.encrypted) == (None, 1, True)


@pytest.mark.parametrize("rule,words", [
    ({"kind": "at_hour", "hour": "07:30", "zone": "school"}, "в день работы в 7:30 по местному времени школы (МСК+4)"),
    ({"kind": "at_date", "date": "2021-09-14", "hour": "09:00", "zone": "Europe/Moscow"},
     "14.09.2021 в 9:00 по московскому времени")])
def test_an_opening_is_told_with_its_zone(rule: dict[str, Any], words: str) -> None:
    app = Flask(__name__)
    Babel(app, default_locale="ru")
    with app.test_request_context():
        assert describe_opening(rule, "МСК+4") == words
