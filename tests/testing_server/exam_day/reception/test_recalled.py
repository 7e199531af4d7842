"""Work on withdrawn materials, or on a day it had been moved from, waits for a coordinator's word."""
import json
from typing import Any

import pytest

from testing_server.foundation.audit import read_audit
from testing_server.preparation.hub_link import Quarantined, Receipt
from testing_server.preparation.materials.records import ArchiveRecord
from testing_server.preparation.rosters.records import ExamDayRecord
from tests.testing_server.exam_day.reception.make_reception import Reception

DAY_MS = 24 * 3_600_000
WHY = "участники успели до отзыва"


def recall(reception: Reception, **columns: Any) -> None:
    """The archive's row as an amendment leaves it."""
    def act(session: Any, now_ms: int) -> None:
        row = session.get_one(ArchiveRecord, reception.archive)
        row.version, row.changed_at_ms = row.version + 1, now_ms
        for name, value in columns.items():
            setattr(row, name, value)
    reception.hub.write(act)


def move(reception: Reception, day: str) -> None:
    """To another day, a week later."""
    def plan(session: Any, now_ms: int) -> None:
        session.add(ExamDayRecord(school=reception.ours.school.id, day=day, campaign="demo-2026",
                                  opens_at_ms=now_ms + 7 * DAY_MS, closes_at_ms=now_ms + 8 * DAY_MS))
    reception.hub.write(plan)
    recall(reception, day=day, earlier_days=json.dumps(["2026-11-20"]), reason="карантин")


def release(reception: Reception, reason: str = WHY, role: str = "coordinator", **details: Any) -> Any:
    upload = reception.uploads()[0]
    person = reception.hub.browser(f"person-{len(reason)}", role, **details)
    return person.post(f"/coordinator/packages/{upload.id}/release", {"reason": reason}, page="/")


def test_work_on_withdrawn_materials_is_kept_aside_and_released_with_a_reason(reception: Reception) -> None:
    recall(reception, state="withdrawn", reason="утечка")
    package = reception.package()
    assert reception.deliver(package) == Quarantined("withdrawn_or_redated")
    assert reception.attempts() == []
    release(reception)
    reception.judge()
    upload, = reception.uploads()
    assert (upload.state, upload.pardon) == ("accepted", WHY)
    assert isinstance(reception.ours.link.fetch_receipt(package.package), Receipt)
    line = next(one for one in reception.hub.read(read_audit, f"school:{reception.ours.school.id}")
                if one.verb == "package_released")
    assert (line.subject, line.details) == (upload.id, {"reason": WHY})


def test_work_done_on_the_day_it_was_moved_from(reception: Reception) -> None:
    move(reception, "2026-11-27")
    package = reception.package()
    assert reception.deliver(package) == Quarantined("withdrawn_or_redated")
    release(reception)
    reception.judge()
    attempt, = reception.attempts()
    assert attempt.responses == {"i1/r1": "c3", "i2/r1": ["c1", "c2"]}, "what was answered that day counts"


def test_work_done_on_the_new_day_is_accepted_at_once(reception: Reception) -> None:
    move(reception, "2026-11-27")
    reception.hub.clock.advance(7 * DAY_MS + DAY_MS // 2)
    reception.ours.link.open_session(reception.ours.key)
    assert isinstance(reception.deliver(reception.package()), Receipt)
    assert reception.attempts()[0].responses["i1/r1"] == "c3"


def test_a_package_of_an_archive_with_a_new_cipher_is_accepted(reception: Reception) -> None:
    recall(reception, reason="шифр увидели", key_age=b"key")
    assert isinstance(reception.deliver(reception.package()), Receipt)


def test_a_release_needs_a_reason_and_its_own_coordinator(reception: Reception) -> None:
    recall(reception, state="withdrawn")
    reception.deliver(reception.package())
    assert release(reception, " ").status_code == 422
    assert release(reception, WHY + "!", territory="Камчатский край").status_code == 404
    assert release(reception, WHY + "!!", role="school_organizer").status_code == 403
    assert reception.uploads()[0].pardon == ""


def test_a_damaged_package_is_nobodys_to_release(reception: Reception) -> None:
    reception.deliver(reception.package(archive="0" * 64))
    assert reception.uploads()[0].reason == "foreign_archive"
    assert release(reception).status_code == 409
    page = reception.hub.browser("coordinator", "coordinator").get("/coordinator/packages").text
    assert "Почему принять" not in page


@pytest.mark.parametrize("spoil,reason", [({"made_at_ms": 0}, "expired_key")])
def test_a_word_forgives_nothing_else(reception: Reception, spoil: dict[str, Any], reason: str) -> None:
    recall(reception, state="withdrawn")
    reception.deliver(reception.package())
    release(reception)
    reception.judge()
    assert reception.deliver(reception.package(**spoil), "second.age") == Quarantined(reason)
