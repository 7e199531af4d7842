"""Pictures are answered by mouse, finger and keyboard in a real browser; the answers score as the author meant."""
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from task_bank.items import Identifiers, render_item
from task_bank.scoring import restore_responses, score_item
from tests.task_bank.builders import (
    ISLAND_IMAGE,
    KINDS,
    RIGHT,
    make_graphic,
    make_item,
    make_package,
    make_response,
)
from tests.task_bank.conftest import Desk

pytestmark = pytest.mark.browser
Open = Callable[..., Any]
MIDDLE = {"hill": (160, 215), "wood": (110, 97), "town": (295, 125), "lake": (200, 90), "field": (280, 210)}
SEA = (390, 10)
GRAPHIC = ("hotspot", "hotspot-one", "select-point", "graphic-gaps", "graphic-associate", "graphic-order",
           "position-object")


def find_place(desk: Any, place: str | tuple[int, int]) -> tuple[float, float]:
    """Where a region, or a point in pixels of the picture, is on the screen."""
    x, y = MIDDLE[place] if isinstance(place, str) else place
    picture = desk.page.locator(".qti-picture")
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    return box["x"] + x * box["width"] / 400, box["y"] + y * box["height"] / 300


def click(desk: Any, *places: str | tuple[int, int]) -> None:
    for place in places:
        desk.page.mouse.click(*find_place(desk, place))


def tap(desk: Any, *places: str | tuple[int, int]) -> None:
    for place in places:
        desk.page.touchscreen.tap(*find_place(desk, place))


def lie_at(given: list[str], *points: str) -> bool:
    """Whether points lie where they were put, within two pixels: the screen's own are not the picture's."""
    found = [list(map(int, one.split())) for one in given]
    wanted = [list(map(int, one.split())) for one in points]
    return len(found) == len(wanted) and all(
        abs(a - b) <= 2 for one, other in zip(found, wanted, strict=True) for a, b in zip(one, other, strict=True)
    )


def press(desk: Any, *keys: str) -> None:
    for key in keys:
        desk.page.keyboard.press(key)


def drag(desk: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    desk.page.mouse.move(*start)
    desk.page.mouse.down()
    for step in range(1, 7):
        desk.page.mouse.move(*(a + (b - a) * step / 6 for a, b in zip(start, end, strict=True)))
    desk.page.mouse.up()


def drag_by_finger(desk: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    touch = desk.page.context.new_cdp_session(desk.page)

    def send(kind: str, *points: tuple[float, float]) -> None:
        given = [{"x": x, "y": y} for x, y in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": given})

    send("touchStart", start)
    for step in range(1, 7):
        send("touchMove", (start[0] + (end[0] - start[0]) * step / 6, start[1] + (end[1] - start[1]) * step / 6))
    send("touchEnd")
    desk.page.wait_for_timeout(60)


def warning(desk: Any) -> str:
    """The refusal that is shown; it must be spoken too."""
    shown = desk.page.locator(".qti-warning:visible").all_inner_texts()
    assert shown == desk.page.locator("[role=status]").all_inner_texts()
    return str(shown[0])


def focused(desk: Any) -> str:
    return str(desk.page.evaluate("document.activeElement.getAttribute('aria-label')"))


@pytest.fixture
def open_by_touch(browser: Any, player_address: str) -> Iterator[Callable[..., Desk]]:
    """As open_item, on a narrow screen that is touched."""
    context = browser.new_context(has_touch=True, is_mobile=True, viewport={"width": 400, "height": 700})
    page = context.new_page()
    page.goto(player_address)
    page.wait_for_function("() => Boolean(window.start)")
    yield lambda kind, **options: Desk(page, kind, **options)
    context.close()


# Hotspot

def test_regions_by_mouse_and_back(open_item: Open) -> None:
    desk = open_item("hotspot")
    click(desk, "town", "lake")
    assert desk.answer() == ["lake", "town"]
    click(desk, "lake")
    assert desk.answer() == ["town"]
    desk.page.get_by_text("Убрать всё").click()
    assert desk.answer() is None


def test_regions_by_keyboard(open_item: Open) -> None:
    desk = open_item("hotspot")
    press(desk, "Tab", "Space", "Tab", "Tab", "Space")
    assert desk.answer() == ["wood", "town"]
    assert focused(desk) == "Область 3"


def test_one_region_of_several_lying_over_each_other(open_item: Open) -> None:
    desk = open_item("hotspot-one")
    click(desk, "hill")
    assert desk.answer() == "hill"
    click(desk, SEA)
    assert desk.answer() == "rest"
    desk.page.locator("input:checked").focus()
    press(desk, "ArrowDown")
    assert desk.answer() == "wood"


def test_no_more_regions_than_allowed_and_the_refusal_is_said(open_item: Open) -> None:
    desk = open_item("hotspot")
    click(desk, "town", "lake", "hill")
    assert desk.answer() == ["lake", "town"]
    assert "не больше 2" in warning(desk)
    click(desk, "lake")
    assert desk.page.locator(".qti-warning:visible").count() == 0


def test_too_few_regions_are_told(open_item: Open) -> None:
    desk = open_item("hotspot")
    click(desk, "town")
    assert "1 из 2 возможных, нужно не меньше 2" in desk.page.locator(".qti-count").inner_text()


def test_beside_a_region_is_near_enough_far_away_is_not(open_item: Open) -> None:
    desk = open_item("hotspot")
    click(desk, (200, 126))
    assert desk.answer() == ["lake"]
    click(desk, SEA, (200, 285))
    assert desk.answer() == ["lake"]


def test_regions_by_finger_on_a_narrow_screen(open_by_touch: Open) -> None:
    desk = open_by_touch("hotspot")
    tap(desk, "field", "hill")
    assert desk.answer() == ["hill", "field"]


# Points

def test_points_are_whole_pixels_of_the_picture_at_any_size(open_item: Open) -> None:
    desk = open_item("select-point")
    for width in (1366, 400):
        desk.page.set_viewport_size({"width": width, "height": 768})
        click(desk, (200, 90))
        assert lie_at(desk.answer(), "200 90")
        desk.page.get_by_text("Убрать всё").click()
    assert desk.answer() is None


def test_points_by_keyboard(open_item: Open) -> None:
    desk = open_item("select-point")
    press(desk, "Tab", "ArrowRight", "Shift+ArrowUp", "Control+ArrowLeft", "Enter")
    assert desk.answer() == ["203 110"]
    press(desk, "Shift+ArrowLeft", "Space")
    assert desk.answer() == ["203 110", "163 110"]
    assert "Точка 2" in desk.page.locator("[role=status]").inner_text()
    press(desk, "Delete")
    assert desk.answer() == ["203 110"]


def test_the_crosshair_stays_on_the_picture(open_item: Open) -> None:
    desk = open_item("select-point")
    press(desk, "Tab", *["Shift+ArrowRight"] * 9, *["Shift+ArrowUp"] * 9, "Enter")
    assert desk.answer() == ["400 0"]


def test_a_point_is_moved_by_dragging_by_clicks_and_by_keyboard(open_item: Open) -> None:
    desk = open_item("select-point")
    click(desk, (100, 100))
    drag(desk, find_place(desk, (100, 100)), find_place(desk, (200, 200)))
    assert lie_at(desk.answer(), "200 200")
    click(desk, (200, 200), (300, 60))
    assert lie_at(desk.answer(), "300 60")
    desk.page.get_by_role("button", name="Переместить").focus()
    press(desk, "Enter", "ArrowLeft", "Enter")
    assert lie_at(desk.answer(), "296 60")
    press(desk, "Tab", "Tab", "Enter")
    assert desk.answer() is None


def test_no_more_points_than_allowed(open_item: Open) -> None:
    desk = open_item("select-point")
    click(desk, (50, 50), (120, 50), (190, 50))
    assert lie_at(desk.answer(), "50 50", "120 50")
    assert "не больше 2" in warning(desk)


def test_points_by_finger(open_by_touch: Open) -> None:
    desk = open_by_touch("select-point")
    tap(desk, (200, 90))
    first = desk.answer()
    drag_by_finger(desk, find_place(desk, (200, 90)), find_place(desk, (300, 120)))
    assert first != desk.answer() and lie_at(desk.answer(), "300 120")


# Words and pictures into regions

def bank(desk: Any, name: str) -> Any:
    return desk.find(name, "button")


def test_regions_are_filled_by_mouse_and_emptied(open_item: Open) -> None:
    desk = open_item("graphic-gaps")
    bank(desk, "g-ship").click()
    click(desk, "lake")
    assert desk.answer() == ["g-ship lake"] and bank(desk, "g-ship").is_disabled()
    bank(desk, "g-house").click()
    click(desk, "lake")
    assert desk.answer() == ["g-house lake"] and bank(desk, "g-ship").is_enabled()
    click(desk, "lake")
    assert desk.answer() is None
    click(desk, "lake")
    assert "Сначала выберите" in warning(desk)


def test_regions_are_filled_by_keyboard(open_item: Open) -> None:
    desk = open_item("graphic-gaps")
    bank(desk, "g-tree").focus()
    press(desk, "Enter")
    assert focused(desk) == "Область 1, пусто"
    press(desk, "Tab", "Enter")
    assert desk.answer() == ["g-tree lake"] and focused(desk) == "Область 2: tree"
    bank(desk, "g-ship").focus()
    press(desk, "Enter", "Escape")
    assert focused(desk) == "ship" and desk.page.locator("[aria-pressed=true]").count() == 0


def test_regions_are_filled_by_dragging(open_item: Open) -> None:
    desk = open_item("graphic-gaps")
    drag(desk, desk.middle(bank(desk, "g-ship")), find_place(desk, "lake"))
    assert desk.answer() == ["g-ship lake"]
    assert desk.page.locator(".qti-ghost").count() == 0 and not desk.page.locator(".qti-picking").count()
    drag(desk, find_place(desk, "lake"), find_place(desk, "town"))
    assert desk.answer() == ["g-ship town"]
    drag(desk, find_place(desk, "town"), find_place(desk, SEA))
    assert desk.answer() is None


def test_limits_of_words_and_regions(open_item: Open) -> None:
    desk = open_item("graphic-gaps")
    for name, place in (("g-tree", "field"), ("g-house", "field"), ("g-ship", "field")):
        bank(desk, name).click()
        click(desk, place)
    assert desk.answer() == ["g-tree field", "g-house field"]
    assert "не больше 2" in warning(desk)
    bank(desk, "g-tree").click()
    click(desk, "lake")
    assert bank(desk, "g-tree").is_disabled()


def test_regions_are_filled_by_finger(open_by_touch: Open) -> None:
    desk = open_by_touch("graphic-gaps")
    bank(desk, "g-tree").tap()
    tap(desk, "wood")
    assert desk.answer() == ["g-tree wood"]
    drag_by_finger(desk, desk.middle(bank(desk, "g-ship")), find_place(desk, "lake"))
    assert desk.answer() == ["g-tree wood", "g-ship lake"]


# Lines

def test_lines_by_mouse_and_back(open_item: Open) -> None:
    desk = open_item("graphic-associate")
    click(desk, "hill", "lake")
    assert desk.answer() == ["hill lake"] and desk.page.locator("line.qti-line").count() == 1
    drag(desk, find_place(desk, "lake"), find_place(desk, "town"))
    assert desk.answer() == ["hill lake", "lake town"]
    desk.page.get_by_role("button", name="Убрать: ").first.click()
    assert desk.answer() == ["lake town"] and desk.page.locator("line.qti-line").count() == 1


def test_lines_by_keyboard(open_item: Open) -> None:
    desk = open_item("graphic-associate")
    press(desk, "Tab", "Enter", "Tab", "Space")
    assert desk.answer() == ["wood lake"] and focused(desk) == "Область 2, соединена: Область 1"
    press(desk, "Enter", "Escape")
    assert desk.page.locator("[aria-pressed=true]").count() == 0


def test_limits_of_lines_are_said(open_item: Open) -> None:
    desk = open_item("graphic-associate")
    click(desk, "hill", "lake", "hill", "lake")
    assert "уже соединены" in warning(desk)
    click(desk, "hill", "wood", "hill", "town")
    assert "не больше линий отсюда: 2" in warning(desk)
    click(desk, "field", "town", "field", "lake")
    assert "не больше линий: 3" in warning(desk)
    assert desk.answer() == ["hill lake", "hill wood", "field town"]


def test_a_line_that_ends_nowhere_is_no_line(open_item: Open) -> None:
    desk = open_item("graphic-associate")
    drag(desk, find_place(desk, "lake"), find_place(desk, SEA))
    assert desk.answer() == "nothing sent" and desk.page.locator("line").count() == 0
    assert "поэтому её нет" in warning(desk)


def test_lines_by_finger(open_by_touch: Open) -> None:
    desk = open_by_touch("graphic-associate")
    tap(desk, "hill", "lake")
    assert desk.answer() == ["hill lake"]


# Order

def test_order_on_a_picture_by_mouse(open_item: Open) -> None:
    desk = open_item("graphic-order")
    click(desk, "hill", "lake", "town")
    assert desk.answer() == ["hill", "lake", "town"]
    click(desk, "lake")
    assert desk.answer() == ["hill", "town"]
    assert desk.page.locator(".qti-answer-text").all_inner_texts() == ["Область Г", "Область В"]
    desk.page.get_by_role("button", name="Раньше: Область В").click()
    assert desk.answer() == ["town", "hill"]


def test_order_on_a_picture_by_keyboard(open_item: Open) -> None:
    desk = open_item("graphic-order")
    press(desk, "Tab", "Tab", "Enter", "Tab", "Space")
    assert desk.answer() == ["lake", "town"] and focused(desk) == "Область В: место 2"
    desk.page.get_by_role("button", name="Убрать: Область Б").focus()
    press(desk, "Enter")
    assert desk.answer() == ["town"] and focused(desk) == "Убрать: Область В"
    press(desk, "Enter")
    assert desk.answer() is None and focused(desk) == "Область А"


def test_order_on_a_picture_by_finger(open_by_touch: Open) -> None:
    desk = open_by_touch("graphic-order")
    tap(desk, "wood", "hill")
    assert desk.answer() == ["wood", "hill"]


# Objects

def take(desk: Any) -> Any:
    return desk.page.get_by_role("button", name="Взять: ship")


def test_an_object_is_put_down_where_it_is_clicked(open_item: Open) -> None:
    desk = open_item("position-object")
    click(desk, "lake")
    assert desk.answer() == "nothing sent"
    take(desk).click()
    click(desk, "lake")
    assert lie_at(desk.answer(), "200 90")
    drag(desk, find_place(desk, "lake"), find_place(desk, "town"))
    assert lie_at(desk.answer(), "295 125")


def test_an_object_is_dragged_onto_the_picture(open_item: Open) -> None:
    desk = open_item("position-object")
    drag(desk, desk.middle(take(desk)), find_place(desk, "town"))
    assert lie_at(desk.answer(), "295 125")
    image = desk.page.locator(".qti-object img").bounding_box()
    x, y = find_place(desk, "town")
    assert abs(image["x"] + image["width"] / 2 - x) < 1.5 and abs(image["y"] + image["height"] / 2 - y) < 1.5
    drag(desk, desk.middle(take(desk)), (5, 5))
    assert lie_at(desk.answer(), "295 125")


def test_an_object_by_keyboard(open_item: Open) -> None:
    desk = open_item("position-object")
    press(desk, "Tab", "Enter", "Shift+ArrowUp", "ArrowRight", "Enter")
    assert desk.answer() == ["204 110"]
    press(desk, "Enter", "ArrowRight", "Enter")
    assert desk.answer() == ["208 110"]
    take(desk).focus()
    press(desk, "Enter", "Escape")
    assert focused(desk) == "Взять: ship" and desk.answer() == ["208 110"]
    press(desk, "Tab", "Tab", "Enter")
    assert desk.answer() is None


def test_no_more_objects_than_allowed(open_item: Open) -> None:
    desk = open_item("position-object")
    for place in ("lake", "town", "hill"):
        take(desk).click()
        click(desk, place)
    assert len(desk.answer()) == 2 and "не больше 2" in warning(desk)


def test_an_object_by_finger(open_by_touch: Open) -> None:
    desk = open_by_touch("position-object")
    take(desk).tap()
    tap(desk, "lake")
    assert len(desk.answer()) == 1
    drag_by_finger(desk, desk.middle(take(desk)), find_place(desk, "hill"))
    assert len(desk.answer()) == 2


def test_two_objects_of_one_stage_keep_apart(open_item: Open) -> None:
    objects = "".join(
        make_graphic("position-object", image=f'<img src="../media/ship.svg" alt="{name}"/>').replace("RESPONSE", name)
        for name in ("ship", "boat")
    )
    responses = "".join(make_response(name, base_type="point") for name in ("ship", "boat"))
    stage = f"<qti-position-object-stage>{ISLAND_IMAGE}{objects}</qti-position-object-stage>"
    package = make_package({"task-01": make_item(stage, responses)})
    position = package.assessment.positions[0]
    data = render_item(package, package.items["task-01"], position, Identifiers("i1"), "seed").data
    desk = open_item("position-object")
    desk.page.evaluate("item => start(item, {})", data)
    ship, boat = (desk.page.get_by_role("button", name=f"Взять: {name}") for name in ("ship", "boat"))
    ship.click()
    boat.click()
    assert desk.page.locator("[aria-pressed=true]").count() == 1
    click(desk, "lake")
    assert desk.page.evaluate("answers.r1 ?? null") is None and lie_at([desk.page.evaluate("answers.r2")], "200 90")
    ship.click()
    click(desk, "town", "hill")
    assert lie_at(desk.page.evaluate("[answers.r1, answers.r2]"), "295 125", "200 90")


def test_an_item_closed_in_the_middle_of_a_drag_leaves_nothing_behind(open_item: Open) -> None:
    desk = open_item("position-object")
    desk.page.mouse.move(*desk.middle(take(desk)))
    desk.page.mouse.down()
    desk.page.mouse.move(*find_place(desk, "lake"), steps=5)
    assert desk.page.locator(".qti-ghost").count() == 1
    desk.page.evaluate("mounted.destroy()")
    desk.page.mouse.up()
    assert desk.page.locator(".qti-ghost").count() == 0 and desk.answer() == "nothing sent"


# All of them

def answer_right(desk: Any, kind: str) -> None:
    """The right answer, given as a candidate gives it."""
    if kind == "graphic-gaps":
        for pair in RIGHT[kind]:
            word, place = pair.split()
            bank(desk, word).click()
            click(desk, place)
    elif kind == "position-object":
        for place in ("lake", "town"):
            take(desk).click()
            click(desk, place)
    else:
        click(desk, *{
            "hotspot": ("lake", "town"), "hotspot-one": ("hill",), "select-point": ("lake", "town"),
            "graphic-associate": ("hill", "lake", "lake", "town"), "graphic-order": ("hill", "town", "lake", "wood"),
        }[kind])


@pytest.mark.parametrize("kind", GRAPHIC)
def test_the_right_answer_gives_all_points_after_its_way_through_the_browser(open_item: Open, kind: str) -> None:
    desk = open_item(kind)
    answer_right(desk, kind)
    key = {"identifiers": desk.originals, "responses": {"r1": "RESPONSE"}}
    given = restore_responses(key, desk.page.evaluate("answers"), KINDS[kind])
    outcomes = score_item(KINDS[kind], given)
    assert outcomes["SCORE"] == outcomes["MAXSCORE"]


@pytest.mark.parametrize("kind", GRAPHIC)
def test_a_picture_that_is_only_read_takes_nothing(open_item: Open, kind: str) -> None:
    desk = open_item(kind, state=RIGHT[kind], readOnly=True)
    click(desk, "hill", "wood", "town")
    press(desk, "Tab", "Enter", "Space", "Delete")
    assert desk.answer() == "nothing sent"


@pytest.mark.parametrize("kind", GRAPHIC)
def test_on_paper_the_answer_is_in_words(open_item: Open, kind: str) -> None:
    desk = open_item(kind, state=RIGHT[kind])
    desk.page.emulate_media(media="print")
    right = RIGHT[kind] if isinstance(RIGHT[kind], list) else [RIGHT[kind]]
    assert desk.page.locator(".qti-answers li:visible").count() == len(right)
    assert desk.page.locator(".qti-answers button:visible, .qti-hint:visible").count() == 0
