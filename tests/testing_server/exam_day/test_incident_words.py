"""What went wrong is told in words everywhere: no code of a program stands on a page or in the report."""
from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask_babel import force_locale

from testing_server.contracts.calls import CallReason
from testing_server.exam_day.console.incident_words import CALLS, DEVICES, tell_incident, tell_raised
from testing_server.exam_day.console.rules import DEVICE_TROUBLES
from tests.testing_server.exam_day.builders import Classroom


@pytest.fixture
def russian(open_room: Classroom) -> Iterator[None]:
    with open_room.app.test_request_context(), force_locale("ru"):
        yield


@pytest.mark.parametrize(("kind", "text", "told"), [
    ("outage", "45 s without work at this seat", "Перерыв в работе места: не работали 0:45"),
    ("outage", "sound: muted", "Перерыв в работе места: микрофон выключен в компьютере"),
    ("sound", "all_zero -90", "Неполадка звука: микрофон выключен на проводе или наушнике"),
    ("sound", "of a newer recorder", "Неполадка звука: микрофон перестал работать"),
    ("call", "microphone", "Вызов организатора: не работает микрофон"),
    ("call", "of an older seat", "Вызов организатора: участник поднял руку"),
    ("event_conflict", "lease 4194305, event 5: 2", "Журнал места разошёлся с сервером, оба варианта сохранены"),
    ("spoiled", "обморок", "Работа испорчена: обморок"), ("organizer", "погас свет", "погас свет"),
    ("materials_moved", "Работа перенесена на 12.03.", "Работа перенесена на 12.03."),
    ("of a newer server", "что-то", "Что-то")])
@pytest.mark.usefixtures("russian")
def test_each_kind_is_told_in_words(kind: str, text: str, told: str) -> None:
    assert tell_incident(kind, text) == told


@pytest.mark.usefixtures("russian")
def test_every_call_and_every_trouble_of_a_microphone_has_words() -> None:
    assert set(CALLS) == set(CallReason) and set(DEVICE_TROUBLES.values()) <= set(DEVICES)
    told = [tell_raised({"kind": "call", "text": "", "reason": str(reason)}) for reason in CallReason]
    assert len(set(told)) == len(told) and not any(re.search("[a-z_]", line) for line in told)


def test_the_page_and_the_report_say_the_same(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    open_room.start(kiosk)
    kiosk.write("incident_raised", kind="call", text="computer", reason="computer")
    kiosk.send()
    open_room.command("extra_time", [kiosk.attempt], seconds=300)
    person = open_room.browser()
    shown = person.get(f"/sittings/{open_room.sitting}/seats/{kiosk.attempt}/replay").text
    assert "5:00; не подтверждено местом" in shown and "вход участника; место 1; вариант" in shown
    assert not re.search("seconds: |seat: |variant: ", shown)
    for page in ("", f"/seats/{kiosk.attempt}", f"/seats/{kiosk.attempt}/replay", "/reports"):
        assert "ызов организатора: неполадка с компьютером" in person.get(f"/sittings/{open_room.sitting}{page}").text
