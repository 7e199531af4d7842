"""Data goes when its term has passed and a coordinator says so: on both sets, file by file, also after a kill."""
import json
from typing import Any

import pytest

from testing_server.exam_day.reception.queries import find_package, list_packages
from testing_server.exam_day.reception.retention import is_judging, weigh_packages, weigh_recordings
from testing_server.foundation.audit import read_audit, verify_audit
from testing_server.foundation.jobs import FakeJobs
from testing_server.foundation.storage.refusals import Busy
from testing_server.outcomes.forms.records import ResultFormRecord
from testing_server.outcomes.forms.retention import register_keepers
from testing_server.preparation.campaigns.queries import SHIPPED, find_campaign
from testing_server.preparation.hub_link import Receipt
from testing_server.preparation.retention.actions import forget_school, hold_kind, order_deletion, release_files
from testing_server.preparation.retention.automatic import order_automatic
from testing_server.preparation.retention.jobs import delete_data
from testing_server.preparation.retention.queries import find_deletion, list_deletions
from testing_server.preparation.retention.rules import NotDue
from testing_server.preparation.sheets.actions import Author, keep_sheet
from testing_server.preparation.sheets.queries import read_history
from tests.builders import Browser
from tests.testing_server.exam_day.reception.make_reception import Reception
from tests.testing_server.stores.both.conftest import SETS

pytestmark = pytest.mark.parametrize("stores", SETS, indirect=True)
SPRING, DAY_MS = "vpr-2027-spring", 86_400_000
# results of 2027 are shown late in June; recordings are kept 90 days from then, packages a year
AFTER_SOUND, AFTER_PACKAGES = 330, 620
PAGE = "/coordinator/retention"


def fill(reception: Reception) -> list[str]:
    """An accepted package of the spring campaign with sound; the digests of its files."""
    reception.deliver(reception.package(campaign=SPRING))
    attempt, = reception.attempts()
    upload, = reception.uploads()
    return [attempt.recordings[0].flac_sha256, upload.content, attempt.events_sha256, attempt.results_sha256]


def let_days_pass(reception: Reception, days: int) -> None:
    reception.hub.clock.advance(days * DAY_MS)


def order(reception: Reception, kind: str, by: str = "vera") -> str:
    campaign = find_campaign(reception.hub.offered.settings.data, SPRING)
    deletion: str = reception.hub.write(order_deletion, campaign=campaign, kind=kind, territory=None, by=by)
    reception.hub.offered.jobs.enqueue(delete_data, deletion=deletion)
    return deletion


def have(reception: Reception, digests: list[str]) -> list[bool]:
    return [reception.hub.offered.files.has(one) for one in digests]


def test_sound_goes_with_the_sealed_file_and_answers_stay(reception: Reception) -> None:
    digests = fill(reception)
    let_days_pass(reception, AFTER_SOUND)
    deletion = order(reception, "recordings")
    reception.judge()
    assert have(reception, digests) == [False, False, True, True]
    attempt, = reception.attempts()
    assert attempt.recordings == () and attempt.responses
    done = reception.hub.read(find_deletion, deletion)
    assert (done.state, done.schools, done.things) == ("done", 1, 1)
    chain = f"school:{reception.ours.school.id}"
    assert "recordings_deleted" in [line.verb for line in reception.hub.read(read_audit, chain)]
    assert reception.hub.read(verify_audit, chain) is None


def test_a_package_leaves_its_receipt_and_sent_again_gets_the_same(reception: Reception) -> None:
    package = reception.package(campaign=SPRING)
    first = reception.deliver(package)
    files = {entry.sha256 for entry in package.manifest.entries} | {package.sha256}
    reception.send(package, "again.age")
    late = reception.hub.offered.jobs.waiting.pop()  # type: ignore[attr-defined]
    let_days_pass(reception, AFTER_PACKAGES)
    for kind in ("recordings", "packages"):
        order(reception, kind)
    reception.judge()
    assert not any(have(reception, sorted(files))) and reception.attempts() == []
    assert reception.hub.read(list_packages)[0].manifest == {"attempts": []}
    reception.hub.offered.jobs.waiting.append(late)  # type: ignore[attr-defined]
    reception.judge()
    kept = reception.hub.read(find_package, package.package)
    assert isinstance(first, Receipt) and kept.receipt == first.envelope and reception.attempts() == []
    assert {one.state for one in reception.uploads()} == {"accepted"}
    assert set(reception.hub.write(lambda session, now_ms: release_files(session, now_ms))) == files


def test_a_worker_killed_at_any_step_is_followed_by_one_that_ends_it(reception: Reception) -> None:
    digests = fill(reception)
    let_days_pass(reception, AFTER_SOUND)
    deletion, jobs, report = order(reception, "recordings"), reception.hub.offered.jobs, reception._report
    assert isinstance(jobs, FakeJobs)
    # after the list, after the rows, after it was told which files may go (twice), after it said they are gone
    for step in (1, 2, 2, 3):
        left = step

        def die_later(path: str, body: dict[str, Any]) -> Any:
            nonlocal left
            answer = report(path, body)
            left -= 1
            if not left:
                raise KeyboardInterrupt
            return answer

        reception._report = die_later  # type: ignore[method-assign]
        jobs.enqueue(delete_data, deletion=deletion)
        with pytest.raises(KeyboardInterrupt):
            reception.judge()
    reception._report = report  # type: ignore[method-assign]
    jobs.enqueue(delete_data, deletion=deletion)
    reception.judge()
    done = reception.hub.read(find_deletion, deletion)
    assert (done.state, done.things) == ("done", 1) and have(reception, digests) == [False, False, True, True]
    verbs = [line.verb for line in reception.hub.read(read_audit, "hub")]
    assert verbs.count("data_deleted") == verbs.count("deletion_ordered") == 1


def test_a_file_that_another_package_needs_stays(reception: Reception) -> None:
    seat, others = reception.seat(), "99999999-2222-3333-4444-555555555555"
    reception.deliver(reception.package([seat], campaign=SPRING))
    reception.deliver(reception.package([seat], sitting=others), "other.age")
    sound = seat.recordings[0].flac_sha256
    let_days_pass(reception, AFTER_SOUND)
    order(reception, "recordings")
    reception.judge()
    assert have(reception, [sound]) == [True]
    assert reception.hub.read(weigh_recordings, SPRING, reception.hub.clock.now_ms()) == {}


def test_nothing_is_removed_while_a_package_is_verified_and_none_is_verified_meanwhile(reception: Reception) -> None:
    fill(reception)
    let_days_pass(reception, AFTER_SOUND)
    deletion, school = order(reception, "recordings"), reception.ours.school.id
    reception.hub.offered.jobs.waiting.clear()  # type: ignore[attr-defined]
    reception.hub.write(lambda session, now_ms: forget_school(session, now_ms, deletion, school))
    reception.ours.link.open_session(reception.ours.key)
    reception.send(reception.package(sitting="99999999-2222-3333-4444-555555555555"), "next.age")
    path = f"/v1/internal/uploads/{reception.uploads()[0].id}/verdict"
    reception._report(path, {"verdict": "verifying"})
    assert reception.hub.read(is_judging, reception.hub.clock.now_ms())
    with pytest.raises(Busy):
        reception.hub.write(lambda session, now_ms: release_files(session, now_ms))
    reception.judge()
    assert not reception.hub.read(is_judging, reception.hub.clock.now_ms())
    assert reception.hub.write(lambda session, now_ms: release_files(session, now_ms))
    answer = reception.hub.app.test_client().post(
        path, json={"verdict": "verifying"},
        headers={"Authorization": f"Internal {reception.hub.offered.internal_secret}"})
    assert answer.status_code == 503


def test_before_its_day_and_under_a_hold_nothing_goes(reception: Reception) -> None:
    digests = fill(reception)
    with pytest.raises(NotDue):
        order(reception, "recordings")
    let_days_pass(reception, AFTER_SOUND)
    school = reception.ours.school
    reception.hub.write(hold_kind, campaign=SPRING, kind="recordings", territory=school.region, reason="суд",
                        until_ms=None, by="region")
    order(reception, "recordings")
    reception.judge()
    assert all(have(reception, digests))
    assert [one.things for one in reception.hub.read(list_deletions, None)] == [0]


def test_applications_go_school_by_school(reception: Reception) -> None:
    school = reception.ours.school.id
    for content in ({"a": 1}, {"a": 2}):
        reception.hub.write(keep_sheet, campaign=SPRING, kind="application", school=school, content=content,
                            author=Author("school", "school"))
    reception.hub.write(keep_sheet, campaign=SPRING, kind="questionnaire:survey", school=school, content={"b": 1},
                        author=Author("school", "school"))
    let_days_pass(reception, 1400)
    order(reception, "applications")
    reception.judge()
    assert reception.hub.read(read_history, SPRING, "application", school) == []
    assert len(reception.hub.read(read_history, SPRING, "questionnaire:survey", school)) == 1


def keep_form(session: Any, now_ms: int, school: str, version: int) -> None:
    session.add(ResultFormRecord(
        campaign=SPRING, work="grade-4-math", school=school, version=version, content='{"rows": []}', rows=0,
        source="uploaded", protocol="", timing="timely", results_from="", by="x", at_ms=now_ms, is_newest=version == 2))


def test_result_forms_go_with_all_their_versions(reception: Reception) -> None:
    register_keepers()
    school = reception.ours.school.id
    for version in (1, 2):
        reception.hub.write(keep_form, school=school, version=version)
    let_days_pass(reception, 1400)
    deletion = order(reception, "result_forms")
    reception.judge()
    done = reception.hub.read(find_deletion, deletion)
    assert (done.state, done.schools, done.things) == ("done", 1, 2)
    assert reception.hub.read(lambda session: session.query(ResultFormRecord).count()) == 0
    assert reception.hub.read(verify_audit, f"school:{school}") is None


def test_a_coordinator_sees_decides_and_holds(reception: Reception) -> None:
    fill(reception)
    hub, region = reception.hub, reception.ours.school.region
    let_days_pass(reception, AFTER_SOUND)
    regional, municipal = (hub.browser(login, "coordinator", territory=where) for login, where in (
        ("region", region), ("town", f"{region}/{reception.ours.school.municipality}")))
    elsewhere: Browser = hub.browser("far", "coordinator", territory="Другой край")
    address = f"{PAGE}/{SPRING}/recordings"
    assert "Удалить…" in regional.get(PAGE).text and "Удалить…" not in municipal.get(PAGE).text
    assert municipal.get(address).status_code == 403
    assert "<b>0</b>" in elsewhere.get(address).text and "<b>1</b>" in regional.get(address).text
    unconfirmed = regional.post(f"{address}/delete", page=address)
    assert unconfirmed.status_code == 422 and "нельзя отменить" in unconfirmed.text
    for form, words in (({"reason": " "}, "Не сказано"), ({"reason": "суд", "until": "2020-01-01"}, "уже прошёл"),
                        ({"reason": "суд", "until": "31.12.2099"}, "написан неверно")):
        refused = regional.post(f"{address}/hold", form, page=PAGE)
        assert refused.status_code == 422 and words in refused.text
    assert regional.post(f"{address}/hold", {"reason": "жалоба"}, page=PAGE).status_code == 302
    assert "жалоба" in municipal.get(PAGE).text and "жалоба" not in elsewhere.get(PAGE).text
    held = regional.get(PAGE).text
    lifting = held.split("/holds/")[1].split("/lift")[0]
    assert elsewhere.post(f"{PAGE}/holds/{lifting}/lift", page=PAGE).status_code == 404
    assert regional.post(f"{PAGE}/holds/{lifting}/lift", page=PAGE).status_code == 302
    assert regional.post(f"{address}/delete", {"confirmed": "yes"}, page=address).status_code == 302
    reception.judge()
    assert "удалено" in regional.get(PAGE).text and hub.read(weigh_recordings, SPRING, hub.clock.now_ms()) == {}
    assert hub.read(weigh_packages, SPRING, hub.clock.now_ms())
    assert regional.get(f"{PAGE}/{SPRING}/audit").status_code == 409
    assert regional.get(f"{PAGE}/{SPRING}/rubbish").status_code == 404


def test_only_what_the_campaign_calls_automatic_goes_by_itself(reception: Reception) -> None:
    digests, offered = fill(reception), reception.hub.offered
    let_days_pass(reception, AFTER_SOUND)
    assert order_automatic(offered) == []
    shipped = json.loads((SHIPPED / f"{SPRING}.json").read_text("utf-8"))
    shipped["retention"]["recordings"]["automatic"] = True
    own = offered.settings.data / "campaigns" / f"{SPRING}.json"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(json.dumps(shipped), "utf-8")
    ordered = order_automatic(offered)
    assert len(ordered) == 1 and order_automatic(offered) == ordered
    reception.judge()
    assert have(reception, digests) == [False, False, True, True]
    assert order_automatic(offered) == []
