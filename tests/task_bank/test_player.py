"""Every kind of item is answered by mouse and by keyboard in a real browser, and comes back from its state."""
from collections.abc import Callable
from typing import Any

import pytest

from tests.task_bank.builders import KINDS, RIGHT

pytestmark = pytest.mark.browser
Open = Callable[..., Any]


def press(desk: Any, *keys: str) -> None:
    for key in keys:
        desk.page.keyboard.press(key)


def test_choice_by_mouse_and_back(open_item: Open) -> None:
    desk = open_item("choice")
    assert desk.answer() == "nothing sent"
    desk.page.get_by_label("Red").click()
    assert desk.answer() == "right"
    desk.page.get_by_text("Снять выбор").click()
    assert desk.answer() is None


def test_choice_by_keyboard(open_item: Open) -> None:
    desk = open_item("choice")
    press(desk, "Tab", "Space", "ArrowDown")
    second = desk.page.locator("input").nth(1).get_attribute("value")
    assert desk.answer() == desk.originals[second]


def test_multiple_choice_takes_no_more_than_it_may(open_item: Open) -> None:
    desk = open_item("multiple")
    for name in ("Red", "Blue", "None of them"):
        desk.page.get_by_label(name).click()
    assert sorted(desk.answer()) == ["right", "wrong"]
    assert "не больше 2" in desk.page.locator("[role=status]").inner_text()
    desk.page.get_by_label("Red").click()
    desk.page.get_by_label("Blue").click()
    assert desk.answer() is None


def test_multiple_choice_by_keyboard(open_item: Open) -> None:
    desk = open_item("multiple")
    press(desk, "Tab", "Space", "Tab", "Space", "Shift+Tab", "Space")
    assert len(desk.answer()) == 1


def test_inline_choice_by_keyboard_has_a_name(open_item: Open) -> None:
    desk = open_item("inline")
    desk.page.get_by_label("Пропуск 1").focus()
    desk.page.keyboard.type("is")
    assert desk.answer() == "right"
    desk.page.get_by_label("Пропуск 1").select_option("")
    assert desk.answer() is None


def test_scrolling_over_a_list_changes_nothing(open_item: Open) -> None:
    desk = open_item("inline", state="right")
    select = desk.page.locator("select")
    select.focus()
    select.hover()
    desk.page.mouse.wheel(0, 300)
    desk.page.wait_for_timeout(100)
    assert desk.answer() == "nothing sent" and select.input_value() == desk.opaque["right"]


def test_typing_is_sent_a_moment_after_it_pauses(open_item: Open) -> None:
    desk = open_item("text")
    press(desk, "Tab")
    desk.page.keyboard.type(" Moscow ")
    assert desk.answer() == "nothing sent"
    desk.page.wait_for_function("() => 'r1' in answers")
    assert desk.answer() == "Moscow" and desk.page.evaluate("count") == 1


def test_typing_is_sent_at_once_when_the_field_is_left_or_the_item_closed(open_item: Open) -> None:
    desk = open_item("number")
    desk.page.locator("input").fill("3,5")
    press(desk, "Tab")
    assert desk.answer() == "3,5"
    desk.page.locator("input").fill("4")
    desk.page.evaluate("mounted.destroy()")
    assert desk.answer() == "4"


def test_a_state_from_outside_never_overwrites_what_is_being_typed(open_item: Open) -> None:
    desk = open_item("text")
    desk.page.locator("input").type("Mosc")
    desk.page.evaluate("mounted.setState({r1: 'older'})")
    assert desk.page.locator("input").input_value() == "Mosc"


def test_table_by_mouse_moves_an_option_used_elsewhere(open_item: Open) -> None:
    desk = open_item("match-table")
    desk.input("row-a", "col-1").click()
    desk.input("row-b", "col-1").click()
    assert desk.answer() == ["row-b col-1"]
    desk.input("row-a", "col-0").click()
    assert sorted(desk.answer()) == ["row-a col-0", "row-b col-1"]
    desk.page.get_by_label("Убрать ответ: Row a").click()
    assert desk.answer() == ["row-b col-1"]


def test_table_by_keyboard(open_item: Open) -> None:
    desk = open_item("match-table")
    press(desk, "Tab", "Space", "ArrowRight")
    assert desk.answer() == ["row-a col-1"]


def test_list_by_select_moves_an_option_used_elsewhere(open_item: Open) -> None:
    desk = open_item("match-list")
    first, second = desk.page.get_by_label("Row a"), desk.page.get_by_label("Row b")
    first.select_option(desk.send("row-a col-1"))
    second.select_option(desk.send("row-b col-1"))
    assert desk.answer() == ["row-b col-1"] and first.input_value() == ""
    first.focus()
    press(desk, "ArrowDown")
    assert sorted(desk.answer()) == ["row-a col-0", "row-b col-1"]


def test_list_by_dragging_keeps_its_options(open_item: Open) -> None:
    desk = open_item("match-list")
    desk.drag(desk.find("col-1"), desk.find("row-a"))
    desk.drag(desk.find("col-0"), desk.find("row-b"))
    assert sorted(desk.answer()) == ["row-a col-1", "row-b col-0"]
    assert desk.page.locator(".qti-match-columns li").count() == 4
    desk.drag(desk.find("col-1"), desk.find("row-b"))
    assert desk.answer() == ["row-b col-1"]


def order_of(desk: Any) -> list[str]:
    lines = desk.page.locator(".qti-order-list > li").all()
    return [desk.originals[line.get_attribute("data-choice")] for line in lines]


def test_order_by_buttons_from_the_keyboard(open_item: Open) -> None:
    desk = open_item("order")
    before = order_of(desk)
    desk.find(before[0], "button").last.focus()
    press(desk, "Enter", "Enter")
    assert desk.answer() == order_of(desk) == [before[1], before[2], before[0]]


def test_order_by_dragging(open_item: Open) -> None:
    desk = open_item("order")
    before = order_of(desk)
    desk.drag(desk.find(before[2], ".qti-order-text"), desk.find(before[0], ".qti-order-text"))
    assert desk.answer() == order_of(desk) and order_of(desk)[0] == before[2]


def test_an_order_that_is_right_from_the_start_can_be_confirmed(open_item: Open) -> None:
    desk = open_item("order")
    assert "Ответ ещё не дан" in desk.page.locator(".qti-order-note").inner_text()
    desk.page.get_by_text("Порядок верный").click()
    assert desk.answer() == order_of(desk)
    assert "Порядок принят" in desk.page.locator(".qti-order-note").inner_text()


def gap(desk: Any, name: str) -> Any:
    return desk.page.locator(f'[data-gap="{desk.opaque[name]}"]')


def test_gaps_by_mouse(open_item: Open) -> None:
    desk = open_item("gaps")
    desk.find("w-cat", "button").click()
    gap(desk, "g-one").locator("button").click()
    desk.find("w-dog", "button").click()
    gap(desk, "g-two").locator("button").click()
    assert desk.answer() == ["w-cat g-one", "w-dog g-two"]
    assert desk.find("w-cat", "button").is_disabled() and desk.find("w-dog", "button").is_enabled()
    gap(desk, "g-one").locator("button").click()
    assert desk.answer() == ["w-dog g-two"] and desk.find("w-cat", "button").is_enabled()


def test_gaps_by_keyboard_go_to_the_first_empty_gap(open_item: Open) -> None:
    desk = open_item("gaps")
    desk.find("w-dog", "button").focus()
    press(desk, "Enter")
    assert desk.page.evaluate("document.activeElement.getAttribute('aria-label')") == "Пропуск 1, пусто"
    press(desk, "Enter")
    assert desk.answer() == ["w-dog g-one"]
    desk.find("w-cat", "button").focus()
    press(desk, "Enter", "Escape")
    assert desk.page.evaluate("document.activeElement.textContent") == "cat"
    assert desk.page.locator("[aria-pressed=true]").count() == 0


def test_gaps_by_dragging_keep_their_words(open_item: Open) -> None:
    desk = open_item("gaps")
    desk.drag(desk.find("w-extra", "button"), gap(desk, "g-one"))
    assert desk.answer() == ["w-extra g-one"]
    desk.drag(desk.find("w-cat", "button"), gap(desk, "g-one"))
    assert desk.answer() == ["w-cat g-one"]
    assert desk.page.locator(".qti-gap-words li").count() == 3
    assert desk.find("w-extra", "button").is_enabled()


def test_hottext_by_mouse_and_keyboard(open_item: Open) -> None:
    desk = open_item("hottext")
    desk.page.get_by_text("Ice melts.").click()
    assert desk.answer() == ["fact-2"]
    desk.input("fact").focus()
    press(desk, "Space")
    assert sorted(desk.answer()) == ["fact", "fact-2"]


SHOWN = """() => [...document.querySelectorAll("input, select, textarea")].map(
  (one) => one.type === "radio" || one.type === "checkbox" ? one.checked : one.value
).concat([...document.querySelectorAll(".qti-order-list, .qti-gap, .qti-answers, .qti-pairs, .qti-slider-value")]
  .map((one) => one.querySelector("img")?.alt ?? one.textContent))"""


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_comes_back_from_its_state_without_being_sent_again(open_item: Open, kind: str) -> None:
    desk = open_item(kind)
    empty = desk.page.evaluate(SHOWN)
    desk = open_item(kind, state=RIGHT[kind])
    restored = desk.page.evaluate(SHOWN)
    assert desk.answer() == "nothing sent" and restored != empty
    desk.page.evaluate("mounted.setState({})")
    assert desk.page.evaluate(SHOWN) == empty
    desk.page.evaluate("value => mounted.setState({r1: value})", desk.send(RIGHT[kind]))
    assert desk.page.evaluate(SHOWN) == restored and desk.answer() == "nothing sent"


@pytest.mark.parametrize("kind", KINDS)
def test_an_item_that_is_only_read_cannot_be_changed(open_item: Open, kind: str) -> None:
    desk = open_item(kind, state=RIGHT[kind], readOnly=True)
    controls = desk.page.locator("input, select, textarea, button").all()
    assert all(one.is_disabled() or not one.is_editable() for one in controls if one.is_visible())
    assert desk.page.locator("[role=status]").count() == 1


def test_the_player_speaks_english_when_asked(open_item: Open) -> None:
    desk = open_item("gaps", language="en")
    assert "Choose a word" in desk.page.locator(".qti-gap-hint").inner_text()


@pytest.mark.parametrize("kind", KINDS)
def test_every_control_has_a_name_for_a_screen_reader(open_item: Open, kind: str) -> None:
    desk = open_item(kind)
    nameless = desk.page.evaluate("""() => [...document.querySelectorAll("input, select, textarea, button")].filter(
      (one) => !(one.getAttribute("aria-label") || (one.labels?.[0] ?? one).querySelector("img[alt], math")
        || one.textContent.trim() || one.labels?.[0]?.textContent.trim()
        || (one.getAttribute("aria-labelledby") ?? "").split(" ").every((id) => document.getElementById(id)))
    ).length""")
    assert nameless == 0
