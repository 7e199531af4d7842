"""The hub takes certificates of the school that signed them, shows them to its coordinators, and to nobody else."""
from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from testing_server.contracts.rehearsals import Count, sign_rehearsal
from testing_server.foundation.progress import read_progress
from testing_server.foundation.progress.rules import read_line
from testing_server.preparation.hub_link import HubRefused
from tests.builders import close_app
from tests.testing_server.exam_day.rehearsals.make_rehearsal import make_rehearsal
from tests.testing_server.preparation.make_hub import EnrolledSchool, Hub, enrol, make_hub

LATER_MS = 400 * 24 * 3_600_000


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    made = make_hub(tmp_path / "hub")
    yield made
    close_app(made.app)


@pytest.fixture
def ours(hub: Hub) -> EnrolledSchool:
    return enrol(hub)


def send(ours: EnrolledSchool, **changes: Any) -> bytes:
    envelope = sign_rehearsal(make_rehearsal(**changes), ours.key.signing)
    ours.link.send_rehearsal(envelope)
    return envelope


def read_word(hub: Hub, ours: EnrolledSchool) -> str:
    return str({one.work: one.state for one in hub.read(read_progress, ours.school.id)}["rehearsal"])


def test_a_certificate_is_listed_for_its_school(hub: Hub, ours: EnrolledSchool) -> None:
    send(ours)
    send(ours)
    browser = hub.browser("coordinator", "coordinator")
    page = browser.get("/coordinator/rehearsals").text
    assert page.count("всё обещанное сохранено") == 1 and ours.school.name in page and "не пробовали" in page
    sheet = page.split('/coordinator/rehearsals/')[1].split('"')[0]
    assert browser.get(f"/coordinator/rehearsals/{sheet}").data.startswith(b"%PDF")
    assert read_word(hub, ours) == "ready"


def test_what_was_lost_stands_on_the_board_and_an_older_one_does_not_hide_it(hub: Hub, ours: EnrolledSchool) -> None:
    send(ours, counts=[Count(what="events", sent=9, kept=8, lost=1)], verdict="lost")
    send(ours, began_at_ms=1, ended_at_ms=2)
    assert read_word(hub, ours) == "stopped"
    told = hub.browser("coordinator", "coordinator").get("/v1/board").get_json()["schools"]
    assert {one["id"]: read_line(one["line"])["training"] for one in [dict(zip(told, row, strict=True)) for row in zip(
        *told.values(), strict=True)]} == {ours.school.id: "stopped"}


def test_only_the_schools_own_key_is_believed(hub: Hub, ours: EnrolledSchool) -> None:
    told = json.loads(sign_rehearsal(make_rehearsal(), ours.key.signing))
    told["payload"] = base64.b64encode(base64.b64decode(told["payload"]).replace(b'"seats":4', b'"seats":9')).decode()
    worse = [sign_rehearsal(make_rehearsal(), Ed25519PrivateKey.generate()), json.dumps(told).encode(), b"", b"{}",
             sign_rehearsal(make_rehearsal(verdict="lost"), ours.key.signing),
             sign_rehearsal(make_rehearsal(ended_at_ms=hub.clock.now_ms() + LATER_MS), ours.key.signing)]
    for envelope in worse:
        with pytest.raises(HubRefused) as refused:
            ours.link.send_rehearsal(envelope)
        assert refused.value.code == "bad_signature"
    assert "Здесь появятся" in hub.browser("coordinator", "coordinator").get("/coordinator/rehearsals").text


def test_a_coordinator_of_elsewhere_sees_nothing(hub: Hub, ours: EnrolledSchool) -> None:
    send(ours)
    page = hub.browser("coordinator", "coordinator").get("/coordinator/rehearsals").text
    sheet = page.split('/coordinator/rehearsals/')[1].split('"')[0]
    elsewhere = hub.browser("other", "coordinator", territory="Камчатский край")
    assert ours.school.name not in elsewhere.get("/coordinator/rehearsals").text
    assert elsewhere.get(f"/coordinator/rehearsals/{sheet}").status_code == 404
    assert hub.browser("organizer", "school_organizer", school=ours.school.id).get(
        "/coordinator/rehearsals").status_code == 403
