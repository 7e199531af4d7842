"""What helps a candidate to type, hear and find the way: letters, look-alikes, volume, keyboard alone, less motion."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from kiosk_client.fake_work import FakeWork
from tests.kiosk_client.conftest import sit_down, wait_until
from tests.kiosk_client.walk import Walk, walk_with

pytestmark = pytest.mark.browser
WORD = "input.qti-text-entry"


@pytest.fixture
def walk(chromium: Browser, tmp_path: Path, voice: Path) -> Iterator[Walk]:
    """At the first item of a German work that has begun."""
    work = FakeWork(sound_check=False, language="de", free_text=True)
    with walk_with(chromium, tmp_path, voice, work) as begun:
        sit_down(begun.agent, begun.classroom)
        begun.heading("Задание 1. Выбор ответа")
        yield begun


def come_to_word(walk: Walk) -> None:
    walk.press("Задание 4")
    walk.page.locator(WORD).click()


def read_answer(walk: Walk, key: str) -> Any:
    found = walk.agent.require_seat().state.responses.get(key)
    return found.value if found else None


def test_letters_are_put_where_the_cursor_stands(walk: Walk) -> None:
    come_to_word(walk)
    walk.page.keyboard.type("Mue")
    walk.page.keyboard.press("Backspace")
    walk.page.keyboard.press("ArrowLeft")
    walk.page.get_by_role("button", name="ä", exact=True).click()
    expect(walk.page.locator(WORD)).to_be_focused()
    walk.page.keyboard.type("x")
    expect(walk.page.locator(WORD)).to_have_value("Mäxu")
    walk.press("Заглавная")
    walk.page.get_by_role("button", name="Ü", exact=True).click()
    expect(walk.page.locator(WORD)).to_have_value("MäxÜu")
    expect(walk.page.get_by_role("button", name="ü", exact=True)).to_be_visible()
    walk.page.keyboard.press("Control+z")
    expect(walk.page.locator(WORD)).to_have_value("Mäxu")
    wait_until(lambda: read_answer(walk, "i4/r1") == "Mäxu")


def test_letters_are_had_by_keyboard_alone(walk: Walk) -> None:
    come_to_word(walk)
    for key in ("F2", "ArrowRight", "Enter", "F2", "ArrowLeft", "Shift+Enter", "F2"):
        walk.page.keyboard.press(key)
    expect(walk.page.locator(WORD)).not_to_be_focused()
    walk.page.keyboard.press("Escape")
    expect(walk.page.locator(WORD)).to_be_focused()
    expect(walk.page.locator(WORD)).to_have_value("öÄ")


def test_look_alikes_are_told_of_and_never_changed_by_themselves(walk: Walk) -> None:
    come_to_word(walk)
    walk.page.keyboard.type("Mаus")  # with a Cyrillic а
    hint = walk.page.get_by_text("похожие на латинские: а")
    expect(hint).to_be_visible()
    wait_until(lambda: read_answer(walk, "i4/r1") == "Mаus")
    walk.page.keyboard.press("Control+a")
    walk.page.keyboard.type("мышь бежит")
    expect(hint).to_be_hidden()
    walk.page.keyboard.press("Control+a")
    walk.page.keyboard.type("Maus")
    wait_until(lambda: read_answer(walk, "i4/r1") == "Maus")
    expect(hint).to_be_hidden()


def test_the_browser_leaves_answers_as_they_are_typed(walk: Walk) -> None:
    come_to_word(walk)
    fields = walk.page.locator(f"{WORD}, textarea")
    expect(fields).to_have_count(2)
    for field in fields.all():
        for name, value in {"spellcheck": "false", "autocorrect": "off", "autocapitalize": "off", "autocomplete": "off",
                            "translate": "no", "lang": "de"}.items():
            expect(field).to_have_attribute(name, value)


def test_free_text_warns_against_names_and_a_word_does_not(walk: Walk) -> None:
    warning = walk.page.get_by_text("Не пишите в ответе своё имя")
    expect(warning).to_be_hidden()
    come_to_word(walk)
    expect(warning).to_be_visible()


def test_the_volume_is_kept_over_a_reload(walk: Walk) -> None:
    walk.press("Задание 2")
    slider = walk.page.get_by_role("slider", name="Громкость")
    slider.press("Home")
    expect(walk.page.get_by_text("10 %")).to_be_visible()
    wait_until(lambda: walk.look()["volume"] == 10)
    walk.page.reload()
    expect(slider).to_have_value("10")


FOCUSED = """() => {
  const one = document.activeElement;
  const name = one.getAttribute('aria-label') || (one.closest('label') ?? one).textContent;
  return one.matches('button, input') ? name : '';
}"""


def press_until_focused(walk: Walk, name: str, key: str = "Tab") -> None:
    """As somebody without a mouse does: on and on, until it is there."""
    for _ in range(40):
        if name in walk.page.evaluate(FOCUSED):
            return
        walk.page.keyboard.press(key)
    raise AssertionError(f"{name} is not reached by {key}")


def test_the_whole_way_by_keyboard_alone(walk: Walk) -> None:
    press_until_focused(walk, "Answer 1")
    walk.page.keyboard.press("Space")
    wait_until(lambda: read_answer(walk, "i1/r1") == "c1")
    press_until_focused(walk, "Позвать организатора", "Shift+Tab")
    walk.page.keyboard.press("Enter")
    press_until_focused(walk, "Просто подойдите")
    walk.page.keyboard.press("Enter")
    expect(walk.page.get_by_role("heading", name="Организатор видит ваше сообщение")).to_be_visible()
    press_until_focused(walk, "Понятно")
    walk.page.keyboard.press("Enter")
    press_until_focused(walk, "Задание 4")
    walk.page.keyboard.press("Enter")
    walk.heading("Задание 4")
    press_until_focused(walk, "К завершению", "Shift+Tab")
    walk.page.keyboard.press("Enter")
    walk.heading("Завершение")
    press_until_focused(walk, "Завершить работу")
    walk.page.keyboard.press("Enter")
    press_until_focused(walk, "Завершить")
    walk.page.keyboard.press("Enter")
    walk.heading("Спасибо")


def test_nothing_moves_for_who_asked_for_less_motion(walk: Walk) -> None:
    walk.press("Задание 3")
    walk.press("Начать подготовку")
    walk.press("Начать раньше")
    expect(walk.page.get_by_text("Идёт запись")).to_be_visible()
    moving = "() => document.getAnimations().length"
    assert walk.page.evaluate(moving) == 1
    walk.page.emulate_media(reduced_motion="reduce")
    assert walk.page.evaluate(moving) == 0
