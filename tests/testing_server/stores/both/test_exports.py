"""A workbook made by the worker, and counts for the board, on the stores of one machine and of a country."""
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from testing_server.exam_day.monitor.marking_queries import describe_marking, list_tallies
from testing_server.foundation.progress import Step
from testing_server.foundation.progress.tallies import Tally, TallyKey, post_tallies, read_tallies
from testing_server.preparation.exports import pages as export_pages
from testing_server.preparation.exports.jobs import delete_export
from tests.testing_server.preparation.make_hub import Hub, make_school
from tests.testing_server.preparation.test_exports import Killed, Worker, order
from tests.testing_server.stores.both.conftest import SETS

CAMPAIGN, REGION = "demo-2026", "Владимирская область"


@pytest.mark.parametrize("stores", SETS, indirect=True)
def test_a_workbook_is_made_once_fetched_and_deleted(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_pages, "AT_ONCE", 0)
    make_school(hub)
    browser, worker = hub.browser("federal", "coordinator"), Worker(hub)
    page = order(browser)
    with pytest.raises(Killed):
        worker.run(die_at="end")
    worker.run()
    book = openpyxl.load_workbook(BytesIO(browser.get(f"{page}/file").data))
    assert [row[0] for row in book["Школы"].iter_rows(min_row=2, values_only=True)] == ["sch330001"]
    worker.run(delete_export)
    assert browser.get(f"{page}/file").status_code == 404


@pytest.mark.parametrize("stores", SETS, indirect=True)
def test_counts_of_marking_are_added_up_and_replaced(hub: Hub) -> None:
    school, other = make_school(hub), make_school(hub, "sch410001", region="Камчатский край")
    keys = [TallyKey(one.id, CAMPAIGN, Step.MARKING, "english") for one in (school, other)]

    def post(told: dict[str, Tally], *places: Any) -> None:
        for key in places:
            hub.write(lambda session, now_ms: post_tallies(session, key, "английский", told, now_ms))

    post({"": Tally(left=4)}, *keys)
    post({"": Tally(left=2, thirds_left=1), "anna": Tally(done=2, thirds=1)}, keys[0])
    assert hub.read(list_tallies, REGION, CAMPAIGN) == [(school.id, 2, 2, 1)]
    found = hub.read(describe_marking, None, CAMPAIGN)
    assert found.whole == Tally(2, 6, 1, 1) and found.experts == [("anna", "английский", Tally(2, 0, 1, 0))]
    assert [one[0] for one in found.schools] == [other.id, school.id]
    now_ms = hub.clock.now_ms()
    hub.clock.advance(60_000)
    post({"": Tally(left=4)}, keys[0])
    assert hub.read(read_tallies, keys[0]) == {"": Tally(left=4)}
    assert hub.read(list_tallies, None, CAMPAIGN, now_ms + 30_000) == [(school.id, 0, 4, 0)]
