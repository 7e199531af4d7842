"""The organizer orders work to be deleted from workstations: when it may be ordered, who is told, what is shown."""
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from testing_server.contracts.hub_statements import read_hub_keys
from testing_server.contracts.receipts import read_receipt
from testing_server.exam_day.console.words import PURGE_REMEDIES, PURGE_RESULTS
from testing_server.exam_day.packages.purging import view_purge
from testing_server.exam_day.sittings.actions import find_sitting
from testing_server.exam_day.workstations.actions import change_workstation
from testing_server.foundation.audit import read_audit, verify_audit
from tests.builders import Browser
from tests.testing_server.exam_day.builders import Classroom, join_hub, make_speech
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk


@pytest.fixture
def room(open_room: Classroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Classroom]:
    """Two candidates have worked, the rest was absent; the work is not packed yet."""
    open_room.hub = join_hub(open_room, tmp_path / "hub", monkeypatch)
    kiosks = [open_room.seat(0), open_room.seat(1)]
    open_room.start(*kiosks)
    for kiosk in kiosks:
        kiosk.answer("i1", "r1", "an answer")
        kiosk.record("i2", "r2", make_speech(1))
        kiosk.write("attempt_finished", reason="candidate")
        kiosk.send()
    open_room.command("absent")
    open_room.sweep()
    open_room.run_jobs()
    open_room.close_room()
    yield open_room


@pytest.fixture
def receipted(room: Classroom) -> Classroom:
    """The hub has answered."""
    room.pack()
    room.run_jobs()
    return room


def closing(room: Classroom) -> str:
    return f"/sittings/{room.sitting}/closing"


def order(room: Classroom, person: Browser, key: str = "") -> Any:
    return person.post(f"/sittings/{room.sitting}/purge", page="/workstations")


def read_orders(kiosk: FakeKiosk) -> list[dict[str, Any]]:
    return [one for one in kiosk.fetch_directives() if one["kind"] == "purge"]


def answer(kiosk: FakeKiosk, result: str, **changes: Any) -> int:
    known = (read_orders(kiosk) or [{"generation": 1, "number": 1}])[-1]
    told = {"generation": known["generation"], "number": known["number"], "result": result, **changes}
    return kiosk.ask("PUT", f"/v1/attempts/{kiosk.attempt}/purge", json=told).status


def read_state(room: Classroom) -> str:
    with room.services.storage.read() as session:
        return find_sitting(session, room.sitting).state


def read_results(room: Classroom) -> list[str]:
    with room.services.storage.read() as session:
        return [one.result for one in view_purge(session, room.sitting).purges]


def test_before_the_receipt_nothing_can_be_ordered(room: Classroom) -> None:
    person = room.browser()
    assert order(room, person).status_code == 409
    room.hub.away = True
    room.pack()
    room.run_jobs()
    refused = order(room, person)
    assert refused.status_code == 409 and "только после квитанции" in refused.text
    assert not read_orders(room.kiosks[0]) and "Работы на рабочих местах" not in person.get(closing(room)).text


def test_a_package_put_aside_is_no_receipt(room: Classroom) -> None:
    room.hub.reason = "digest_mismatch"
    room.pack()
    room.run_jobs()
    assert order(room, room.browser()).status_code == 409 and not read_orders(room.kiosks[0])


def test_the_order_carries_what_the_workstation_believes(receipted: Classroom) -> None:
    assert order(receipted, receipted.browser()).status_code == 302
    for kiosk in receipted.kiosks:
        body = read_orders(kiosk)[0]["body"]
        trusted = read_hub_keys(body["hub_keys"].encode(), receipted.hub.keys.root_fingerprint)
        receipt = read_receipt(body["receipt"].encode(), trusted)
        received = receipt.find(kiosk.attempt)
        assert received is not None and len(received.recordings) == 1 and receipt.sitting == receipted.sitting


def test_the_page_says_what_was_ordered_done_and_refused_and_why(receipted: Classroom) -> None:
    first, second = receipted.kiosks
    person = receipted.browser()
    page = person.get(closing(receipted)).text
    assert "Удалить работы с рабочих мест</button>" in page and "data-ask=" in page
    order(receipted, person)
    assert person.get(closing(receipted)).text.count("ещё не ответило") == 2
    assert answer(first, "done") == 200 and answer(second, "sound_not_covered") == 200
    page = person.get(closing(receipted)).text
    assert "Удалено на рабочих местах: 1 из 2" in page and "Повторить приказ" in page
    assert "речь, которой нет в квитанции" in page and "person-school-organizer" in page
    person.post("/language", {"language": "en"}, page="/workstations")
    shown = person.get(f"/sittings/{receipted.sitting}/purges").text
    assert "has speech that the receipt does not name" in shown and first.seated["code"] in shown


def test_every_answer_has_its_words_and_every_refusal_its_remedy() -> None:
    from testing_server.contracts.receipts import PurgeResult
    assert {"", *PurgeResult} == set(PURGE_RESULTS)
    assert set(PURGE_RESULTS) - set(PURGE_REMEDIES) == {"done", "too_early"}


def test_the_last_one_done_ends_it(receipted: Classroom) -> None:
    first, second = receipted.kiosks
    order(receipted, receipted.browser())
    answer(first, "done")
    assert read_state(receipted) == "receipted"
    assert answer(second, "too_early") == 200 and answer(second, "done") == 200 and read_state(receipted) == "purged"
    assert answer(second, "done") == 200 and answer(second, "sound_not_covered") == 200
    assert read_results(receipted) == ["done", "done"], "what is gone is gone"
    assert order(receipted, receipted.browser("room_organizer")).status_code == 409


def test_repeating_tells_only_those_who_have_not_done_it(receipted: Classroom) -> None:
    first, second = receipted.kiosks
    person = receipted.browser()
    order(receipted, person)
    answer(first, "done")
    answer(second, "hub_unknown")
    order(receipted, person)
    assert (len(read_orders(first)), len(read_orders(second))) == (1, 2) and read_results(receipted) == ["done", ""]


def test_a_workstation_taken_off_the_list_is_not_waited_for(receipted: Classroom) -> None:
    first, second = receipted.kiosks
    person = receipted.browser()
    order(receipted, person)
    answer(first, "done")
    for wanted in ("blocked", "removed"):
        receipted.write(lambda s, to=wanted: change_workstation(s, 1, second.workstation, to, "test"))
    assert "место снято с учёта" in person.get(closing(receipted)).text
    order(receipted, person)
    assert read_state(receipted) == "purged"


def test_late_answers_stop_the_order_until_the_next_receipt(receipted: Classroom) -> None:
    first, _second = receipted.kiosks
    first.write("focus_lost")
    first.send()
    person = receipted.browser()
    assert order(receipted, person).status_code == 409
    assert "После квитанции пришли ещё события" in person.get(closing(receipted)).text
    receipted.pack("late")
    receipted.run_jobs()
    order(receipted, person)
    named = json.loads(receipted.hub.fetch_receipt(list(receipted.hub.sent)[-1]).envelope.decode())
    assert read_orders(first)[0]["body"]["receipt"] and named["signatures"]


def test_strangers_neither_order_nor_answer(receipted: Classroom) -> None:
    first, second = receipted.kiosks
    technician = receipted.browser("technician")
    assert order(receipted, technician).status_code == 403
    order(receipted, receipted.browser())
    known = read_orders(first)[0]
    body = {"generation": known["generation"], "number": known["number"], "result": "done"}
    assert second.ask("PUT", f"/v1/attempts/{first.attempt}/purge", json=body).status in (403, 404, 409)
    assert first.core.ask("PUT", f"/v1/attempts/{first.attempt}/purge", json=body).status == 401
    assert answer(first, "gone fishing") == 400 and read_results(receipted) == ["", ""]


def test_an_answer_nobody_asked_for_is_refused(receipted: Classroom) -> None:
    assert answer(receipted.kiosks[0], "done") == 404


def test_the_audit_says_who_ordered_and_what_was_answered(receipted: Classroom) -> None:
    order(receipted, receipted.browser())
    answer(receipted.kiosks[0], "done")
    answer(receipted.kiosks[1], "bad_receipt")
    chain = f"sitting:{receipted.sitting}"
    with receipted.services.storage.read() as session:
        assert verify_audit(session, chain) is None
        lines = [(one.verb, one.actor, one.details) for one in read_audit(session, chain) if "purge" in one.verb]
    assert [verb for verb, _actor, _details in lines] == ["purge_ordered", "purge_answered", "purge_answered"]
    assert lines[0][1] == "person-school-organizer" and lines[0][2]["places"] == 2
    assert [details["result"] for _verb, _actor, details in lines[1:]] == ["done", "bad_receipt"]
