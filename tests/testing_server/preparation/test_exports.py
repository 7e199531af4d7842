"""Big workbooks: ordered on a page, made by the worker, offered to the one who asked, gone after their days."""
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import delete, select

from testing_server.foundation.audit import read_audit
from testing_server.foundation.jobs import FakeJobs, JobContext
from testing_server.foundation.storage.reading import read_apart
from testing_server.preparation.exports import pages as export_pages
from testing_server.preparation.exports.jobs import make_export, mark_content
from testing_server.preparation.exports.kinds import UnknownExport, find_kind
from testing_server.preparation.exports.records import ExportRecord
from testing_server.preparation.exports.rules import KEPT_MS, MOST_AT_ONCE, SILENT_MS, WAITED_MS
from tests.builders import Browser, close_app
from tests.testing_server.preparation.make_hub import Hub, make_hub, make_school

REGION, PAGE = "Владимирская область", "/coordinator/exports"
LIST, BOARD = "/coordinator/schools/list.xlsx", "/coordinator/board.xlsx"
SPRING = "vpr-2027-spring"
CAMPAIGN = f"/coordinator/campaigns/{SPRING}"


class Killed(BaseException):
    """The worker is gone in the middle of its work."""


@dataclass
class Worker:
    """What waits in the queue, run here and now; `die_at`: the verb at which the worker is killed."""

    hub: Hub
    told: list[dict[str, Any]] = field(default_factory=list)

    @property
    def jobs(self) -> FakeJobs:
        assert isinstance(self.hub.offered.jobs, FakeJobs)
        return self.hub.offered.jobs

    def run(self, function: Any = make_export, die_at: str = "") -> None:
        """All jobs of that function; the others wait on."""
        mine = [one for one in self.jobs.waiting if one[0] is function]
        self.jobs.waiting = [one for one in self.jobs.waiting if one[0] is not function]
        for job, arguments in mine:
            try:
                job(self.make_context(die_at), **arguments)
            except Killed:
                self.jobs.waiting.append((job, arguments))
                raise

    def make_context(self, die_at: str) -> JobContext:
        offered = self.hub.offered
        headers = {"Authorization": f"Internal {offered.internal_secret}"}

        def report(path: str, body: dict[str, Any]) -> Any:
            if body["verb"] == die_at:
                raise Killed
            self.told.append(body)
            answer = self.hub.app.test_client().post(path, json=body, headers=headers)
            assert answer.status_code == 200, answer.text
            return answer.json
        return JobContext(offered.settings, self.hub.clock, offered.files, report)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    hub = make_hub(tmp_path_factory.mktemp("exports"))
    for number in range(1, 4):
        make_school(hub, f"sch33000{number}", name=f"Школа № {number}")
    make_school(hub, "sch410001", region="Камчатский край", municipality="Елизово")
    yield hub
    close_app(hub.app)


@pytest.fixture(scope="module")
def people(made: Hub) -> Callable[[str, str | None], Browser]:
    known: dict[str, Browser] = {}

    def find(login: str, territory: str | None = None) -> Browser:
        if login not in known:
            known[login] = made.browser(login, "coordinator", territory=territory)
        elif "/sign-in" in known[login].get(PAGE).headers.get("Location", ""):
            known[login].sign_in(login)
        return known[login]
    return find


@pytest.fixture
def worker(made: Hub, monkeypatch: pytest.MonkeyPatch) -> Worker:
    """Three schools are many here, and nothing waits."""
    monkeypatch.setattr(export_pages, "AT_ONCE", 2)
    made.offered.storage.write(lambda session: session.execute(delete(ExportRecord)))
    made.app.extensions["rates"].reset()
    found = Worker(made)
    found.jobs.waiting.clear()
    return found


@pytest.fixture
def regional(people: Any) -> Browser:
    found: Browser = people("regional", REGION)
    return found


def order(browser: Browser, kind: str = "schools", **arguments: str) -> str:
    answer = browser.post(PAGE, {"kind": kind, **arguments}, page=LIST)
    assert answer.status_code == 302, answer.text
    return str(answer.headers["Location"])


def read_book(browser: Browser, address: str) -> Any:
    answer = browser.get(address)
    assert answer.status_code == 200, answer.text
    return openpyxl.load_workbook(BytesIO(answer.data))


def list_digests(hub: Hub) -> set[str]:
    return {path.name for path in Path(hub.offered.settings.data).rglob("blobs/*/*")}


def test_a_small_territory_gets_its_workbook_at_once(worker: Worker, people: Any) -> None:
    book = read_book(people("kamchatka", "Камчатский край"), LIST)
    assert [row[0] for row in book["Школы"].iter_rows(min_row=2, values_only=True)] == ["sch410001"]
    assert worker.jobs.waiting == []


class SystemFile:
    """A file as a server sends it that leaves the sending to the system."""

    def __init__(self, file: Any, _size: int = 0) -> None:
        self._file = file

    def __iter__(self) -> Iterator[bytes]:
        yield os.read(self._file.fileno(), 10**7) if hasattr(self._file, "name") else self._file.read()


def test_a_server_that_sends_files_by_the_system_sends_the_workbook_alone(worker: Worker, regional: Browser) -> None:
    page = order(regional)
    worker.run()
    answer = regional.get(f"{page}/file", environ_overrides={"wsgi.file_wrapper": SystemFile})
    assert answer.data.startswith(b"PK") and len(answer.data) == answer.content_length


def test_a_large_one_is_made_by_the_worker_and_offered_to_the_one_who_asked(
        worker: Worker, regional: Browser, people: Any) -> None:
    assert "школ 3" in regional.get(LIST).text and worker.jobs.waiting == []
    page = order(regional)
    assert "в очереди" in regional.get(f"{page}/state").text
    assert regional.get(f"{page}/file").status_code == 409
    worker.run()
    assert "готов" in regional.get(page).text and page.rpartition("/")[2] in regional.get(PAGE).text
    rows = [row[0] for row in read_book(regional, f"{page}/file")["Школы"].iter_rows(min_row=2, values_only=True)]
    assert rows == ["sch330001", "sch330002", "sch330003"]
    answer = regional.get(f"{page}/file")
    assert "schools.xlsx" in answer.headers["Content-Disposition"]
    assert answer.content_length == len(answer.data) and answer.headers["Cache-Control"] == "no-store"
    for stranger in (people("beside", REGION), people("above", None)):
        assert {stranger.get(f"{page}{part}").status_code for part in ("", "/state", "/file")} == {404}
        assert page.rpartition("/")[2] not in stranger.get(PAGE).text


@pytest.mark.parametrize("kind, address, arguments", [
    ("schools", LIST, {}), ("numbers", "/coordinator/numbers/numbers.xlsx", {"campaign": SPRING}),
    ("applications", f"{CAMPAIGN}/applications.xlsx", {"campaign": SPRING}),
    ("schedules", f"{CAMPAIGN}/schedule.xlsx", {"campaign": SPRING}),
    ("trace", "/coordinator/credentials/trace.xlsx", {}),
    ("board", f"{BOARD}?campaign={SPRING}&find=3300", {"campaign": SPRING, "find": "3300"})])
def test_a_large_workbook_says_what_a_small_one_says(
        worker: Worker, people: Any, monkeypatch: pytest.MonkeyPatch, kind: str, address: str,
        arguments: dict[str, str]) -> None:
    federal = people("federal", None)
    page = order(federal, kind, **arguments)
    worker.run()
    monkeypatch.setattr(export_pages, "AT_ONCE", 500)
    small, large = read_book(federal, address), read_book(federal, f"{page}/file")
    assert read_cells(large) == read_cells(small) and len(read_cells(small)) > 1
    names = {federal.get(one).headers["Content-Disposition"] for one in (address, f"{page}/file")}
    assert len(names) == 1 and ".xlsx" in names.pop()


def read_cells(book: Any) -> list[Any]:
    return [row for sheet in book for row in ((sheet.title,), *sheet.iter_rows(values_only=True))]


def test_a_board_is_narrowed_by_its_filter(worker: Worker, people: Any) -> None:
    federal = people("federal", None)
    page = order(federal, "board", campaign="demo-2026", territory="Камчатский край")
    worker.run()
    board = read_book(federal, f"{page}/file")
    assert [row[2] for row in board["Школы"].iter_rows(min_row=2, values_only=True)] == ["sch410001"]
    assert len(list(board["Регионы"].iter_rows(min_row=2))) == 2


def test_the_language_is_that_of_the_person(worker: Worker, people: Any) -> None:
    foreigner = people("foreigner", None)
    foreigner.post("/language", {"language": "en"}, page=PAGE)
    page = order(foreigner, "board", campaign="demo-2026")
    worker.run()
    assert "Schools" in read_book(foreigner, f"{page}/file").sheetnames


def test_the_same_asked_twice_is_made_once(worker: Worker, regional: Browser, made: Hub) -> None:
    assert order(regional) == order(regional) != order(regional, "board", campaign="demo-2026")
    assert [job.__name__ for job, _ in worker.jobs.waiting].count("make_export") == 2
    worker.run()
    assert {one["state"] for one in read_states(made)} == {"ready"}


def read_states(hub: Hub) -> list[dict[str, Any]]:
    with hub.offered.storage.read() as session:
        return [vars(row) for row in session.scalars(select(ExportRecord))]


@pytest.mark.parametrize("verb", ["begin", "progress", "store", "end"])
def test_a_worker_that_is_killed_repeats_nothing_visible(worker: Worker, regional: Browser, made: Hub,
                                                         verb: str) -> None:
    before, page = list_digests(made), order(regional)
    with pytest.raises(Killed):
        worker.run(die_at=verb)
    assert regional.get(f"{page}/file").status_code == 409
    worker.run()
    assert len(list_digests(made) - before) == 1
    content = regional.get(f"{page}/file").data
    # killed once more, after all was told: nothing is made anew
    make_export(worker.make_context(""), export=page.rpartition("/")[2])
    assert regional.get(f"{page}/file").data == content


def test_progress_is_told_in_rows_and_never_goes_back(worker: Worker, regional: Browser,
                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("testing_server.preparation.exports.jobs.TELL_EVERY_S", 0)
    page = order(regional)
    with pytest.raises(Killed):
        worker.run(die_at="store")
    assert "Записано строк: 3 из 3" in regional.get(f"{page}/state").text
    with pytest.raises(Killed):
        worker.run(die_at="progress")
    assert "Записано строк: 3 из 3" in regional.get(f"{page}/state").text
    assert [one["done"] for one in worker.told if one["verb"] == "progress"] == [0, 1, 2, 3]


def test_what_cannot_be_made_says_why_and_is_asked_for_again(worker: Worker, regional: Browser) -> None:
    page = order(regional, "applications", campaign="nonsense")
    worker.run()
    assert "Такой кампании" in regional.get(page).text and "Сделать ещё раз" in regional.get(page).text
    assert regional.post(PAGE, {"kind": "nonsense"}, page=LIST).status_code == 404
    with pytest.raises(UnknownExport):
        find_kind("nonsense")


@pytest.mark.parametrize("begun, patience_ms", [(False, WAITED_MS), (True, SILENT_MS)])
def test_an_export_nobody_is_at_any_more_may_be_asked_for_again(worker: Worker, people: Any, made: Hub, begun: bool,
                                                                patience_ms: int) -> None:
    browser = people("regional", REGION)
    page = order(browser)
    if begun:
        with pytest.raises(Killed):
            worker.run(die_at="progress")
    made.clock.advance(patience_ms + 1)
    browser = people("regional", REGION)
    assert "не получился" in browser.get(page).text
    assert order(browser) != page


def test_one_person_does_not_fill_the_queue(worker: Worker, regional: Browser) -> None:
    for number in range(MOST_AT_ONCE):
        order(regional, "board", campaign="demo-2026", find=str(number))
    refused = regional.post(PAGE, {"kind": "schools"}, page=LIST)
    assert refused.status_code == 429 and "несколько файлов" in refused.text


def test_after_some_days_it_is_gone_and_takes_nothing_with_it(worker: Worker, people: Any, made: Hub) -> None:
    browser, before = people("regional", REGION), list_digests(made)
    page = order(browser)
    worker.run()
    sent_back = made.offered.files.add(browser.get(f"{page}/file").data)
    made.clock.advance(KEPT_MS)
    browser = people("regional", REGION)
    assert browser.get(f"{page}/file").status_code == 404 and page.rpartition("/")[2] not in browser.get(PAGE).text
    delete_export = next(job for job, _ in worker.jobs.waiting if job.__name__ == "delete_export")
    with pytest.raises(Killed):
        worker.run(delete_export, die_at="forget")
    worker.run(delete_export)
    # what was sent back by somebody is another file of the store
    assert list_digests(made) - before == {sent_back} and read_states(made) == []
    verbs = [line.verb for line in made.read(read_audit, "hub") if line.verb.startswith("export_")]
    assert verbs[-2:] == ["export_ordered", "export_deleted"]
    worker.run(delete_export)


@pytest.mark.parametrize("body", [None, [], {}, {"verb": "nonsense"}, {"verb": "progress", "done": "x", "whole": -1},
                                  {"verb": "end", "size_bytes": 2**60}])
def test_rubbish_from_a_worker_is_refused(worker: Worker, made: Hub, body: Any) -> None:
    headers = {"Authorization": f"Internal {made.offered.internal_secret}"}
    answer = made.app.test_client().post("/v1/internal/exports/nonsense", json=body, headers=headers)
    assert answer.status_code == 400


def test_the_worker_reads_the_database_and_cannot_write_it(made: Hub) -> None:
    with read_apart(made.offered.settings.storage_url) as session:
        session.add(ExportRecord(id="x", kind="x", arguments={}, owner="x", territory="", language="ru",
                                 state="waiting", asked_at_ms=0, changed_at_ms=0))
        with pytest.raises(Exception, match="readonly|read-only"):
            session.flush()
    assert mark_content("x") != mark_content("y")
