"""Which campaign pages begin with, whatever order campaigns come in."""
from datetime import UTC, datetime
from pathlib import Path

import pytest

from testing_server.preparation.campaigns.queries import list_campaigns
from testing_server.preparation.campaigns.tasks import NO_WORK_COMES, choose_campaign, count_days_to_work


@pytest.mark.parametrize("day, chosen", [
    ("2020-01-15", "vpr-2020-school"), ("2020-04-01", "vpr-2020-school"), ("2021-06-01", "vpr-2021-college"),
    ("2021-10-01", "vpr-2021-college"), ("2022-12-31", "vpr-2023-school"), ("2026-11-23", "vpr-2027-spring")])
def test_pages_begin_with_the_campaign_that_has_a_work_today_or_next(tmp_path: Path, day: str, chosen: str) -> None:
    now_ms = int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)
    known = list_campaigns(tmp_path)
    for campaigns in (known, known[::-1]):
        found = choose_campaign(campaigns, now_ms)
        assert found is not None and found.id == chosen


def test_days_to_a_work_are_counted_to_its_first_day_and_none_while_it_is_written(tmp_path: Path) -> None:
    college = next(one for one in list_campaigns(tmp_path) if one.id == "vpr-2021-college")
    moments = [datetime(2021, month, day).date() for month, day in ((9, 5), (9, 15), (10, 20), (10, 21))]
    assert [count_days_to_work(college, one) for one in moments] == [10, 0, 0, NO_WORK_COMES]
    assert choose_campaign([], 0) is None
