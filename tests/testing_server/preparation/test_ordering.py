"""One work for all schools: each gets its own, a crash in the middle goes on, nobody is sealed twice."""
from pathlib import Path
from typing import Any

import pytest

from testing_server.foundation.jobs import FakeJobs, JobContext
from testing_server.preparation.campaigns.queries import find_campaign
from testing_server.preparation.materials import ordering
from testing_server.preparation.materials.ordering import Ordered, Wanted, order_for_schools
from testing_server.preparation.materials.queries import list_archives, list_rounds
from testing_server.preparation.materials.records import ArchiveRecord
from testing_server.preparation.registry.queries import School, list_schools
from tests.testing_server.preparation.make_hub import Hub, make_school
from tests.testing_server.preparation.make_materials import COUNTED, DAY, DEMO, ENGLISH, pretend_sealed


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
    round_, = hub.read(list_rounds, {school.id for school in schools})
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
    round_, = hub.read(list_rounds, {school.id for school in schools})
    assert round_.counts == {"stopped": 3} and "imsmanifest" in round_.reasons[0]
    hub.clock.advance(1000)
    assert order_for_schools(hub.offered, schools, want(hub, package=tmp_path), "anna").ordered == 3
    round_, = hub.read(list_rounds, {school.id for school in schools[:1]})
    assert round_.counts == {"waiting": 1}


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
