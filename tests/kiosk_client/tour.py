"""A tour through every screen of the workstation in a real Chromium: stops at each, so that a test can look at it.

`tour(walk)` yields the name of each screen as it stands; `look_*` are the looks that several tests take.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page, expect

from kiosk_client.speaking import Trouble
from tests.kiosk_client.conftest import LOGIN, wait_until
from tests.kiosk_client.parts import STRUCTURE, make_plan
from tests.kiosk_client.walk import Walk

STRUCTURED: dict[str, Any] = {
    "duration_s": 900, "positions": [
        STRUCTURE["positions"][0], STRUCTURE["positions"][1],
        {"number": 3, "kind": "speaking", "speaking": {
            "prepare_s": 90, "record_s": 60, "early_start": True, "early_finish": True, "playback": True}},
        STRUCTURE["positions"][3]],
    "parts": [{"id": "read", "positions": [1, 2], "title": {"ru": "Чтение", "en": "Reading"}},
              {"id": "rest", "positions": [3, 4], "time_s": 600, "title": {"ru": "Речь и письмо", "en": "Speech"}}],
    "breaks": [{"after_part": "read", "time_s": 200, "kind": "rest", "early_end": True}],
}


def tour(walk: Walk, **needs: Any) -> Iterator[str]:
    """Every screen, in the order in which a candidate meets them; `needs`: what the candidate was given."""
    yield from _arrive(walk)
    yield from _check_sound(walk)
    yield from _wait_for_start(walk, needs)
    yield from _answer_and_listen(walk)
    yield from _rest(walk)
    yield from _speak(walk)
    yield from _write(walk)
    yield from _be_interrupted(walk)
    yield from _finish(walk)


def _arrive(walk: Walk) -> Iterator[str]:
    walk.heading("Сопряжение рабочего места")
    yield "pairing"
    walk.press("Показать код")
    digits = walk.page.locator("#digits")
    expect(digits).not_to_be_empty()
    yield "pairing-code"
    assert walk.classroom.type_digits((digits.text_content() or "").replace(" ", ""))
    walk.press("Консоль зелёная")
    walk.heading("Вход")
    yield "sign-in"
    field = walk.page.get_by_label("Логин")
    field.press_sequentially(LOGIN[:-1] + str((int(LOGIN[-1]) + 1) % 10))
    yield "sign-in-wrong"
    field.fill("")
    field.press_sequentially(LOGIN)
    field.press("Enter")
    walk.heading("Проверка звука")


def _check_sound(walk: Walk) -> Iterator[str]:
    yield "check-hear"
    walk.page.get_by_text("Выбрать другой микрофон").click()
    expect(walk.page.get_by_label("Микрофон")).to_be_visible()
    yield "check-devices"
    walk.press("Слышу хорошо")
    yield "check-say"
    walk.press("Начать запись")
    expect(walk.page.locator(".level-good")).to_be_visible()
    yield "check-saying"
    walk.page.wait_for_timeout(1_500)
    walk.press("Готово")
    expect(walk.page.get_by_text("Вас хорошо слышно.")).to_be_visible()
    yield "check-yourself"
    walk.press("Слышу себя")
    yield "check-passed"
    walk.press("Продолжить")
    walk.heading("Пробная работа")


def _wait_for_start(walk: Walk, needs: dict[str, Any]) -> Iterator[str]:
    if needs:
        walk.direct("needs", **needs)
        wait_until(lambda: walk.agent.require_seat().state.needs)
    yield "instruction"
    walk.press("Готов")
    walk.heading("Ждём начала")
    expect(walk.page.get_by_text("Материалы загружены")).to_be_visible()
    yield "waiting"
    walk.start_work(**make_plan(**STRUCTURED))
    walk.heading("Задание 1. Выбор ответа")


def _answer_and_listen(walk: Walk) -> Iterator[str]:
    walk.page.get_by_label("Answer 2").check()
    yield "item-choice"
    walk.press("Позвать организатора")
    yield "call"
    walk.press("Мне нужно выйти")
    expect(walk.page.get_by_role("button", name="Закрыть экран и выйти")).to_be_visible()
    yield "call-leave"
    walk.press("Закрыть экран и выйти")
    walk.heading("Вы вышли из аудитории")
    expect(walk.page.locator(".qti-item")).to_have_count(0)
    yield "away"
    walk.page.get_by_label("Вернулись?").press_sequentially(LOGIN)
    walk.page.keyboard.press("Enter")
    walk.heading("Задание 1. Выбор ответа")
    walk.press("Далее")
    walk.heading("Задание 2. Аудирование")
    yield "listening-read"
    walk.press("Слушать")
    expect(walk.page.get_by_text("Звучит запись")).to_be_visible()
    yield "listening-playing"
    expect(walk.page.get_by_text("Осталось прослушиваний: 1")).to_be_visible()
    yield "listening-heard"
    walk.page.locator(".foot .primary:visible").click()
    expect(walk.page.get_by_text("Вернуться будет нельзя.")).to_be_visible()
    yield "leaving"
    walk.press("Перейти")


def _rest(walk: Walk) -> Iterator[str]:
    walk.heading("Перерыв")
    yield "break"
    walk.press("Продолжить работу")
    walk.heading("Задание 3. Чтение вслух")


def _speak(walk: Walk) -> Iterator[str]:
    yield "speaking-choose"
    walk.press("Проверить звук ещё раз")
    walk.heading("Проверка звука")
    yield "check-again"
    walk.press("Вернуться к заданию")
    walk.heading("Задание 3. Чтение вслух")
    walk.press("Начать подготовку")
    expect(walk.page.get_by_role("heading", name="Подготовка")).to_be_visible()
    yield "speaking-prepare"
    walk.press("Начать раньше")
    expect(walk.page.get_by_text("Идёт запись")).to_be_visible()
    walk.page.wait_for_timeout(1_500)
    yield "speaking-speak"
    seat = walk.agent.require_seat()
    seat.speaking.is_muted = True
    seat.notify()
    expect(walk.page.get_by_text("Микрофон молчит")).to_be_visible()
    yield "muted"
    seat.speaking.is_muted = False
    seat.speaking.trouble = Trouble("device_lost", walk.classroom.now_ms())
    seat.notify()
    expect(walk.page.get_by_text("Микрофон не работает")).to_be_visible()
    yield "trouble"
    seat.speaking.trouble = None
    seat.notify()
    walk.press("Закончить")
    expect(walk.page.get_by_text("Ответ записан")).to_be_visible()
    yield "speaking-after"
    walk.press("Далее")
    walk.heading("Задание 4. Короткий ответ")


def _write(walk: Walk) -> Iterator[str]:
    walk.page.locator("input.qti-text-entry").click()
    yield "letters"
    walk.page.keyboard.type("Mаus")  # with a Cyrillic а
    expect(walk.page.get_by_text("похожие на латинские: а")).to_be_visible()
    yield "look-alikes"
    walk.press("Заменить на латинские")
    expect(walk.page.locator("input.qti-text-entry")).to_have_value("Maus")
    walk.page.get_by_label("Write a letter").fill("Liebe Anna")
    expect(walk.page.get_by_text("Не пишите в ответе своё имя")).to_be_visible()
    yield "free-text"


def _be_interrupted(walk: Walk) -> Iterator[str]:
    walk.direct("message", text="Проверьте наушники, пожалуйста.")
    expect(walk.page.get_by_text("Проверьте наушники, пожалуйста.")).to_be_visible()
    yield "message"
    walk.press("Понятно")
    walk.lose_link()
    expect(walk.page.get_by_text("Связь с сервером прервалась.")).to_be_visible()
    yield "link-cut"
    walk.press("Понятно")
    walk.classroom.start()
    walk.direct("pause", reason="проветривание")
    walk.heading("Пауза")
    yield "paused"
    walk.direct("resume", reason="")
    walk.heading("Задание 4. Короткий ответ")


def _finish(walk: Walk) -> Iterator[str]:
    walk.press("К завершению")
    walk.heading("Завершение")
    yield "finish"
    walk.press("Завершить работу")
    expect(walk.page.get_by_text("После завершения изменить ответы нельзя.")).to_be_visible()
    yield "finish-ask"
    walk.page.get_by_role("button", name="Завершить", exact=True).click()
    walk.heading("Спасибо")
    expect(walk.page.get_by_text("Все ответы переданы на сервер.")).to_be_visible()
    yield "done"


# Looks.

# What a finger or an unsteady hand must hit, and the label that is hit in place of a small native control.
SMALL = """() => {
  const dialog = document.querySelector('dialog[open]');
  const pressed = 'button, a[href], input, select, textarea, summary, [role=button]';
  const shown = [...document.querySelectorAll(pressed)].filter(
    one => one.getClientRects().length && !one.closest('.skip, [inert], #gone') && (!dialog || dialog.contains(one)));
  return shown.map(one => [one, (one.matches('[type=radio], [type=checkbox]') && one.closest('label') || one)])
    .map(([one, hit]) => [one, hit.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && (box.height < 43.5 || box.width < 43.5))
    .map(([one, box]) => `${one.outerHTML.slice(0, 90)} ${Math.round(box.width)}x${Math.round(box.height)}`);
}"""

# What is cut at the right, or hidden in a box that does not scroll, or covered so that nobody can press it.
CUT = """() => {
  const root = document.querySelector('dialog[open]') ?? document.body;
  const hidden = '.unseen, .skip, .qti-live, [inert], svg, details:not([open]) > :not(summary), [hidden]';
  const shown = [...root.querySelectorAll('*')].filter(one => one.getClientRects().length && !one.closest(hidden));
  const told = [];
  const tell = (what, one) => told.push(`${what}: ${one.outerHTML.slice(0, 90)}`);
  for (const one of shown) {
    const box = one.getBoundingClientRect();
    if (box.right > innerWidth + 1 && box.width > 1) tell('beyond the edge', one);
    const isClipped = getComputedStyle(one).overflowX === 'hidden' && one.scrollWidth > one.clientWidth + 1;
    if (isClipped && one.clientWidth) tell('cut', one);
  }
  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth + 1) told.push(`the page scrolls sideways: ${wide}`);
  for (const one of shown.filter(one => one.matches('button:not(:disabled), input, select, textarea, summary'))) {
    const place = one.closest('label') ?? one;
    place.scrollIntoView({block: 'center', inline: 'nearest', behavior: 'instant'});
    const box = place.getBoundingClientRect();
    const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    if (!hit || !(place.contains(hit) || hit.contains(place))) tell('covered', one);
  }
  scrollTo(0, 0);
  return told;
}"""


def look_for_small_targets(page: Page) -> list[str]:
    """Everything to press that is smaller than 44 × 44 px."""
    return list(page.evaluate(SMALL))


def look_for_cuts(page: Page, width: int = 683, height: int = 384) -> list[str]:
    """What cannot be read or pressed on a screen of this size (683 × 384 = 1366 × 768 at 200 %)."""
    usual = page.viewport_size
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    found = list(page.evaluate(CUT))
    if usual:
        page.set_viewport_size(usual)
    return found
