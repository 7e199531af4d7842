"""What people see of packages: the organizer the receipt, the coordinator what was kept aside and why."""
import pytest

from testing_server.exam_day.reception import pages
from testing_server.exam_day.reception.pages import REASONS, STATES
from testing_server.exam_day.reception.quarantine import REASONS as WORDS
from testing_server.contracts.states import PACKAGE
from tests.testing_server.exam_day.reception.make_package import Files
from tests.testing_server.exam_day.reception.make_reception import Reception
from tests.testing_server.preparation.make_hub import make_key, make_school


def spoil_events(files: Files) -> None:
    files[next(path for path in files if path.startswith("events/"))] = b"{}"


def test_an_organizer_reads_and_carries_the_receipt(reception: Reception) -> None:
    package = reception.package([reception.seat(code="54321")])
    reception.deliver(package)
    browser = reception.hub.browser("organizer", "school_organizer", school=reception.ours.school.id)
    assert package.package[:12] in browser.get("/school/packages").text
    page = browser.get(f"/school/packages/{package.package}/receipt").text
    assert "54321" in page and package.manifest.attempts[0].receipt[:5] in page
    carried = browser.get(f"/school/packages/{package.package}/receipt.json")
    assert carried.data == reception.ours.link.fetch_receipt(package.package).envelope  # type: ignore[union-attr]


def test_another_school_sees_no_receipt(reception: Reception) -> None:
    package = reception.package()
    reception.deliver(package)
    other = make_school(reception.hub, "sch330002").id
    browser = reception.hub.browser("stranger", "school_organizer", school=other)
    for ending in ("receipt", "receipt.json"):
        assert browser.get(f"/school/packages/{package.package}/{ending}").status_code == 404


def test_a_coordinator_sees_why_a_package_was_kept_aside(reception: Reception) -> None:
    reception.deliver(reception.package(corrupt=spoil_events))
    page = reception.hub.browser("coordinator", "coordinator").get("/coordinator/packages").text
    assert str(REASONS["digest_mismatch"]) in page and "events/" in page
    away = reception.hub.browser("other", "coordinator", territory="Камчатский край")
    assert "events/" not in away.get("/coordinator/packages").text


def test_a_package_is_checked_again_once_its_key_is_known(reception: Reception) -> None:
    hub, key = reception.hub, make_key()
    reception.deliver(reception.package(key=key))
    upload, = reception.uploads()
    assert upload.reason == "unknown_school_key"
    browser = hub.browser("coordinator", "coordinator")
    address = f"/coordinator/schools/{reception.ours.school.id}"
    made = browser.post(f"{address}/credentials", {"form": "file"}, page=address).get_json()
    hub.link().enrol(made["login"], made["code"], key)
    browser.post(f"/coordinator/packages/{upload.id}/verify", page="/coordinator/packages")
    reception.judge()
    assert [one.state for one in reception.uploads()] == ["accepted"] and len(reception.attempts()) == 1


def test_what_was_kept_aside_stands_before_what_came_later(reception: Reception,
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is as long as a page, however many packages came."""
    reception.deliver(reception.package(corrupt=spoil_events))
    reception.hub.clock.advance(60_000)
    reception.deliver(reception.package([reception.seat(code="54321")], sitting="another"))
    monkeypatch.setattr(pages, "SHOWN", 1)
    page = reception.hub.browser("coordinator", "coordinator").get("/coordinator/packages").text
    assert str(REASONS["digest_mismatch"]) in page and page.count("<tr>") == 2 and "Показаны первые 1" in page


def test_a_package_is_checked_again_by_its_own_name_too(reception: Reception) -> None:
    reception.deliver(reception.package(corrupt=spoil_events))
    upload, = reception.uploads()
    browser = reception.hub.browser("coordinator", "coordinator")
    answer = browser.post(f"/coordinator/packages/{upload.package}/verify", page="/coordinator/packages")
    assert answer.status_code == 302


def test_only_what_is_kept_aside_is_checked_again(reception: Reception) -> None:
    reception.deliver(reception.package())
    upload, = reception.uploads()
    browser = reception.hub.browser("coordinator", "coordinator")
    answer = browser.post(f"/coordinator/packages/{upload.id}/verify", page="/coordinator/packages")
    assert answer.status_code == 404


def test_every_state_and_reason_has_words() -> None:
    assert set(STATES) == set(PACKAGE)
    assert set(REASONS) == set(WORDS)
