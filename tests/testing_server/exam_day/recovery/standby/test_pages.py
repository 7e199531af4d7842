"""What somebody sees who opens the console of a server that leads nothing, or no longer."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from testing_server.exam_day.packages.actions import make_package
from testing_server.exam_day.packages.rules import MaterialsClosed
from testing_server.exam_day.recovery.records import AwaitedRecord
from testing_server.exam_day.recovery.taking_over import take_over
from testing_server.exam_day.sittings.actions import find_sitting
from testing_server.exam_day.sittings.archives import (
    ArchiveNotHere, save_archive, take_archive_files, unlock_archive)
from tests.testing_server.exam_day.builders import Classroom
from tests.testing_server.exam_day.recovery.standby.builders import Pair, make_pair
from tests.testing_server.exam_day.recovery.standby.test_handover import tell


def test_every_page_of_a_standby_says_that_another_server_leads(pair: Pair) -> None:
    pair.leader.seat(0)
    pair.keep_up()
    spare, leader = pair.spare.browser(), pair.leader.browser()
    for path in ("/today", "/archives", "/sittings/new"):
        page = spare.get(path)
        assert page.status_code == 200 and "Это запасной сервер: сеансы ведёт другой" in page.text
        assert "Это запасной сервер" not in leader.get(path).text
    assert "Отметок школьной проверки" in spare.get("/server").text
    take_over(pair.spare.services, "organizer")
    assert "Это запасной сервер" not in spare.get("/today").text


@pytest.fixture
def bare(open_room: Classroom, tmp_path: Path) -> Iterator[Pair]:
    """A standby to which nobody has brought the archive."""
    archive, open_room.archive = open_room.archive, ""
    made = make_pair(open_room, tmp_path / "bare")
    open_room.archive = archive
    yield made
    made.spare.close()


def test_a_standby_without_the_archive_says_so_before_and_after_and_refuses_in_words(bare: Pair) -> None:
    bare.leader.seat(0)
    bare.keep_up()
    organizer, sitting, archive = bare.spare.browser(), bare.leader.sitting, bare.leader.archive
    assert "здесь нет: без него не начнут новые участники" in organizer.get("/server").text
    take_over(bare.spare.services, "organizer")
    assert "здесь нет: без него не начнут новые участники" in organizer.get("/server").text
    assert "Скачать" in organizer.get(f"/archives/{archive}").text
    digits = {f"group{place}": "12345" for place in range(1, 7)}
    assert organizer.post(f"/archives/{archive}/open", digits).status_code in (409, 422)
    with pytest.raises(ArchiveNotHere):
        unlock_archive(bare.spare.data, archive, "1" * 30)
    set_state(bare.spare, sitting)
    with pytest.raises(MaterialsClosed):
        pack(bare.spare, sitting)
    bring_archive(bare)
    assert "здесь закрыт" in organizer.get("/server").text


def set_state(room: Classroom, sitting: str) -> None:
    """As if everybody had been heard of and the balance were struck."""
    def change(session: Session) -> None:
        find_sitting(session, sitting).state = "balanced"
        session.execute(delete(AwaitedRecord))
    room.write(change)


def pack(room: Classroom, sitting: str) -> None:
    key = room.room.keys.key()
    room.write(lambda session: make_package(session, 1, room.data, sitting, "s", "i", key, "", "organizer"))


def bring_archive(pair: Pair) -> None:
    """From the organizer's stick."""
    folder = pair.leader.data / "archives" / pair.leader.archive
    payload, vouched, envelope = take_archive_files(pair.spare.data, folder, {}, {})
    pair.spare.write(lambda session: save_archive(session, 1, payload, envelope, vouched, {}, "organizer"))


def test_a_replaced_server_says_who_fetches_from_it(pair: Pair) -> None:
    pair.leader.seat(0)
    pair.keep_up()
    take_over(pair.spare.services, "organizer")
    tell(pair)
    text = pair.leader.browser().get("/server").text
    assert "забирает отсюда" in text and "Работайте в его пульте" in text and "Запасной сервер 127" not in text
