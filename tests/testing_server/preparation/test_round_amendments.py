"""A work is withdrawn or moved at all schools of a territory at once; a worker that dies in between repeats nothing."""
from typing import Any

import pytest

from testing_server.foundation.audit import read_audit
from testing_server.foundation.jobs import FakeJobs, JobContext
from testing_server.preparation.amendments import rounds
from testing_server.preparation.materials.queries import list_archives, list_changed
from testing_server.preparation.registry.queries import School
from tests.testing_server.preparation.make_hub import Hub, make_school
from tests.testing_server.preparation.make_materials import DEMO, ENGLISH, seal

pytestmark = pytest.mark.usefixtures("quick_passwords")
DAY, LATER = "2026-11-20", "2026-12-03"
PAGE = "/coordinator/materials/change"
ROUND = {"campaign": DEMO, "package": str(ENGLISH), "day": DAY}
FAR = "Камчатский край"


@pytest.fixture
def schools(hub: Hub) -> list[School]:
    places = [{}, {}, {"region": FAR}]
    made = [make_school(hub, f"sch33000{number}", **place) for number, place in enumerate(places)]
    for one in made:
        seal(hub, one, DEMO, DAY, count=1, encrypted=False)
    return made


def run_jobs(hub: Hub, die_after: int = -1) -> None:
    headers, told = {"Authorization": f"Internal {hub.offered.internal_secret}"}, list[str]()

    def report(path: str, body: dict[str, Any]) -> Any:
        if len(told) == die_after:
            raise KeyboardInterrupt
        answer = hub.app.test_client().post(path, json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        told.append(answer.get_json()["result"])
        return answer.get_json()
    jobs = hub.offered.jobs
    assert isinstance(jobs, FakeJobs)
    jobs.run_all(JobContext(hub.offered.settings, hub.clock, hub.offered.files, report))


def read_days(hub: Hub, schools: list[School]) -> list[str]:
    return [one.day for school in schools for one in hub.read(list_archives, school.id, kind="materials")]


def test_a_work_is_moved_at_every_school_of_the_territory(hub: Hub, schools: list[School]) -> None:
    anna = hub.browser("anna", "coordinator", territory="Владимирская область")
    form = ROUND | {"verb": "move", "new_day": LATER, "reason": "Карантин", "confirmed": "yes"}
    assert "Школ, у которых эта работа действует: 2" in anna.get(PAGE, query_string=ROUND).text
    for wrong in ({"reason": " "}, {"new_day": "soon"}, {"confirmed": ""}):
        refused = anna.post(PAGE, form | wrong, page="/coordinator/materials")
        assert refused.status_code == 422 and not hub.offered.jobs.waiting  # type: ignore[attr-defined]
    assert anna.post(PAGE, form, page="/coordinator/materials").status_code == 302
    job = hub.offered.jobs.waiting[0]  # type: ignore[attr-defined]
    with pytest.raises(KeyboardInterrupt):
        run_jobs(hub, die_after=1)
    hub.offered.jobs.waiting.append(job)  # type: ignore[attr-defined]
    run_jobs(hub)
    assert read_days(hub, schools) == [LATER, LATER, DAY]
    for school in schools[:2]:
        verbs = [line.verb for line in hub.read(read_audit, f"school:{school.id}")]
        assert verbs.count("archive_moved") == 1 and {one.version for one in hub.read(list_changed, school.id)} == {2}


def test_a_work_is_withdrawn_at_once_and_one_refusal_holds_up_nobody(
        hub: Hub, schools: list[School], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "PORTION", 1)
    federal = hub.browser("federal", "coordinator")
    form = ROUND | {"verb": "withdraw", "reason": "Ошибка в задании", "confirmed": "yes"}
    federal.post(PAGE, form, page="/coordinator/materials")
    assert len(hub.offered.jobs.waiting) == 3  # type: ignore[attr-defined]
    rounds.apply_change(hub.offered, hub.read(list_archives, schools[0].id, kind="materials")[0].archive,
                        rounds.RoundChange("withdraw", "", "раньше других", "boris"))
    run_jobs(hub)
    assert read_days(hub, schools) == []
    assert "отозвано: 3" in federal.get("/coordinator/materials/list").text
    assert federal.get(PAGE, query_string=ROUND).status_code == 404, "nothing is left to change"


def test_rubbish_from_inside_is_refused(hub: Hub) -> None:
    headers = {"Authorization": f"Internal {hub.offered.internal_secret}"}
    good = {"verb": "withdraw", "day": "", "reason": "x", "by": "anna"}
    rubbish: list[Any] = [None, [], {}, good | {"verb": "open"}, good | {"more": 1}]
    for body in rubbish:
        answer = hub.app.test_client().post("/v1/internal/amendments/x", json=body, headers=headers)
        assert answer.status_code == 400
    answer = hub.app.test_client().post("/v1/internal/amendments/x", json=good, headers=headers)
    assert answer.get_json() == {"result": "archive_unknown"}
