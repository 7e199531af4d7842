"""Archives, day lists and codes go by their terms, when nothing needs them: on both sets, also after a kill."""
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from testing_server.exam_day.monitor.actions import take_reports
from testing_server.exam_day.monitor.rules import Report
from testing_server.exam_day.reception.queries import find_package
from testing_server.foundation.audit import read_audit, verify_audit
from testing_server.foundation.jobs import FakeJobs
from testing_server.outcomes.forms.records import ResultFormRecord
from testing_server.outcomes.forms.retention import register_keepers as register_forms
from testing_server.preparation.amendments.actions import move_to_day
from testing_server.preparation.codes.actions import issue_codes
from testing_server.preparation.codes.queries import CodeList, read_codes, read_electronic_protocol
from testing_server.preparation.enrolment.actions import make_enrolment_code
from testing_server.preparation.hub_answers import HubRefused
from testing_server.preparation.hub_link import Quarantined, Receipt
from testing_server.preparation.materials.queries import list_archives, read_locked_cipher
from testing_server.preparation.materials.records import ArchiveRecord, SealingRecord
from testing_server.preparation.materials.retention import remove_archive
from testing_server.preparation.release.actions import open_criteria, read_cipher_now
from testing_server.preparation.release.rules import ArchiveForgotten
from testing_server.preparation.retention.actions import hold_kind
from testing_server.preparation.retention.jobs import delete_data
from testing_server.preparation.retention.queries import find_deletion, weigh_kind
from testing_server.preparation.rosters.queries import find_day
from testing_server.preparation.rosters.records import ExamDayRecord
from testing_server.preparation.school_key import make_school_key
from tests.testing_server.exam_day.reception.make_reception import Reception
from tests.testing_server.preparation.make_hub import Hub
from tests.testing_server.stores.both.conftest import SETS
from tests.testing_server.stores.both.test_retention import PAGE, SPRING, let_days_pass, order

pytestmark = pytest.mark.parametrize("stores", SETS, indirect=True)
# the materials of make_reception: sealed on 20 November 2026 for that day
DAY, FOLDERS = "2026-11-20", ("archives", "criteria")
AFTER_ARCHIVES, AFTER_CODES = 620, 1400


@pytest.fixture
def spring(reception: Reception) -> Reception:
    """The school's materials, day and codes belong to a campaign with terms; its archives lie in their folders."""
    school, data = reception.ours.school.id, reception.hub.offered.settings.data

    def belong(session: Any, now_ms: int) -> None:
        for record in (ArchiveRecord, SealingRecord, ExamDayRecord):
            session.execute(update(record).values(campaign=SPRING))
        for row in session.query(ArchiveRecord):
            row.cipher_locked, row.key_age = b"locked", b"key"
        session.query(SealingRecord).update({"seed_locked": b"seed"})
    reception.hub.write(belong)
    reception.hub.write(issue_codes, campaign=SPRING, school=school, count=3, reserve=1)
    for archive in list_names(reception):
        for name in FOLDERS:
            (data / name / archive).mkdir(parents=True)
            (data / name / archive / "archive.age").write_bytes(b"tasks")
    return reception


def renew(reception: Reception) -> None:
    """Years later a school has another key."""
    hub, ours = reception.hub, reception.ours
    code = hub.write(make_enrolment_code, school=ours.school.id)
    ours.key = make_school_key(ours.school.name, datetime.fromtimestamp(hub.clock.now_ms() / 1000, UTC))
    ours.link = hub.link()
    ours.link.enrol(ours.school.login, code, ours.key)
    ours.link.open_session(ours.key)


def list_names(reception: Reception) -> list[str]:
    return [one.archive for one in reception.hub.read(list_archives, reception.ours.school.id)]


def list_folders(reception: Reception) -> list[Path]:
    return [path for name in FOLDERS for path in (reception.hub.offered.settings.data / name).iterdir()]


def count_kept(reception: Reception, kind: str) -> tuple[int, int]:
    """(things that would go, things that are here)."""
    now_ms = reception.hub.clock.now_ms()
    weighed = reception.hub.read(weigh_kind, SPRING, kind, None, now_ms, now_ms)
    return weighed.amount.things, weighed.whole.things


def delete(reception: Reception, kind: str) -> tuple[str, int]:
    """(state, things) of an order that the worker carried out."""
    deletion = order(reception, kind)
    reception.judge()
    done = reception.hub.read(find_deletion, deletion)
    return done.state, done.things


def list_verbs(reception: Reception) -> list[str]:
    chain = f"school:{reception.ours.school.id}"
    assert reception.hub.read(verify_audit, chain) is None
    return [line.verb for line in reception.hub.read(read_audit, chain)]


def test_files_ciphers_and_seeds_of_archives_go_and_what_they_were_stays(spring: Reception) -> None:
    hub, school = spring.hub, spring.ours.school.id
    let_days_pass(spring, AFTER_ARCHIVES)
    materials, criteria = sorted(hub.read(list_archives, school), key=lambda one: one.kind, reverse=True)
    assert delete(spring, "archives") == ("done", 2) and list_folders(spring) == []
    assert hub.read(read_locked_cipher, materials.archive).cipher_locked == b""
    assert hub.read(lambda session: session.query(SealingRecord).one().seed_locked) is None
    for act in (lambda: read_cipher_now(hub.offered, materials.archive, school),
                lambda: open_criteria(hub.offered, materials.archive),
                lambda: move_to_day(hub.offered, materials.archive, "2029-01-15", "перенос", "vera")):
        with pytest.raises(ArchiveForgotten):
            act()
    renew(spring)
    assert spring.ours.link.list_archives() == spring.ours.link.list_archives("criteria") == []
    answer = hub.browser("school", "school_organizer", school=school).get(
        f"/school/archives/{materials.archive}/archive.age")
    assert answer.status_code == 410 and "срок хранения прошёл" in answer.text
    # a package that comes years late is judged all the same: the archive is known
    late = spring.deliver(spring.package(campaign=SPRING))
    assert isinstance(late, Receipt | Quarantined) and getattr(late, "reason", "") != "foreign_archive"
    assert delete(spring, "archives") == ("done", 0) and list_verbs(spring).count("archives_deleted") == 1


@pytest.mark.parametrize("kind,verb,things", [
    ("archives", "archives_deleted", 2), ("rosters", "rosters_deleted", 1), ("codes", "codes_deleted", 7)])
def test_a_worker_killed_at_any_step_repeats_nothing(spring: Reception, kind: str, verb: str, things: int) -> None:
    let_days_pass(spring, AFTER_CODES)
    if kind == "codes":
        delete(spring, "rosters")
    deletion, jobs, report = order(spring, kind), spring.hub.offered.jobs, spring._report
    assert isinstance(jobs, FakeJobs)
    for step in (1, 2, 3, 3):
        left = step

        def die_later(path: str, body: dict[str, Any]) -> Any:
            nonlocal left
            answer, left = report(path, body), left - 1
            if not left:
                raise KeyboardInterrupt
            return answer
        spring._report = die_later  # type: ignore[method-assign]
        jobs.enqueue(delete_data, deletion=deletion)
        try:
            spring.judge()
        except KeyboardInterrupt:
            pass
    spring._report = report  # type: ignore[method-assign]
    jobs.enqueue(delete_data, deletion=deletion)
    spring.judge()
    done = spring.hub.read(find_deletion, deletion)
    assert (done.state, done.schools, done.things) == ("done", 1, things)
    assert list_verbs(spring).count(verb) == 1 and count_kept(spring, kind) == (0, 0)
    assert [line.details["things"] for line in spring.hub.read(read_audit, "hub")
            if line.verb == "data_deleted" and line.subject == f"{SPRING}:{kind}"] == [things]
    assert (kind == "archives") == (list_folders(spring) == [])


def change_all(hub: Hub, record: Any, **values: Any) -> None:
    hub.write(lambda session, now_ms: session.execute(update(record).values(**values)))


def report_sitting(hub: Hub, school: str, sitting: str, campaign: str = SPRING, **counts: int) -> None:
    told = Report(sitting=sitting, version=1, assessment="english-7", room="1", counts=counts, incidents=0,
                  server_at_ms=hub.clock.now_ms(), campaign=campaign)
    hub.write(take_reports, heard=[(school, told)])


def test_what_is_not_opened_or_not_packaged_refuses_by_name(spring: Reception) -> None:
    hub, school = spring.hub, spring.ours.school
    let_days_pass(spring, AFTER_ARCHIVES)
    federal, address = hub.browser("vera", "coordinator"), f"{PAGE}/{SPRING}/archives"
    for words, record, spoilt, whole in (
            ("час шифра или критериев", ArchiveRecord, {"opens_at_ms": hub.clock.now_ms() + 1}, {"opens_at_ms": 1}),
            ("материалы ещё собираются", SealingRecord, {"state": "running"}, {"state": "ready"})):
        change_all(hub, record, **spoilt)
        page = federal.get(PAGE).text
        assert words in page and school.name in page
        refused = federal.post(f"{address}/delete", {"confirmed": "yes"}, page=address)
        assert refused.status_code == 409 and words in refused.text, words
        change_all(hub, record, **whole)
    report_sitting(hub, school.id, "others", campaign="demo-2026", finished=2)
    report_sitting(hub, school.id, "empty", assigned=2, absent=1)
    assert count_kept(spring, "archives") == (2, 2), "another campaign, and a sitting of nobody"
    report_sitting(hub, school.id, "lost", finished=2)
    assert "сеанс проведён, а пакета нет" in federal.get(PAGE).text
    assert delete(spring, "archives") == ("done", 0) and len(list_folders(spring)) == 4


def test_a_sitting_that_was_packaged_holds_nothing_and_a_package_aside_does(spring: Reception) -> None:
    hub, school = spring.hub, spring.ours.school
    package = spring.package(campaign=SPRING)
    report_sitting(hub, school.id, package.manifest.sitting, finished=1)
    assert count_kept(spring, "archives") == (0, 2)
    assert isinstance(spring.deliver(package), Receipt)
    # all windows are over by then, nothing is unopened, and the package came
    let_days_pass(spring, AFTER_ARCHIVES)
    assert count_kept(spring, "archives") == (2, 2) and count_kept(spring, "rosters") == (1, 1)
    spoilt = spring.folder / "spoilt.age"
    spoilt.write_bytes(os.urandom(500))
    renew(spring)
    spring.ours.link.upload_package(spoilt, {"package": "x", "sitting": "y"})
    assert count_kept(spring, "archives") == (0, 2), "received and not judged"
    spring.judge()
    assert count_kept(spring, "archives") == (0, 2), "kept aside until a coordinator decides"


def keep_form(session: Any, now_ms: int, school: str) -> None:
    session.add(ResultFormRecord(
        campaign=SPRING, work="grade-4-math", school=school, version=1, content='{"rows": []}', rows=0,
        source="uploaded", protocol="", timing="timely", results_from="", by="x", at_ms=now_ms, is_newest=True))


def test_codes_go_last(spring: Reception) -> None:
    register_forms()
    hub, school = spring.hub, spring.ours.school.id
    package = spring.package(campaign=SPRING)
    spring.deliver(package)
    hub.write(keep_form, school=school)
    let_days_pass(spring, AFTER_CODES)
    for kind, words in (("rosters", "списки дня ещё хранятся"), ("recordings", ""),
                        ("packages", "пакеты этой кампании"), ("result_forms", "формы результатов этой кампании")):
        if words:
            page = hub.browser(f"for-{kind}", "coordinator").get(f"{PAGE}/{SPRING}/codes")
            assert words in page.text and "Удалять сейчас нечего" in page.text
        assert delete(spring, "codes") == ("done", 0) and len(hub.read(read_codes, SPRING, school).codes) == 3
        assert delete(spring, kind)[1] == 1
    assert delete(spring, "codes") == ("done", 7), "four codes, three logins"
    assert hub.read(read_codes, SPRING, school) == CodeList((), ())
    assert hub.read(read_electronic_protocol, SPRING, school, DAY) == []
    assert hub.read(find_package, package.package) is not None, "the receipt stays"
    person = hub.browser("school", "school_organizer", school=school)
    assert "удалено по сроку хранения" in person.get("/school/codes").text
    assert person.get(f"/school/codes/{DAY}/slips.pdf").status_code == 410
    assert {"codes_deleted", "rosters_deleted"} <= set(list_verbs(spring))


def test_a_day_list_goes_and_its_day_stays(spring: Reception) -> None:
    hub, school, link = spring.hub, spring.ours.school.id, spring.ours.link
    assert link.fetch_roster(DAY)
    let_days_pass(spring, AFTER_ARCHIVES)
    assert delete(spring, "rosters") == ("done", 1)
    day = hub.read(find_day, school, DAY)
    assert day.forgotten_at_ms is not None and day.version == 1 and day.closes_at_ms > day.opens_at_ms
    renew(spring)
    with pytest.raises(HubRefused) as refused:
        spring.ours.link.fetch_roster(DAY)
    assert refused.value.code == "day_forgotten"
    before = hub.read(read_electronic_protocol, SPRING, school, DAY)
    hub.write(issue_codes, campaign=SPRING, school=school, count=1)
    assert hub.read(read_electronic_protocol, SPRING, school, DAY) == before, "no login for a day that is over"


def test_a_hold_protects_these_kinds_too(spring: Reception) -> None:
    let_days_pass(spring, AFTER_CODES)
    for kind in ("archives", "rosters"):
        spring.hub.write(hold_kind, campaign=SPRING, kind=kind, territory=spring.ours.school.region, reason="суд",
                         until_ms=None, by="region")
        assert delete(spring, kind) == ("done", 0)
    assert len(list_folders(spring)) == 4
    assert spring.hub.read(find_day, spring.ours.school.id, DAY).forgotten_at_ms is None


def test_only_a_digest_names_folders_that_are_removed(tmp_path: Path, stores: dict[str, Any]) -> None:
    kept = tmp_path / "archives" / "own"
    kept.mkdir(parents=True)
    for name in ("own", "", ".", "..", "../archives/own", "f" * 64):
        remove_archive(tmp_path, name)
    assert kept.exists()
