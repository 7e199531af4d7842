"""One work for all schools: each gets its own, a crash in the middle goes on, nobody is sealed twice."""
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace as replace_shape
from werkzeug.serving import make_server

from testing_server.foundation.audit import read_audit
from testing_server.foundation.jobs import FakeJobs, JobContext
from testing_server.foundation.jobs.queue import make_jobs
from testing_server.foundation.settings import as_environment
from testing_server.foundation.supervision import find_free_port
from testing_server.preparation.campaigns.queries import find_campaign
from testing_server.preparation.materials import ordering
from testing_server.preparation.materials.actions import CountedNeedsCipher, plan_sealing, seal_materials
from testing_server.preparation.materials.ordering import Ordered, Wanted, order_for_schools
from testing_server.preparation.materials.pace import MaterialsLate, measure_pace
from testing_server.preparation.materials.queries import list_archives, list_sealings
from testing_server.preparation.materials.records import ArchiveRecord
from testing_server.preparation.materials.rounds import Round, list_rounds
from testing_server.preparation.registry.queries import School, list_schools
from tests.builders import close_app
from tests.testing_server.preparation.make_hub import Hub, make_hub, make_school
from tests.testing_server.preparation.make_materials import COUNTED, DAY, DEMO, ENGLISH, pretend_sealed


pytestmark = pytest.mark.usefixtures("quick_passwords")


@pytest.fixture
def schools(hub: Hub) -> list[School]:
    return [make_school(hub, f"sch33000{number}") for number in range(3)]


def want(hub: Hub, campaign: str = COUNTED, package: Path = ENGLISH, **changes: Any) -> Wanted:
    return Wanted(find_campaign(hub.offered.settings.data, campaign), package, 1, DAY, **changes)


def run_jobs(hub: Hub, die_at: int = -1) -> None:
    """The worker's turn; it dies when the core is told of the `die_at`-th finished school."""
    headers = {"Authorization": f"Internal {hub.offered.internal_secret}"}
    told: list[str] = []

    def report(path: str, body: dict[str, Any]) -> Any:
        if "pair" in body:
            told.append(path)
            if len(told) == die_at:
                raise KeyboardInterrupt
        answer = hub.app.test_client().post(path, json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json

    jobs = hub.offered.jobs
    assert isinstance(jobs, FakeJobs)
    jobs.run_all(JobContext(hub.offered.settings, hub.clock, hub.offered.files, report))


def read_round(hub: Hub) -> Round:
    found: list[Round] = hub.read(list_rounds, None, hub.clock.now_ms())
    return found[0]


def folders(hub: Hub) -> set[str]:
    return {path.name for path in (hub.offered.settings.data / "archives").iterdir()}


def test_a_worker_killed_in_the_middle_goes_on_with_the_schools_that_are_left(hub: Hub, schools: list[School]) -> None:
    assert order_for_schools(hub.offered, schools, want(hub), "anna") == Ordered(3, 0, 0)
    jobs = hub.offered.jobs
    assert isinstance(jobs, FakeJobs) and len(jobs.waiting) == 1
    noted = jobs.waiting[0]
    with pytest.raises(KeyboardInterrupt):
        run_jobs(hub, die_at=2)
    before = {one.archive for school in schools for one in hub.read(list_archives, school.id)}
    made = {name for name in folders(hub) if not name.startswith(".")}
    assert len(before) == 2 and len(made) == 4, "two schools are sealed, one of them is known"
    jobs.waiting.append(noted)
    run_jobs(hub)
    after = {one.archive for school in schools for one in hub.read(list_archives, school.id)}
    assert before < after and made < after and after == folders(hub) and len(after) == 6
    round_ = read_round(hub)
    assert (round_.counts, round_.schools, round_.day) == ({"ready": 3}, 3, DAY)


def test_pressing_again_orders_only_what_is_missing(hub: Hub, schools: list[School], tmp_path: Path) -> None:
    pretend_sealed(hub, schools[0], COUNTED, DAY)
    pretend_sealed(hub, schools[1], DEMO, DAY)
    assert order_for_schools(hub.offered, schools, want(hub), "anna") == Ordered(1, 1, 1)
    assert order_for_schools(hub.offered, schools, want(hub), "anna") == Ordered(0, 2, 1)

    def withdraw(session: Any, now_ms: int) -> None:
        for row in session.query(ArchiveRecord).filter(ArchiveRecord.school == schools[0].id):
            row.state = "withdrawn"
    hub.write(withdraw)
    assert order_for_schools(hub.offered, schools, want(hub), "anna") == Ordered(1, 1, 1)


def test_a_stopped_school_says_why_and_is_ordered_again(hub: Hub, schools: list[School], tmp_path: Path) -> None:
    order_for_schools(hub.offered, schools, want(hub, package=tmp_path), "anna")
    run_jobs(hub)
    round_ = read_round(hub)
    assert round_.counts == {"stopped": 3} and "imsmanifest" in round_.reasons[0]
    hub.clock.advance(1000)
    assert order_for_schools(hub.offered, schools, want(hub, package=tmp_path), "anna").ordered == 3
    assert read_round(hub).counts == {"waiting": 3}, "of each school its newest order"
    assert hub.read(list_rounds, "Камчатский край", hub.clock.now_ms()) == []


def test_one_school_that_fails_holds_up_no_other(hub: Hub, schools: list[School],
                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def seal(context: JobContext, plan: dict[str, Any]) -> None:
        if plan["school"] == schools[0].id:
            raise RuntimeError("the core refused")
        done.append(plan["school"])
    monkeypatch.setattr("testing_server.preparation.materials.jobs.seal_for_school", seal)
    order_for_schools(hub.offered, schools, want(hub), "anna")
    with pytest.raises(RuntimeError):
        run_jobs(hub)
    assert done == [school.id for school in schools[1:]]


def test_schools_are_queued_in_portions(hub: Hub, schools: list[School], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordering, "AT_ONCE", 2)
    order_for_schools(hub.offered, schools, want(hub), "anna")
    jobs = hub.offered.jobs
    assert isinstance(jobs, FakeJobs) and [len(one["plans"]) for _job, one in jobs.waiting] == [2, 1]


def test_a_coordinator_orders_for_the_own_territory(hub: Hub, schools: list[School]) -> None:
    make_school(hub, "sch410001", region="Камчатский край", municipality="Елизово")
    person = hub.browser("coordinator", "coordinator", territory="Владимирская область")
    form = {"package": ENGLISH.name, "campaign": COUNTED, "day": DAY, "count": "1"}
    assert "Школ: 3" in person.get("/coordinator/materials").text
    for wrong in ({"count": "x"}, {"count": "0"}, {"day": "soon"}, {"unencrypted": "yes"}, {"campaign": "none"}):
        assert person.post("/coordinator/materials", form | wrong, page="/coordinator/materials").status_code >= 400
    person.post("/coordinator/materials", form, page="/coordinator/materials")
    shown = person.get("/coordinator/materials").text
    assert "Поставлено в очередь школ: 3" in shown and "0 из 3 школ" in shown
    assert len(hub.read(list_schools)) == 4
    stranger = hub.browser("stranger", "school_organizer", school=schools[0].id)
    assert stranger.get("/coordinator/materials/list").status_code == 403


def test_the_page_says_how_fast_it_goes_and_when_it_will_be_done(hub: Hub, schools: list[School]) -> None:
    assert measure_pace(0, None, 0, 5) is None
    pace = measure_pace(20, 0, 600_000, 40)
    assert pace is not None and (pace.shown, pace.done_ms) == ("2", 1_800_000)
    order_for_schools(hub.offered, schools, want(hub), "anna")
    person = hub.browser("coordinator", "coordinator")
    assert read_round(hub).pace is None and "в очереди: 3" in person.get("/coordinator/materials/list").text
    pretend_sealed(hub, make_school(hub, "sch330009"), COUNTED, DAY)
    hub.clock.advance(60_000)
    shown = read_round(hub).pace
    assert shown is not None and (shown.shown, shown.done_ms) == ("1", hub.clock.now_ms() + 180_000)
    assert "за минуту готово школ: 1" in person.get("/coordinator/materials/list").text


def test_archives_that_would_come_late_are_refused_in_words(hub: Hub, schools: list[School]) -> None:
    """vpr-2027-spring: three days before the period, which begins on 5 April."""
    hub.clock.advance(int(datetime(2027, 4, 2, 20, 59, tzinfo=UTC).timestamp() * 1000) - hub.clock.now_ms())
    assert order_for_schools(hub.offered, schools[:1], want(hub), "anna").ordered == 1
    hub.clock.advance(60_000)
    with pytest.raises(MaterialsLate):
        order_for_schools(hub.offered, schools, want(hub), "anna")
    person = hub.browser("coordinator", "coordinator")
    form = {"package": ENGLISH.name, "campaign": COUNTED, "day": DAY, "count": "1"}
    refused = person.post("/coordinator/materials", form, page="/coordinator/materials")
    assert refused.status_code == 409 and 'name="late_reason"' in refused.text and "03.04.2027" in refused.text
    blank = person.post("/coordinator/materials", form | {"late_reason": "  "}, page="/coordinator/materials")
    assert blank.status_code == 409 and read_round(hub).counts == {"waiting": 1}
    person.post("/coordinator/materials", form | {"late_reason": "сменили банк"}, page="/coordinator/materials")
    assert (read_round(hub).counts, read_round(hub).late) == ({"waiting": 3}, 2)
    assert "заказано с опозданием: 2" in person.get("/coordinator/materials/list").text
    line = hub.read(read_audit, "hub")[-1]
    assert (line.verb, line.details["reason"]) == ("materials_ordered_late", "сменили банк")


def test_one_school_is_ordered_late_only_with_a_reason_and_the_school_reads_it(hub: Hub, schools: list[School]) -> None:
    """The rule is the campaign's and the school's own clock's, whoever orders and for however many."""
    ours, address = schools[0], f"/coordinator/schools/{schools[0].id}"
    hub.clock.advance(int(datetime(2027, 4, 2, 21, 0, tzinfo=UTC).timestamp() * 1000) - hub.clock.now_ms())
    person = hub.browser("coordinator", "coordinator")
    form = {"package": ENGLISH.name, "campaign": COUNTED, "day": DAY, "count": "1"}
    refused = person.post(f"{address}/materials", form, page=address)
    assert refused.status_code == 409 and 'name="late_reason"' in refused.text
    assert hub.read(list_sealings, ours.id) == []
    person.post(f"{address}/materials", form | {"late_reason": " новая\nшкола "}, page=address)
    order, = hub.read(list_sealings, ours.id)
    assert order.late_reason == "новая школа" and "новая школа" in person.get(f"{address}/sealings").text
    line = [one for one in hub.read(read_audit, f"school:{ours.id}") if one.verb == "sealing_ordered"][-1]
    assert line.details["late"] == "новая школа"
    with pytest.raises(MaterialsLate):
        seal_materials(hub.offered, schools[1].id, COUNTED, ENGLISH, 1, DAY)
    run_jobs(hub)
    sealed = [one for one in hub.read(read_audit, f"school:{ours.id}") if one.verb == "materials_sealed"]
    assert sealed[0].details["due_ms"] == hub.clock.now_ms()
    organizer = hub.browser("organizer", "school_organizer", school=ours.id)
    assert "новая школа" in organizer.get("/school").text


def test_one_school_is_asked_about_a_day_outside_the_period_too(hub: Hub, schools: list[School]) -> None:
    address = f"/coordinator/schools/{schools[0].id}"
    person = hub.browser("coordinator", "coordinator")
    form = {"package": ENGLISH.name, "campaign": COUNTED, "day": "2027-08-01", "count": "1"}
    refused = person.post(f"{address}/materials", form, page=address)
    assert refused.status_code == 409 and 'name="outside"' in refused.text
    assert person.post(f"{address}/materials", form | {"outside": "yes"}, page=address).status_code == 302


def test_a_day_outside_the_works_period_is_asked_about(hub: Hub, schools: list[School]) -> None:
    page = "/coordinator/materials"
    browser = hub.browser("coordinator", "coordinator")
    form = {"package": ENGLISH.name, "campaign": COUNTED, "day": "2027-08-01", "count": "1"}
    refused = browser.post(page, form, page=page)
    assert refused.status_code == 409 and 'name="outside"' in refused.text and "2027-08-01" in refused.text
    assert browser.post(page, {**form, "outside": "yes"}, page=page).status_code == 302


def test_a_work_without_a_cipher_by_its_campaign_gets_none(hub: Hub, schools: list[School]) -> None:
    campaign = find_campaign(hub.offered.settings.data, COUNTED)
    plain = replace_shape(campaign.contents.works[-1], assessments=(ENGLISH.name,))
    changed = replace(campaign, contents=replace_shape(campaign.contents, works=(plain,)))
    assert plain.materials is not None and not plain.materials.encrypted
    plan = plan_sealing(schools[0], changed, ENGLISH, 1, DAY, hub.clock.now_ms())
    assert (plan.encrypted, plan.criteria_opens_at_ms) == (False, hub.clock.now_ms())
    with pytest.raises(CountedNeedsCipher):
        plan_sealing(schools[0], campaign, ENGLISH, 1, DAY, hub.clock.now_ms(), encrypted=False)


def test_a_killed_worker_process_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    """Real processes: the queue's file, a worker that is killed in the middle, the next worker."""
    port = find_free_port()
    hub = make_hub(tmp_path, console_port=port)
    hub.offered.jobs = make_jobs(hub.offered.settings)
    server = make_server("127.0.0.1", port, hub.app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        schools = [make_school(hub, f"sch33000{number}") for number in range(4)]
        order_for_schools(hub.offered, schools, want(hub), "anna")
        first = start_worker(hub)
        wait_until(lambda: read_round(hub).counts.get("ready", 0) >= 1)
        first.kill()
        first.wait()
        before = {one.archive for school in schools for one in hub.read(list_archives, school.id)}
        assert 2 <= len(before) < 8, "it was killed in the middle"
        second = start_worker(hub)
        wait_until(lambda: read_round(hub).counts == {"ready": 4})
        second.terminate()
        second.wait()
    finally:
        server.shutdown()
        server.server_close()
    after = {one.archive for school in schools for one in hub.read(list_archives, school.id)}
    assert before < after and len(after) == 8 and hub.read(count_sealed) == 8
    assert {name for name in folders(hub) if not name.startswith(".")} >= after
    close_app(hub.app)


WORKER = """
import os
from pathlib import Path
import testing_server.preparation.materials.jobs
from testing_server.foundation.clock import SystemClock
from testing_server.foundation.jobs.worker import run_worker
from testing_server.foundation.settings import load_settings
run_worker(load_settings("hub", os.environ), SystemClock(), threads=1)
"""


def start_worker(hub: Hub) -> "subprocess.Popen[bytes]":
    """The worker of a hub as a process of its own."""
    return subprocess.Popen([sys.executable, "-c", WORKER],
                            env={**os.environ, **as_environment(hub.offered.settings)})


def wait_until(is_so: Callable[[], bool], seconds: int = 120) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def count_sealed(session: Any) -> int:
    return session.query(ArchiveRecord).count()
