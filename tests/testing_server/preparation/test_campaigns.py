"""Every gate has an hour of its own zone, and no data opens one early."""
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies

from testing_server.foundation.refusals import Refusal
from testing_server.preparation.campaigns.queries import UnknownCampaign, find_campaign, list_campaigns
from testing_server.preparation.campaigns.reading import read_campaign
from testing_server.preparation.campaigns.rules import (
    compute_opening, compute_window, describe_instant, describe_zone, instant_of)

DAY = date(2027, 4, 14)
AT_7_30 = {"kind": "at_hour", "hour": "07:30", "zone": "school"}
AT_14_MOSCOW = {"kind": "at_hour", "hour": "14:00", "zone": "Europe/Moscow"}
ZONES = ["Europe/Kaliningrad", "Europe/Moscow", "Asia/Kamchatka"]


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000


@pytest.mark.parametrize("zone,opens", [("Europe/Kaliningrad", "2027-04-14T05:30"),
                                        ("Europe/Moscow", "2027-04-14T04:30"),
                                        ("Asia/Kamchatka", "2027-04-13T19:30")])
def test_the_cipher_opens_at_half_past_seven_of_the_school(zone: str, opens: str) -> None:
    assert compute_opening(AT_7_30, DAY, zone, 0) == utc(opens)


@pytest.mark.parametrize("zone", ZONES)
def test_criteria_open_at_two_in_moscow_wherever_the_school_is(zone: str) -> None:
    assert compute_opening(AT_14_MOSCOW, DAY, zone, 0) == utc("2027-04-14T11:00")


def test_a_demonstration_is_open_at_once_and_for_a_day() -> None:
    demo = find_campaign(Path("nowhere"), "demo-2026")
    now_ms = utc("2026-11-23T10:00")
    assert compute_opening(demo.cipher, DAY, "Asia/Kamchatka", now_ms) == now_ms
    opens, closes = compute_window(demo.window, DAY, "Asia/Kamchatka", now_ms)
    assert (opens, closes) == (utc("2026-11-23T09:00"), utc("2026-11-24T10:00"))
    assert not demo.counted


def test_the_window_is_the_schools_own_day() -> None:
    counted = find_campaign(Path("nowhere"), "vpr-2027-spring")
    window = compute_window(counted.window, DAY, "Asia/Kamchatka", 0)
    assert window == (utc("2027-04-13T20:00"), utc("2027-04-14T08:00"))
    assert (counted.max_pace, counted.rounds, counted.keep_days) == (1, 2, 30)


@given(day=strategies.dates(date(2015, 1, 1), date(2035, 12, 31)), hour=strategies.integers(0, 23),
       minute=strategies.integers(0, 59),
       zone=strategies.sampled_from([*ZONES, "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]))
def test_a_gate_is_never_early_on_any_clock_of_the_zone(day: date, hour: int, minute: int, zone: str) -> None:
    local = datetime.fromtimestamp(instant_of(day, f"{hour:02d}:{minute:02d}", zone) / 1000, ZoneInfo(zone))
    wanted = datetime(day.year, day.month, day.day, hour, minute)
    late = local.replace(tzinfo=None) - wanted
    assert timedelta(0) <= late <= timedelta(hours=1)


def test_an_hour_that_comes_twice_opens_at_its_second_coming() -> None:
    # Berlin set its clocks back from 3:00 to 2:00 on 25 October 2026
    assert instant_of(date(2026, 10, 25), "02:30", "Europe/Berlin") == utc("2026-10-25T01:30")


@pytest.mark.parametrize("zone,words", [("Europe/Kaliningrad", "МСК−1"), ("Europe/Moscow", "МСК"),
                                        ("Asia/Kamchatka", "МСК+9"), ("Asia/Kolkata", "МСК+2:30")])
def test_a_zone_is_told_against_moscow(zone: str, words: str) -> None:
    assert describe_zone(utc("2027-04-14T05:30"), zone) == words


def test_an_instant_is_told_in_the_zone_of_the_school() -> None:
    assert describe_instant(utc("2027-04-14T05:30"), "Europe/Kaliningrad") == "14.04.2027, 7:30"


@pytest.mark.parametrize("change", [
    {"max_pace": 2}, {"max_pace": 0},
    {"rules": {"cipher": {"kind": "at_sealing"}, "criteria": AT_14_MOSCOW,
               "window": {"kind": "hours", "from": "08:00", "to": "20:00", "zone": "school"}}},
    {"rules": {"cipher": AT_7_30, "criteria": AT_14_MOSCOW,
               "window": {"kind": "hours", "from": "20:00", "to": "08:00", "zone": "school"}}},
    {"rules": {"cipher": {"kind": "now"}, "criteria": AT_14_MOSCOW, "window": {}}},
    {"rules": {}}, {"marking": {"rounds": 0}},
    {"rules": {"cipher": {"kind": "at_hour", "hour": "25:00", "zone": "school"}, "criteria": AT_14_MOSCOW,
               "window": {"kind": "hours", "from": "08:00", "to": "20:00", "zone": "school"}}},
    {"rules": {"cipher": {"kind": "at_hour", "hour": "07:30", "zone": "Mars/Olympus"}, "criteria": AT_14_MOSCOW,
               "window": {"kind": "hours", "from": "08:00", "to": "20:00", "zone": "school"}}}])
def test_data_that_would_open_a_counted_campaign_wrongly_is_refused(change: dict[str, object]) -> None:
    data = {"id": "x", "title": "x", "counted": True, "max_pace": 1, "marking": {"rounds": 2},
            "rules": {"cipher": AT_7_30, "criteria": AT_14_MOSCOW,
                      "window": {"kind": "hours", "from": "08:00", "to": "20:00", "zone": "school"}}}
    read_campaign(data)
    with pytest.raises(Refusal) as refused:
        read_campaign({**data, **change})
    assert refused.value.status == 422


def test_a_hub_adds_campaigns_of_its_own(tmp_path: Path) -> None:
    shipped = Path("testing_server/preparation/campaigns/data/demo-2026.json")
    own = json.loads((Path(__file__).parents[3] / shipped).read_text())
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "campaigns" / "own.json").write_text(json.dumps({**own, "id": "own-2027"}))
    assert [one.id for one in list_campaigns(tmp_path)] == [
        "demo-2026", "own-2027", "vpr-2020-school", "vpr-2021-college", "vpr-2023-school", "vpr-2027-spring"]
    with pytest.raises(UnknownCampaign):
        find_campaign(tmp_path, "none")
