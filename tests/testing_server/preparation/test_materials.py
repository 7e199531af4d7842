"""Materials: sealed for one school, signed, fetched over a line that is cut; the roster tells of them."""
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
import pytest

from testing_server.contracts.canonical import sha256_hex
from testing_server.foundation.jobs import JobContext
from testing_server.foundation.progress import read_progress
from testing_server.preparation.campaigns.queries import find_campaign
from testing_server.preparation.codes.actions import issue_codes
from testing_server.preparation.hub_download import download_file
from testing_server.preparation.hub_link import AnswerNotTrusted, FileDamaged, HubRefused
from testing_server.preparation.materials.actions import BadCount, BadDay, order_sealing, plan_sealing
from testing_server.preparation.materials.jobs import seal_for_school
from testing_server.preparation.materials import sealing
from testing_server.preparation.materials.queries import list_archives, read_sealing
from testing_server.preparation.materials.records import ArchiveRecord
from testing_server.preparation.materials.sealing import SealingPlan
from testing_server.preparation.registry.queries import School
from testing_server.preparation.rosters.actions import DayTaken
from tests.testing_server.preparation.make_hub import Hub, enrol, make_school
from tests.testing_server.preparation.make_materials import COUNTED, DAY, DEMO, ENGLISH, seal


def test_an_archive_arrives_whole_and_signed(hub: Hub, tmp_path: Path) -> None:
    ours = enrol(hub)
    pair = seal(hub, ours.school)
    listed = ours.link.list_archives()
    assert [(one["archive"], one["kind"], one["day"]) for one in listed] == [(pair.materials.archive, "materials", DAY)]
    said = ours.link.fetch_archive(pair.materials.archive, tmp_path)
    assert said["school"] == ours.school.id and len(said["variants"]) == 2 and said["needs"]["interactions"]
    assert sha256_hex((tmp_path / "archive.age").read_bytes()) == pair.materials.archive
    assert sha256_hex((tmp_path / "key.age").read_bytes()) == said["key"]


def test_a_cut_download_goes_on(hub: Hub, tmp_path: Path) -> None:
    ours = enrol(hub)
    pair = seal(hub, ours.school)
    whole = (hub.offered.settings.data / "archives" / pair.materials.archive / "archive.age").read_bytes()
    (tmp_path / "archive.age.part").write_bytes(whole[:1000])
    seen: list[tuple[int, int]] = []
    ours.link.fetch_archive(pair.materials.archive, tmp_path, lambda done, of: seen.append((done, of)))
    assert (tmp_path / "archive.age").read_bytes() == whole
    assert seen[0][0] > 1000 and seen[-1] == (len(whole), len(whole))


def test_a_damaged_download_is_thrown_away(hub: Hub, tmp_path: Path) -> None:
    ours = enrol(hub)
    pair = seal(hub, ours.school)
    (tmp_path / "archive.age.part").write_bytes(b"something else")
    with pytest.raises(FileDamaged):
        ours.link.fetch_archive(pair.materials.archive, tmp_path)
    ours.link.fetch_archive(pair.materials.archive, tmp_path)
    assert sha256_hex((tmp_path / "archive.age").read_bytes()) == pair.materials.archive


def test_a_file_that_is_here_is_not_fetched_again(tmp_path: Path) -> None:
    (tmp_path / "archive.age").write_bytes(b"here")
    http = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(500)))
    download_file(http, "http://localhost/x", {}, tmp_path / "archive.age", sha256_hex(b"here"))
    assert (tmp_path / "archive.age").read_bytes() == b"here"


def test_a_statement_of_another_hub_is_not_believed(hub: Hub, tmp_path: Path) -> None:
    ours = enrol(hub)
    pair = seal(hub, ours.school)

    def spoil(session: Any, now_ms: int) -> None:
        row = session.get_one(ArchiveRecord, pair.materials.archive)
        row.statement = row.statement.replace(b'"sig":"', b'"sig":"A')
    hub.write(spoil)
    with pytest.raises(AnswerNotTrusted):
        ours.link.fetch_archive(pair.materials.archive, tmp_path)


def test_the_roster_tells_codes_logins_and_works(hub: Hub) -> None:
    ours = enrol(hub, zone="Europe/Kaliningrad")
    codes = hub.write(issue_codes, campaign=COUNTED, school=ours.school.id, count=4, reserve=2)
    pair = seal(hub, ours.school)
    said = ours.link.fetch_roster(DAY).payload
    assert [one["code"] for one in said["entries"]] == list(codes.codes)
    assert said["reserve"] == list(codes.reserve)
    assert [one["archive"] for one in said["works"]] == [pair.materials.archive]
    work = said["works"][0]
    # by these a school marks on its own server, where the campaign lets it
    assert (work["criteria"], work["work"], said["school_login"]) == (
        pair.criteria.archive, "grade-7-english", "sch330001")
    assert (work["marking"]["rounds"], work["marking"]["own_school"], work["marking"]["by"]) == (2, False, "regional")
    assert (said["zone"], said["campaign"]["max_pace"], said["version"]) == ("Europe/Kaliningrad", 1, 1)


def test_a_roster_gets_a_new_version_only_when_it_changed(hub: Hub) -> None:
    ours = enrol(hub)
    seal(hub, ours.school)
    first = ours.link.fetch_roster(DAY)
    assert ours.link.fetch_roster(DAY).envelope == first.envelope
    hub.write(issue_codes, campaign=COUNTED, school=ours.school.id, count=1)
    assert ours.link.fetch_roster(DAY).payload["version"] == 2


def test_a_roster_of_another_school_or_day_is_refused(hub: Hub) -> None:
    ours, theirs = enrol(hub), make_school(hub, "sch330002")
    seal(hub, ours.school)
    headers = {"Authorization": f"Bearer {ours.link._token}"}
    assert hub.app.test_client().get(f"/v1/rosters/{theirs.id}/{DAY}", headers=headers).status_code == 404
    with pytest.raises(HubRefused) as refused:
        ours.link.fetch_roster("2027-04-15")
    assert refused.value.code == "nothing_planned"


def test_two_campaigns_do_not_share_a_day(hub: Hub) -> None:
    school = make_school(hub)
    seal(hub, school, COUNTED)
    with pytest.raises(DayTaken):
        seal(hub, school, DEMO)


@pytest.mark.parametrize("count,day,reason", [(0, DAY, BadCount), (1001, DAY, BadCount), (1, "14.04.2027", BadDay)])
def test_a_plan_that_cannot_be_is_refused(hub: Hub, count: int, day: str, reason: type[Exception]) -> None:
    with pytest.raises(reason):
        seal(hub, make_school(hub), count=count, day=day)


def order(hub: Hub, school: School, package: Path = ENGLISH) -> SealingPlan:
    campaign = find_campaign(hub.offered.settings.data, COUNTED)
    plan = plan_sealing(school, campaign, package, 2, DAY, hub.clock.now_ms())
    hub.write(order_sealing, plan=plan)
    return plan


def run_job(hub: Hub, plan: SealingPlan) -> None:
    """The worker's part, telling the core over its loopback address."""
    client, secret = hub.app.test_client(), hub.offered.internal_secret

    def report(path: str, body: dict[str, Any]) -> Any:
        answer = client.post(path, json=body, headers={"Authorization": f"Internal {secret}"})
        assert answer.status_code == 200, answer.text
        return answer.json

    seal_for_school(JobContext(hub.offered.settings, hub.clock, hub.offered.files, report), plan=asdict(plan))


def test_the_worker_seals_and_may_do_it_twice(hub: Hub) -> None:
    ours = enrol(hub)
    plan = order(hub, ours.school)
    run_job(hub, plan)
    first = ours.link.list_archives()
    run_job(hub, plan)
    assert ours.link.list_archives() == first and len(first) == 1
    found = hub.read(read_sealing, plan.sealing)
    assert found is not None and (found.state, found.done) == ("ready", 2)
    assert ("materials", "english-7") in {(one.step, one.work) for one in hub.read(read_progress, ours.school.id)}


def test_a_worker_killed_after_sealing_hands_over_the_same_archives(hub: Hub) -> None:
    ours = enrol(hub)
    plan = order(hub, ours.school)

    def die(path: str, body: dict[str, Any]) -> Any:
        if "pair" in body:
            raise KeyboardInterrupt
    context = JobContext(hub.offered.settings, hub.clock, hub.offered.files, die)
    with pytest.raises(KeyboardInterrupt):
        seal_for_school(context, plan=asdict(plan))
    archives = hub.offered.settings.data / "archives"
    made = {path.name for path in archives.iterdir()}
    run_job(hub, plan)
    assert {path.name for path in archives.iterdir()} == made - {f".{plan.sealing}"} and len(made) == 3
    assert {one.archive for one in hub.read(list_archives, ours.school.id)} < made


def test_a_worker_killed_in_the_middle_leaves_nothing_of_a_half(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = enrol(hub)
    plan = order(hub, ours.school)

    def die(package: Any, gathered: Any) -> Any:
        raise KeyboardInterrupt
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(sealing, "build_criteria_entries", die)
        run_job(hub, plan)
    run_job(hub, plan)
    archives = hub.offered.settings.data / "archives"
    assert {path.name for path in archives.iterdir()} == {
        one.archive for one in hub.read(list_archives, ours.school.id)}


def test_a_full_disk_stops_a_sealing_with_its_reason(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = order(hub, make_school(hub))

    def refuse(*details: Any) -> Any:
        raise OSError(28, "No space left on device")
    with monkeypatch.context() as patched:
        patched.setattr(sealing, "seal_archive", refuse)
        run_job(hub, plan)
    found = hub.read(read_sealing, plan.sealing)
    assert found is not None and found.state == "stopped" and found.reason.endswith("No space left on device")


def test_a_broken_package_stops_a_sealing_with_its_reason(hub: Hub, tmp_path: Path) -> None:
    plan = order(hub, make_school(hub), tmp_path)
    run_job(hub, plan)
    found = hub.read(read_sealing, plan.sealing)
    assert found is not None and found.state == "stopped" and "imsmanifest" in found.reason


def test_only_our_own_processes_tell_of_sealings(hub: Hub) -> None:
    plan = order(hub, make_school(hub))
    answer = hub.app.test_client().post(f"/v1/internal/sealings/{plan.sealing}", json={"state": "ready", "done": 1})
    assert answer.status_code == 401
