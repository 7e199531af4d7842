"""Parts, fixed times and breaks as a candidate sees them, in a real Chromium at 1366 × 768."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from kiosk_client.fake_work import SPEAKING, FakeWork
from tests.kiosk_client.conftest import LOGIN, pair, wait_until
from tests.kiosk_client.parts import STRUCTURE, make_plan
from tests.kiosk_client.walk import Walk, walk_with

pytestmark = pytest.mark.browser


@pytest.fixture
def walk(chromium: Browser, tmp_path: Path, voice: Path) -> Iterator[Walk]:
    with walk_with(chromium, tmp_path, voice, FakeWork()) as begun:
        yield begun


def sit_down(walk: Walk, structure: dict[str, Any]) -> None:
    """Paired and signed in; the page shows the instruction of a work in parts."""
    public = walk.classroom.work.assessment
    public |= {"sound_check": False, "drafts_allowed": False,
               **{name: structure[name] for name in ("parts", "breaks", "duration_s") if name in structure}}
    public["positions"] = [{**told, **timed} for told, timed in
                           zip(public["positions"], structure["positions"], strict=True)]
    pair(walk.agent, walk.classroom)
    walk.agent.sign_in(LOGIN)
    wait_until(lambda: walk.page.get_by_role("button", name="Продолжить").or_(
        walk.page.get_by_role("button", name="Готов")).count())
    walk.agent.checking.report()
    walk.heading("Пробная работа")


def begin(walk: Walk, structure: dict[str, Any], **changes: Any) -> None:
    """The work has started."""
    walk.press("Готов")
    expect(walk.page.get_by_text("Материалы загружены")).to_be_visible()
    walk.start_work(**{**make_plan(**structure), **changes})
    walk.heading("Задание 1. Выбор ответа")


def test_a_candidate_goes_through_parts_fixed_times_and_breaks(walk: Walk) -> None:
    sit_down(walk, STRUCTURE)
    expect(walk.page.get_by_text("Черновиком пользоваться нельзя.")).to_be_visible()
    expect(walk.page.get_by_role("row", name="Отдых для глаз: 2 мин")).to_be_visible()
    expect(walk.page.get_by_text("ровно 3 мин 20 с")).to_be_visible()
    walk.shoot("parts-instruction")
    begin(walk, STRUCTURE)
    expect(walk.page.get_by_text("На эту часть осталось")).to_be_visible()
    third = walk.page.get_by_role("button", name="Задание 3")
    expect(third).to_be_disabled()
    expect(third).to_have_accessible_name("Задание 3: нет ответа, ещё не открыто")
    walk.page.get_by_label("Answer 2").check()
    walk.press("Далее")
    walk.heading("Задание 2")
    walk.shoot("parts-item")
    walk.page.locator(".foot .primary:visible").click()
    expect(walk.page.get_by_text("Вернуться будет нельзя.")).to_be_visible()
    expect(walk.page.get_by_text("Без ответа или с неполным ответом: 2.")).to_be_visible()
    walk.shoot("parts-leaving")
    walk.press("Перейти")
    rest_on_screen(walk)
    speak_on_screen(walk)
    walk.heading("Перерыв")
    expect(walk.page.get_by_text("Перерыв 2 из 2")).to_be_visible()
    walk.shoot("parts-break-rest")
    walk.press("Продолжить работу")
    walk.heading("Задание 4. Короткий ответ")
    walk.shoot("parts-last")
    finish_on_screen(walk)


def rest_on_screen(walk: Walk) -> None:
    walk.heading("Отдых для глаз")
    expect(walk.page.get_by_role("timer")).to_contain_text("01:")
    expect(walk.page.locator(".qti-item")).to_have_count(0)
    expect(walk.page.get_by_role("button", name="Продолжить работу")).to_have_count(0)
    told = walk.page.evaluate("fetch('/v1/items/i1').then((found) => found.status)")
    assert told == 409, "no item can be had in a break"
    walk.direct("message", text="Форточка открыта на пять минут.")
    expect(walk.page.get_by_text("Форточка открыта на пять минут.")).to_be_visible()
    walk.shoot("parts-break-eyes")
    walk.page.reload()
    walk.heading("Отдых для глаз")
    walk.pass_time(walk.look()["break"]["left_ms"])


def speak_on_screen(walk: Walk) -> None:
    walk.heading("Задание 3. Чтение вслух")
    expect(walk.page.get_by_text("Подготовка начнётся сама через")).to_be_visible()
    expect(walk.page.locator(".foot")).to_be_hidden()
    closed = walk.page.get_by_role("button", name="Задание 1")
    expect(closed).to_have_accessible_name("Задание 1: есть ответ, вернуться нельзя")
    walk.shoot("parts-fixed")
    walk.pass_time(walk.look()["work"]["stage_left_ms"])
    expect(walk.page.get_by_role("heading", name="Подготовка")).to_be_visible()
    walk.pass_time(walk.look()["work"]["stage_left_ms"])
    expect(walk.page.get_by_text("Идёт запись")).to_be_visible()
    walk.pass_time(walk.look()["work"]["stage_left_ms"])


def finish_on_screen(walk: Walk) -> None:
    walk.press("К завершению")
    expect(walk.page.get_by_text("К заданиям законченных частей вернуться нельзя.")).to_be_visible()
    walk.shoot("parts-finish")
    walk.press("Завершить работу")
    walk.page.get_by_role("button", name="Завершить", exact=True).click()
    walk.heading("Спасибо")
    # The page thanks before the last events have reached the classroom.
    wait_until(lambda: walk.attempt.state.finished_at_ms)
    state = walk.attempt.state
    assert [one.number for one in state.breaks.values()] == [1, 2] and state.break_now is None
    assert [recording.end_reason for recording in state.recordings] == ["time"]


def test_what_is_typed_in_the_last_second_is_kept(walk: Walk) -> None:
    one_part = {"duration_s": 600, "parts": [], "breaks": [], "positions": STRUCTURE["positions"][:2] + [
        {"number": 3, "kind": "speaking", "speaking": SPEAKING}, {"number": 4, "kind": "written"}]}
    sit_down(walk, one_part)
    begin(walk, one_part)
    walk.press("Задание 4")
    walk.page.locator("input.qti-text-entry").focus()
    walk.pass_time((walk.agent.require_seat().log.left_ms("work") or 0) - 4_000)
    typed = ""
    # Keys so close upon each other that the page has no rest in which it would hand them over.
    while (walk.agent.require_seat().log.left_ms("work") or 0) > 1_500:
        walk.page.keyboard.press("a", delay=50)
        typed += "a"
    while walk.page.locator("input.qti-text-entry").count() and not walk.agent.require_seat().state.finished:
        walk.page.keyboard.press("b", delay=50)
    walk.heading("Спасибо")
    wait_until(lambda: walk.attempt.state.finished_at_ms)
    assert walk.attempt.state.responses["i4/r1"].value.startswith(typed)


def test_a_candidate_who_needs_it_gets_a_larger_print_and_a_stronger_contrast(walk: Walk) -> None:
    sit_down(walk, STRUCTURE)
    walk.direct("needs", extra_percent=50, large_print=True, high_contrast=True)
    begin(walk, STRUCTURE, **make_plan(50, **STRUCTURE))
    size = "getComputedStyle(document.documentElement).fontSize"
    assert walk.page.evaluate(size) == "24px"
    assert walk.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(0, 0, 0)"
    assert walk.agent.require_seat().log.left_ms("work") > 800_000  # type: ignore[operator]
    walk.shoot("needs")
