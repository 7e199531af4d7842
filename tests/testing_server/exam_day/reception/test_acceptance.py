"""A whole package is accepted once, answered with one receipt, and marking finds everything in it."""
from testing_server.contracts.canonical import sha256_hex
from testing_server.exam_day.reception.queries import accepted_attempts, find_attempt, list_packages
from testing_server.foundation.audit import read_audit, verify_audit
from testing_server.foundation.progress import read_progress
from testing_server.exam_day.reception.rules import ASK_AGAIN_MS
from testing_server.preparation.hub_link import Pending, Quarantined, Receipt
from tests.testing_server.exam_day.reception.make_reception import Reception


def test_a_package_is_answered_with_a_signed_receipt(reception: Reception) -> None:
    package = reception.package()
    receipt = reception.deliver(package)
    assert isinstance(receipt, Receipt)
    assert receipt.payload["package_id"] == package.package
    assert receipt.payload["ciphertext_sha256"] == package.sha256
    assert receipt.payload["attempts"][0]["receipt"] == package.manifest.attempts[0].receipt
    assert receipt.payload["purge_not_before_ms"] - receipt.payload["received_at_ms"] == 30 * 24 * 3_600_000


def test_marking_finds_answers_and_sound(reception: Reception) -> None:
    seat = reception.seat(code="54321")
    reception.deliver(reception.package([seat]))
    attempt, = reception.attempts()
    assert (attempt.code, attempt.variant, attempt.state, attempt.archive) == (
        "54321", "48213", "finished", reception.archive)
    assert attempt.responses == {"i1/r1": "c3", "i2/r1": ["c1", "c2"]}
    recording, = attempt.recordings
    assert (recording.item, recording.seconds, recording.verdict, recording.counted) == ("i3", 1, "heard", True)
    stored = reception.hub.offered.files.open(recording.flac_sha256).read()
    assert sha256_hex(stored) == recording.flac_sha256 and stored.startswith(b"fLaC")
    assert reception.hub.offered.files.open(attempt.events_sha256).read().splitlines() == seat.lines


def test_until_it_is_judged_the_receipt_is_pending(reception: Reception) -> None:
    named = reception.send(reception.package())
    assert reception.ours.link.fetch_receipt(named) == Pending("received")


def test_the_same_package_twice_is_one_package(reception: Reception) -> None:
    package = reception.package()
    first, second = reception.deliver(package), reception.deliver(package, "again.age")
    assert isinstance(first, Receipt) and isinstance(second, Receipt)
    assert first.envelope == second.envelope
    assert len(reception.attempts()) == 1 and len(reception.hub.read(list_packages)) == 1


def test_the_same_package_encrypted_anew_gets_the_same_receipt(reception: Reception) -> None:
    seat, made_at_ms = reception.seat(), reception.hub.clock.now_ms()
    first, second = (reception.package([seat], made_at_ms=made_at_ms) for _ in range(2))
    assert first.ciphertext != second.ciphertext and first.package == second.package
    receipts = [reception.deliver(first), reception.deliver(second, "again.age")]
    assert isinstance(receipts[0], Receipt) and receipts[0] == receipts[1]


def test_a_repeated_job_records_nothing_twice(reception: Reception) -> None:
    reception.send(reception.package())
    jobs = reception.hub.offered.jobs
    jobs.waiting *= 2  # type: ignore[attr-defined]
    reception.judge()
    assert len(reception.attempts()) == 1 and reception.uploads()[0].state == "accepted"


def test_a_later_package_of_the_sitting_takes_the_place_of_the_first(reception: Reception) -> None:
    seat = reception.seat()
    first = reception.package([seat])
    reception.deliver(first)
    seat.happen("focus_lost")
    later = reception.package([seat], sequence=2, previous=first.package)
    assert isinstance(reception.deliver(later, "later.age"), Receipt)
    assert [one.package for one in reception.attempts()] == [later.package]
    assert {one.sequence: one.state for one in reception.hub.read(list_packages)} == {1: "superseded", 2: "accepted"}
    assert isinstance(reception.deliver(first, "first-again.age"), Receipt)


def test_a_package_that_lost_accepted_events_is_kept_aside(reception: Reception) -> None:
    seat = reception.seat()
    reception.deliver(reception.package([seat]))
    shorter = reception.seat(attempt=seat.attempt)
    shorter.lines.pop()
    verdict = reception.deliver(reception.package([shorter], sequence=2), "shorter.age")
    assert verdict == Quarantined("diverged")


def test_answers_outside_the_window_are_kept_but_not_counted(reception: Reception) -> None:
    late = reception.seat()
    late.at_ms += 48 * 3_600_000
    late.answer("i9", "r1", "too late")
    reception.deliver(reception.package([late]))
    assert "i9/r1" not in reception.attempts()[0].responses


def test_queries_choose_by_school_campaign_and_assessment(reception: Reception) -> None:
    seat = reception.seat()
    reception.deliver(reception.package([seat]))
    read = reception.hub.read
    assert len(read(accepted_attempts, campaign="demo-2026", assessment="english-7",
                    school=reception.ours.school.id)) == 1
    assert read(accepted_attempts, campaign="other") == []
    assert read(accepted_attempts, school="other") == read(accepted_attempts, assessment="other") == []
    assert read(find_attempt, seat.attempt) == reception.attempts()[0]
    assert read(find_attempt, "nobody") is None


def test_every_step_is_audited_and_shown_as_progress(reception: Reception) -> None:
    reception.deliver(reception.package())
    school = reception.ours.school.id
    verbs = [line.verb for line in reception.hub.read(read_audit, f"school:{school}")]
    assert verbs[-3:] == ["upload_begun", "upload_received", "package_accepted"]
    assert reception.hub.read(verify_audit, f"school:{school}") is None
    steps = {(one.step, one.work): one.state for one in reception.hub.read(read_progress, school)}
    assert steps["packages", "11111111-2222-3333-4444-555555555555"] == "ready"


def test_an_upload_left_by_a_dead_process_is_judged_when_asked_for(reception: Reception) -> None:
    named = reception.send(reception.package())
    jobs = reception.hub.offered.jobs
    jobs.waiting.clear()  # type: ignore[attr-defined]
    assert reception.ours.link.fetch_receipt(named) == Pending("received")
    assert jobs.waiting == []  # type: ignore[attr-defined]
    reception.hub.clock.advance(ASK_AGAIN_MS)
    assert reception.ours.link.fetch_receipt(named) == Pending("received")
    assert reception.ours.link.fetch_receipt(named) == Pending("received")
    assert len(jobs.waiting) == 1  # type: ignore[attr-defined]
    reception.judge()
    assert isinstance(reception.ours.link.fetch_receipt(named), Receipt)
