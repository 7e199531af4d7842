"""Hearings too many are found by the server itself, noted once and shown."""
from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from testing_server.contracts.events import Event
from testing_server.exam_day.console.snapshot import take_snapshot
from testing_server.exam_day.responses import hearings
from testing_server.exam_day.responses.hearings import Allowed, find_extra_hearings
from testing_server.exam_day.sittings.records import IncidentRecord
from tests.testing_server.exam_day.builders import Classroom

ALLOWED = {"i2": Allowed(2, 2), "i3": Allowed(3, 0)}
TWICE = [("started", 1), ("progress", 1, 9_000), ("ended", 1), ("started", 2), ("progress", 2, 9_000), ("ended", 2)]


def make_events(*told: tuple[Any, ...], lease: int = 1, item: str = "i2") -> list[Event]:
    """(kind, hearing, position) in order, or (kind, hearing)."""
    events = []
    for number, (kind, play, *position) in enumerate(told, start=1):
        body = {"item": item, "play": play} | ({"position_ms": position[0]} if position else {})
        events.append(Event(attempt="a", lease=lease, number=number, kind=f"play_{kind}", at_ms=number, err_ms=0,
                            mono_ms=number, boot_id="b", body=body, prev=""))
    return events


@pytest.mark.parametrize("told", [
    TWICE,
    [("started", 1), ("progress", 1, 5_000), ("started", 1), ("progress", 1, 4_000), ("ended", 1)],
    [("started", 1), ("started", 1), ("progress", 1, 1_000)],
], ids=["all that is allowed", "broken off and resumed", "begun twice before a sound"])
def test_what_is_allowed_is_nothing_to_speak_of(told: list[tuple[Any, ...]]) -> None:
    assert find_extra_hearings(make_events(*told), ALLOWED) == []


@pytest.mark.parametrize(("told", "found"), [
    ([*TWICE, ("started", 3)], ("i2", 3)),
    ([*TWICE, ("started", 2)], ("i2", 2)),
    ([("started", 1), ("progress", 1, 9_000), ("started", 1), ("progress", 1, 1_000)], ("i2", 1)),
], ids=["one too many", "again after its end", "from the beginning again"])
def test_a_hearing_too_many_is_found(told: list[tuple[Any, ...]], found: tuple[str, int]) -> None:
    assert find_extra_hearings(make_events(*told), ALLOWED) == [found]


def test_an_item_without_listening_allows_none() -> None:
    assert find_extra_hearings(make_events(("started", 1), item="i3"), ALLOWED) == [("i3", 1)]


def test_an_item_nobody_knows_is_not_judged_by_its_number() -> None:
    assert find_extra_hearings(make_events(("started", 1), item="i9"), {}) == []


def test_what_the_old_seat_heard_and_told_late_counts_against_the_new_one() -> None:
    old = make_events(*TWICE[:3], lease=1)
    new = make_events(("started", 1), ("progress", 1, 1_000), lease=2)
    assert find_extra_hearings(new, ALLOWED) == []
    assert find_extra_hearings([*new, *old], ALLOWED) == [("i2", 1)]


def test_a_hearing_resumed_at_the_new_seat_is_none_too_many() -> None:
    old = make_events(("started", 1), ("progress", 1, 6_000), lease=1)
    new = make_events(("started", 1), ("progress", 1, 5_000), ("ended", 1), ("started", 2), ("ended", 2), lease=2)
    assert find_extra_hearings([*new, *old], ALLOWED) == []


def test_the_organizer_sees_it_once(open_room: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearings, "read_allowed", lambda *_place: ALLOWED)
    kiosk = open_room.seat(0)
    open_room.start(kiosk)
    for kind, play, *position in TWICE:
        kiosk.write(f"play_{kind}", item="i2", play=play, **({"position_ms": position[0]} if position else {}))
    assert kiosk.send().status == 200
    assert look(open_room) == ([], "")
    kiosk.write("play_started", item="i2", play=3)
    for _ in range(2):
        assert kiosk.send().status == 200
    texts, trouble = look(open_room)
    assert texts == ["Задание 2: прослушивание 3 лишнее или начато заново, разрешено 2."]
    assert trouble == "extra_hearing"


def look(room: Classroom) -> tuple[list[str], str]:
    """The incidents of hearings, and the trouble shown of the only candidate who works."""
    with room.services.storage.read() as session:
        texts = list(session.scalars(select(IncidentRecord.text).where(IncidentRecord.kind == "extra_hearing")))
        seats = take_snapshot(session, room.room, room.sitting).seats
    return texts, next(seat.trouble for seat in seats if seat.state == "started")


def test_the_variant_says_what_is_allowed(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    open_room.start(kiosk)
    kiosk.write("play_started", item="i1", play=1)
    assert kiosk.send().status == 200
    assert look(open_room)[0] == ["Задание 1: прослушивание 1 лишнее или начато заново, разрешено 0."]
