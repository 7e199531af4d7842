"""A candidate walks through every screen in a real Chromium, with a fake classroom behind the real agent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from kiosk_client.fake_work import FakeWork
from tests.kiosk_client.conftest import LOGIN, wait_until
from tests.kiosk_client.walk import Walk, walk_with

pytestmark = pytest.mark.browser


@pytest.fixture
def walk(chromium: Browser, tmp_path: Path, voice: Path) -> Iterator[Walk]:
    with walk_with(chromium, tmp_path, voice, FakeWork()) as begun:
        yield begun


def pair_on_screen(walk: Walk) -> None:
    walk.heading("Сопряжение рабочего места")
    walk.shoot("pairing-address")
    walk.press("Показать код")
    digits = walk.page.locator("#digits")
    expect(digits).to_have_text(re.compile(r"\d{3} \d{3}"))
    walk.shoot("pairing-code")
    assert walk.classroom.type_digits((digits.text_content() or "").replace(" ", ""))
    walk.press("Консоль зелёная")
    walk.heading("Вход")


def sign_in_on_screen(walk: Walk) -> None:
    field = walk.page.get_by_label("Логин")
    field.press_sequentially(LOGIN[:-1] + str((int(LOGIN[-1]) + 1) % 10))
    expect(walk.page.get_by_role("alert")).to_contain_text("Последняя цифра не подходит")
    expect(walk.page.get_by_role("button", name="Войти")).to_be_disabled()
    walk.shoot("sign-in-wrong")
    field.fill("")
    field.press_sequentially(LOGIN)
    walk.shoot("sign-in")
    field.press("Enter")
    walk.heading("Проверка звука")


def check_sound_on_screen(walk: Walk) -> None:
    walk.shoot("check-hear")
    walk.press("Прослушать фразу")
    walk.press("Слышу хорошо")
    walk.press("Начать запись")
    expect(walk.page.locator(".level-good")).to_be_visible()
    walk.page.wait_for_timeout(1_500)
    walk.shoot("check-say")
    walk.press("Готово")
    expect(walk.page.get_by_text("Вас хорошо слышно.")).to_be_visible()
    walk.shoot("check-hear-yourself")
    walk.press("Слышу себя")
    walk.press("Продолжить")
    walk.heading("Пробная работа")
    assert walk.classroom.checks[-1]["verdict"] == "heard"


def wait_on_screen(walk: Walk) -> None:
    walk.shoot("instruction")
    walk.press("Готов")
    walk.heading("Ждём начала")
    expect(walk.page.get_by_text("Материалы загружены")).to_be_visible()
    walk.shoot("waiting")
    walk.start_work()
    walk.heading("Задание 1. Выбор ответа")


def answer_choice_on_screen(walk: Walk) -> None:
    walk.page.get_by_label("Answer 2").check()
    expect(walk.page.locator("#saved")).to_have_attribute("data-saved", "server")
    assert walk.attempt.state.responses["i1/r1"].value == "c2"
    walk.shoot("item-written")
    walk.press("Далее")
    walk.heading("Задание 2. Аудирование")


def listen_on_screen(walk: Walk) -> None:
    walk.shoot("listening-read")
    walk.page.get_by_label("Answer 1").check()
    walk.press("Слушать")
    expect(walk.page.get_by_text("Звучит запись")).to_be_visible()
    walk.shoot("listening-playing")
    expect(walk.page.get_by_text("Осталось прослушиваний: 1")).to_be_visible()
    walk.press("Слушать")
    expect(walk.page.get_by_text("Прослушиваний больше нет.")).to_be_visible()
    expect(walk.page.get_by_role("button", name="Слушать")).to_be_hidden()
    walk.press("Далее")
    walk.heading("Задание 3. Чтение вслух")


def speak_on_screen(walk: Walk) -> None:
    walk.shoot("speaking-choose")
    walk.press("Начать подготовку")
    expect(walk.page.get_by_role("heading", name="Подготовка")).to_be_visible()
    walk.shoot("speaking-prepare")
    walk.press("Начать раньше")
    expect(walk.page.get_by_text("Идёт запись")).to_be_visible()
    expect(walk.page.get_by_role("button", name="Далее")).to_be_hidden()
    walk.page.wait_for_timeout(1_500)
    walk.shoot("speaking-speak")
    walk.press("Закончить")
    expect(walk.page.get_by_text("Ответ записан")).to_be_visible()
    expect(walk.page.get_by_text("Вас хорошо слышно.")).to_be_visible()
    walk.shoot("speaking-after")
    walk.press("Далее")
    walk.heading("Задание 4. Короткий ответ")


def pause_and_message_on_screen(walk: Walk) -> None:
    walk.page.locator("input.qti-text-entry").fill("hills")
    walk.press("Позвать организатора")
    walk.shoot("call")
    walk.press("Не слышно запись")
    expect(walk.page.get_by_role("heading", name="Организатор видит ваше сообщение")).to_be_visible()
    walk.shoot("called")
    walk.press("Понятно")
    expect(walk.page.get_by_text(re.compile("Позван в .*: не слышно запись"))).to_be_visible()
    wait_until(lambda: [told["reason"] for told in walk.attempt.state.incidents] == ["no_sound"])
    walk.direct("message", text="Проверьте наушники, пожалуйста.")
    expect(walk.page.get_by_text("Проверьте наушники, пожалуйста.")).to_be_visible()
    walk.shoot("message")
    walk.press("Понятно")
    walk.direct("pause", reason="проветривание")
    walk.heading("Пауза")
    walk.shoot("paused")
    walk.direct("resume", reason="")
    walk.heading("Задание 4. Короткий ответ")
    expect(walk.page.locator("input.qti-text-entry")).to_have_value("hills")


def finish_on_screen(walk: Walk) -> None:
    walk.press("К завершению")
    walk.heading("Завершение")
    walk.shoot("finish")
    walk.press("Завершить работу")
    expect(walk.page.get_by_text("После завершения изменить ответы нельзя.")).to_be_visible()
    walk.shoot("finish-ask")
    walk.page.get_by_role("button", name="Завершить", exact=True).click()
    walk.heading("Спасибо")
    expect(walk.page.get_by_text("Все ответы переданы на сервер.")).to_be_visible()
    walk.shoot("done")


def test_a_candidate_walks_through_every_screen(walk: Walk) -> None:
    pair_on_screen(walk)
    sign_in_on_screen(walk)
    check_sound_on_screen(walk)
    wait_on_screen(walk)
    answer_choice_on_screen(walk)
    listen_on_screen(walk)
    speak_on_screen(walk)
    pause_and_message_on_screen(walk)
    finish_on_screen(walk)
    state = walk.attempt.state
    assert state.responses["i4/r1"].value == "hills" and state.responses["i2/r1"].value == ["c1"]
    [recording] = state.recordings
    wait_until(lambda: len(walk.attempt.sound[recording.lease, recording.number]) == recording.bytes)
    assert (recording.verdict, recording.end_reason) == ("heard", "candidate")
    assert [play.ended for play in state.plays["i2"]] == [True, True]
