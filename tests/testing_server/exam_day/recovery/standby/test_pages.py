"""What somebody sees who opens the console of a server that leads nothing, or no longer."""
from __future__ import annotations

from testing_server.exam_day.recovery.taking_over import take_over
from tests.testing_server.exam_day.recovery.standby.builders import Pair
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


def test_a_replaced_server_says_who_fetches_from_it(pair: Pair) -> None:
    pair.leader.seat(0)
    pair.keep_up()
    take_over(pair.spare.services, "organizer")
    tell(pair)
    text = pair.leader.browser().get("/server").text
    assert "забирает отсюда" in text and "Работайте в его пульте" in text and "Запасной сервер 127" not in text
