"""Files given as answers at the desk: seen by the expert who marks them, by nobody else, and only real files."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from task_bank.scoring import restore_responses, score_item
from testing_server.contracts.canonical import sha256_hex
from testing_server.foundation.clock import FakeClock
from testing_server.marking.gathering.actions import add_attempts, open_work
from testing_server.marking.gathering.rules import SortedAttempt, list_file_responses, sort_attempt
from testing_server.preparation.founding.actions import prepare_hub
from testing_server.roles import list_hub_mounts
from tests.builders import close_app, make_app, services_of
from tests.testing_server.marking.make_work import make_attempt, make_open_work
from tests.testing_server.preparation.make_hub import MOMENT_MS, Hub, make_school

PICTURE, PAGE = b"\x89PNG drawn", b"<script>alert(1)</script>"
DRAWN = f"{sha256_hex(PICTURE)} {len(PICTURE)} image/png answer.png"
WRITTEN = f"{sha256_hex(PAGE)} {len(PAGE)} text/html answer.html"


def sort_with_files(value: str, base_type: str = "file") -> tuple[object, SortedAttempt, object]:
    """An attempt whose third position asks for a file under the name TEXT."""
    work = make_open_work()
    prompt = {"item": {"html": "<p>Draw</p>", "interactions": [{"id": "TEXT", "kind": "drawing",
                                                                "base_type": base_type}]}, "guidance": ""}
    work = replace(work, book=replace(work.book, prompts={**work.book.prompts, "essay-01": prompt}))
    attempt = make_attempt(i3__r1=value)
    return attempt, sort_attempt(attempt, work.book, score_item, restore_responses), work


def content_of(value: str, base_type: str = "file") -> list[dict[str, str]]:
    _, found, _ = sort_with_files(value, base_type)
    return next(one.content["files"] for one in found.answers if one.item == "essay-01")


def test_a_reference_is_a_file_only_where_the_item_asks_for_one() -> None:
    assert content_of(DRAWN) == [{"sha256": sha256_hex(PICTURE), "type": "image/png"}]
    assert content_of(DRAWN, "string") == [], "a typed text that looks like a reference stays a text"
    assert content_of("just a text") == []
    assert list_file_responses({}) == frozenset()


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    app = make_app(tmp_path / "hub", list_hub_mounts(), clock=FakeClock(MOMENT_MS))
    yield Hub(app, services_of(app).clock, prepare_hub(services_of(app)))
    close_app(app)


@pytest.mark.parametrize(("value", "data", "is_picture"), [(DRAWN, PICTURE, True), (WRITTEN, PAGE, False)])
def test_the_expert_at_whose_desk_it_lies_opens_it(hub: Hub, value: str, data: bytes, is_picture: bool) -> None:
    attempt, found, work = sort_with_files(value)
    own = replace(work, school=make_school(hub).id)  # type: ignore[type-var]
    hub.write(lambda session, now_ms: open_work(session, now_ms, own))
    hub.write(lambda session, now_ms: add_attempts(session, now_ms, own, [(attempt, found)]))
    files = hub.offered.files
    upload = files.create()
    files.append(upload, data)
    sha256 = files.commit(upload)
    expert, other = hub.browser("expert-a", "expert"), hub.browser("expert-b", "expert")
    while expert.client.post("/v1/marking/next", json={}).status_code == 200:
        if (shown := expert.client.get(f"/marking/files/{sha256}")).status_code == 200:
            break
        answer = expert.client.post("/v1/marking/next", json={}).get_json()
        expert.client.post("/v1/marking/save", json={"assignment": answer["assignment"], "version": answer["version"],
                                                     "points": {one["id"]: 1 for one in answer["criteria"]}})
    assert shown.data == data and shown.headers["X-Content-Type-Options"] == "nosniff"
    assert (shown.mimetype == "image/png") == is_picture
    assert ("attachment" in shown.headers.get("Content-Disposition", "")) == (not is_picture)
    assert other.client.get(f"/marking/files/{sha256}").status_code == 404
    assert expert.client.get(f"/marking/files/{'0' * 64}").status_code == 404
