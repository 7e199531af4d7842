"""A page that follows hears only of seats that changed; one that is new, or comes after a restart, hears of all."""
from dataclasses import replace
from typing import Any

import pytest

from testing_server.exam_day.console.live_feed import LiveFeed
from testing_server.exam_day.console.snapshot import Snapshot, take_snapshot
from tests.testing_server.exam_day.builders import Classroom


@pytest.fixture
def snapshot(open_room: Classroom) -> Snapshot:
    with open_room.services.storage.read() as session:
        return take_snapshot(session, open_room.room, open_room.sitting)


def change(snapshot: Snapshot, place: int, **changes: Any) -> Snapshot:
    seats = list(snapshot.seats)
    seats[place] = replace(seats[place], **changes)
    return replace(snapshot, seats=seats)


def test_only_what_changed_is_told_again(snapshot: Snapshot) -> None:
    feed = LiveFeed()
    first, told, order = feed.sort_out(snapshot, "ru", "")
    assert told == snapshot.seats and order == [seat.attempt for seat in snapshot.seats]
    assert feed.sort_out(change(snapshot, 0, left_s=5, level=-300), "ru", first) == (first, [], None)
    changed = change(snapshot, 2, answered=1)
    second, told, order = feed.sort_out(changed, "ru", first)
    assert told == [changed.seats[2]] and second != first and order is None
    assert feed.sort_out(changed, "ru", second) == (second, [], None)
    assert feed.sort_out(changed, "ru", first).seats == [changed.seats[2]], "a page that is one behind"


def test_the_order_is_told_when_it_changed(snapshot: Snapshot) -> None:
    feed = LiveFeed()
    first = feed.sort_out(snapshot, "ru", "").feed
    turned = replace(snapshot, seats=list(reversed(snapshot.seats)))
    second = feed.sort_out(turned, "ru", first)
    assert second.seats == [] and second.order == [seat.attempt for seat in turned.seats] and second.feed != first
    answered = feed.sort_out(change(turned, 0, answered=1), "ru", second.feed)
    assert answered.order is None and len(answered.seats) == 1
    assert feed.sort_out(change(turned, 0, answered=1), "ru", first).order == second.order, "a page that is two behind"


@pytest.mark.parametrize("since", ["", "rubbish", "1", "ffffffff.1", ".", "x.y"])
def test_whoever_is_unknown_hears_of_every_seat(snapshot: Snapshot, since: str) -> None:
    told = LiveFeed().sort_out(snapshot, "ru", since)
    assert told.seats == snapshot.seats and told.order is not None


def test_languages_are_followed_apart(snapshot: Snapshot) -> None:
    feed = LiveFeed()
    name = feed.sort_out(snapshot, "ru", "").feed
    feed.sort_out(change(snapshot, 1, answered=1), "en", "")
    assert feed.sort_out(snapshot, "ru", name) == (name, [], None)


def test_the_page_asks_with_the_name_it_was_given(open_room: Classroom) -> None:
    kiosk, person = open_room.seat(0), open_room.browser()
    address = f"/v1/sittings/{open_room.sitting}/live"
    whole = person.client.get(address).get_json()
    assert len(whole["seats"]) == len(whole["order"]) == 6
    open_room.start(kiosk)
    told = person.client.get(f"{address}?since={whole['feed']}").get_json()
    assert [seat["attempt"] for seat in told["seats"]] == [kiosk.attempt]
    assert "order" not in person.client.get(f"{address}?since={told['feed']}").get_json()
