"""Pairs, scales, several texts, some of many steps, files and drawings: by mouse, by finger, by keyboard alone."""
import hashlib
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image

from tests.task_bank.conftest import FILES, Desk
from tests.task_bank.media_files import make_png

pytestmark = pytest.mark.browser
Open = Callable[..., Any]


def press(desk: Any, *keys: str) -> None:
    for key in keys:
        desk.page.keyboard.press(key)


def live(desk: Any) -> str:
    return str(desk.page.locator("[role=status]").inner_text())


def word(desk: Any, name: str) -> Any:
    return desk.find(name, ".qti-word")


# Pairs.

def test_pairs_by_mouse_stand_below_and_are_taken_apart(open_item: Open) -> None:
    desk = open_item("associate")
    for name in ("salt", "pepper", "cup", "saucer"):
        word(desk, name).click()
    assert desk.answer() == ["salt pepper", "cup saucer"]
    assert word(desk, "salt").is_disabled() and word(desk, "spoon").is_enabled()
    assert "Составлено пар: 2" in desk.page.locator(".qti-count").inner_text()
    desk.page.get_by_role("button", name="Убрать пару: Salt – Pepper").click()
    assert desk.answer() == ["cup saucer"] and word(desk, "salt").is_enabled()


def test_no_more_pairs_than_allowed(open_item: Open) -> None:
    desk = open_item("associate", state=["salt pepper", "cup saucer"])
    assert word(desk, "spoon").is_enabled() and word(desk, "cup").is_disabled()
    desk.page.get_by_role("button", name="Убрать пару: Salt – Pepper").click()
    for name in ("salt", "spoon"):
        word(desk, name).click()
    assert desk.answer() == ["cup saucer", "salt spoon"]


def test_pairs_by_keyboard_alone(open_item: Open) -> None:
    desk = open_item("associate")
    word(desk, "salt").focus()
    press(desk, "Enter")
    assert word(desk, "salt").get_attribute("aria-pressed") == "true" and "Salt" in live(desk)
    press(desk, "Escape")
    assert desk.page.locator("[aria-pressed=true]").count() == 0
    press(desk, "Space")
    word(desk, "pepper").focus()
    press(desk, "Enter")
    assert desk.answer() == ["salt pepper"]
    assert desk.page.evaluate("document.activeElement.matches('.qti-word:enabled')")


def test_pairs_by_dragging_one_onto_the_other(open_item: Open) -> None:
    desk = open_item("associate")
    desk.drag(word(desk, "spoon"), word(desk, "cup"))
    assert desk.answer() == ["spoon cup"]
    assert desk.page.locator(".qti-pairs img").get_attribute("alt") == "ship"


# Scales.

def test_a_scale_is_not_answered_before_it_is_moved(open_item: Open) -> None:
    desk = open_item("slider")
    field = desk.page.get_by_role("slider")
    assert desk.answer() == "nothing sent" and "не дан" in desk.page.locator(".qti-slider-value").inner_text()
    assert "не дан" in field.get_attribute("aria-valuetext")
    field.focus()
    press(desk, "ArrowRight", "ArrowRight")
    assert desk.answer() == "0" and desk.page.locator(".qti-slider-value").inner_text() == "Ваш ответ: 0"
    press(desk, "End", "Home")
    assert desk.answer() == "-10"
    desk.page.get_by_role("button", name="Снять выбор").click()
    assert desk.answer() is None and "не дан" in desk.page.locator(".qti-slider-value").inner_text()


def test_the_first_place_of_a_scale_can_be_the_answer(open_item: Open) -> None:
    desk = open_item("slider")
    desk.page.get_by_role("button", name="Ответить: -10").click()
    assert desk.answer() == "-10"


def test_the_wheel_never_moves_a_scale(open_item: Open) -> None:
    desk = open_item("slider", state="5")
    field = desk.page.get_by_role("slider")
    field.focus()
    field.hover()
    desk.page.mouse.wheel(0, 400)
    desk.page.wait_for_timeout(100)
    assert field.input_value() == "5" and desk.answer() == "nothing sent"


def test_a_scale_by_mouse_answers_once_at_the_end(open_item: Open) -> None:
    desk = open_item("slider")
    box = desk.page.get_by_role("slider").bounding_box()
    desk.page.mouse.move(box["x"] + 10, box["y"] + box["height"] / 2)
    desk.page.mouse.down()
    desk.page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] / 2, steps=5)
    assert desk.answer() == "nothing sent"
    desk.page.mouse.up()
    assert desk.answer() == "15" and desk.page.evaluate("count") == 1
    assert desk.page.locator(".qti-slider-labels span").all_inner_texts()[:3] == ["-10", "-5", "0"]


# Several texts, some steps, options with pictures.

def test_several_texts_are_one_answer(open_item: Open) -> None:
    desk = open_item("several-texts")
    fields = desk.page.locator("textarea")
    assert fields.count() == 3
    fields.nth(0).fill("Kara")
    fields.nth(2).fill("Azov")
    press(desk, "Tab")
    assert desk.answer() == ["Kara", "Azov"]
    desk.page.evaluate("mounted.setState({r1: ['Kara', 'Azov']})")
    assert fields.nth(2).input_value() == "Azov"
    for place in (0, 2):
        fields.nth(place).fill("")
    press(desk, "Tab")
    assert desk.answer() is None


def test_some_steps_of_many_are_taken_and_ordered_by_keyboard(open_item: Open) -> None:
    desk = open_item("order-some")
    assert "не меньше 2 и не больше 3" in desk.page.locator(".qti-hint").inner_text()
    for name in ("venus", "mercury", "earth"):
        desk.find(name, ".qti-take-line").focus()
        press(desk, "Enter")
    assert desk.answer() == ["venus", "mercury", "earth"]
    desk.find("saturn", ".qti-take-line").click()
    assert desk.answer() == ["venus", "mercury", "earth"] and "не больше 3" in live(desk)
    desk.page.get_by_role("button", name="Выше: Mercury").focus()
    press(desk, "Enter")
    assert desk.answer() == ["mercury", "venus", "earth"]
    desk.page.get_by_role("button", name="Убрать: Venus").click()
    assert desk.answer() == ["mercury", "earth"]


def test_some_steps_by_dragging(open_item: Open) -> None:
    desk = open_item("order-some")
    desk.drag(desk.find("earth", ".qti-order-text"), desk.page.locator(".qti-order-taken"))
    desk.page.locator(".qti-order-taken [data-choice]").wait_for()
    desk.drag(desk.find("venus", ".qti-order-text"), desk.find("earth", ".qti-order-text"))
    desk.page.wait_for_function("answers.r1.length === 2")
    assert sorted(desk.answer()) == ["earth", "venus"]


def test_options_with_formulas_stand_in_the_line(open_item: Open) -> None:
    desk = open_item("inline-formulas")
    assert desk.page.get_by_role("radiogroup", name="Пропуск 1").count() == 1
    assert desk.page.locator("mfrac").bounding_box()["height"] > 15
    desk.input("half").click()
    assert desk.answer() == "half"
    press(desk, "ArrowRight")
    assert desk.answer() in ("two", "boat")
    desk.page.get_by_text("Снять выбор").click()
    assert desk.answer() is None


def test_pictures_go_into_gaps(open_item: Open) -> None:
    desk = open_item("picture-gaps")
    word(desk, "i-ship").click()
    assert "ship" in live(desk)
    gap = desk.page.locator(f'[data-gap="{desk.opaque["g-one"]}"]')
    gap.locator("button").click()
    assert desk.answer() == ["i-ship g-one"] and gap.locator("img").get_attribute("alt") == "ship"
    word(desk, "w-water").click()
    desk.page.locator(f'[data-gap="{desk.opaque["g-two"]}"] button').click()
    assert desk.page.locator(f'[data-gap="{desk.opaque["g-two"]}"] sub').inner_text() == "2"


# Files.

def choose(desk: Any, name: str, content: bytes, kind: str = "image/png") -> None:
    desk.page.locator("input[type=file]").set_input_files({"name": name, "mimeType": kind, "buffer": content})


def reference(content: bytes, name: str, kind: str = "image/png") -> str:
    return f"{hashlib.sha256(content).hexdigest()} {len(content)} {kind} {name}"


def test_a_file_is_kept_replaced_taken_back_and_had_again(open_item: Open) -> None:
    desk = open_item("upload")
    first, second = make_png(), make_png(width=20)
    assert "PNG, PDF" in desk.page.locator(".qti-hint").inner_text()
    choose(desk, "план школы.png", first)
    desk.page.wait_for_function("() => answers.r1")
    assert desk.answer() == reference(first, "план школы.png")
    assert FILES[hashlib.sha256(first).hexdigest()] == first
    assert desk.page.locator(".qti-file-name").inner_text() == "план школы.png"
    choose(desk, "b.png", second)
    desk.page.wait_for_function("() => answers.r1.endsWith('b.png')")
    desk.page.get_by_role("button", name="Вернуть: план школы.png").click()
    assert desk.answer() == reference(first, "план школы.png")
    desk.page.get_by_role("button", name="Убрать файл").click()
    assert desk.answer() is None and desk.page.locator(".qti-file-card").is_hidden()
    press(desk, "Enter")
    assert desk.answer() == reference(first, "план школы.png")


@pytest.mark.parametrize("name, content, kind, said", [
    ("a.txt", b"text", "text/plain", "не подходит. Нужен: PNG, PDF"),
    ("a.png", b"", "image/png", "пустой"),
    ("a.png", b"x" * 2000, "image/png", "слишком большой"),
])
def test_files_that_do_not_fit_are_refused_in_words(
    open_item: Open, name: str, content: bytes, kind: str, said: str
) -> None:
    desk = open_item("upload", maxFileBytes=1000)
    choose(desk, name, content, kind)
    assert said in desk.page.locator(".qti-warning").inner_text() and said in live(desk)
    assert desk.answer() == "nothing sent"


def test_a_file_that_could_not_be_kept_leaves_the_earlier_answer(open_item: Open) -> None:
    kept = reference(make_png(), "a.png")
    FILES[kept.split(" ", 1)[0]] = make_png()
    desk = open_item("upload", state=kept)
    desk.keeps_files = False
    choose(desk, "b.png", make_png(width=30))
    desk.page.get_by_text("Файл не сохранился. Прежний ответ цел.").first.wait_for()
    assert desk.answer() == "nothing sent" and desk.page.locator(".qti-file-name").inner_text() == "a.png"


@pytest.mark.parametrize("kind", ["upload", "drawing"])
def test_where_files_cannot_be_kept_the_page_says_so(open_item: Open, kind: str) -> None:
    desk = open_item(kind, files=False)
    assert "нельзя сохранить файл" in desk.page.locator(f".qti-{kind}").inner_text()
    assert desk.page.locator("input:enabled, canvas[tabindex='0']").count() == 0


# Drawings.

def draw_line(desk: Any, *places: tuple[float, float]) -> None:
    """A line over the sheet; places are parts of its width and height."""
    box = desk.page.locator("canvas").bounding_box()
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    desk.page.mouse.move(*points[0])
    desk.page.mouse.down()
    for point in points[1:]:
        desk.page.mouse.move(*point, steps=6)
    desk.page.mouse.up()


def read_drawing(desk: Any) -> Image.Image:
    desk.page.wait_for_function("() => document.querySelector('.qti-sheet-note').textContent === 'Рисунок сохранён.'")
    sha256, size, kind, name = desk.answer().split(" ")
    assert kind == "image/png" and name == "drawing.png" and len(FILES[sha256]) == int(size)
    return Image.open(io.BytesIO(FILES[sha256])).convert("RGB")


def test_a_drawing_is_kept_with_its_picture_and_comes_back(open_item: Open) -> None:
    desk = open_item("drawing")
    desk.page.get_by_text("Красное").click()
    draw_line(desk, (0.05, 0.05), (0.5, 0.05), (0.95, 0.05))
    picture = read_drawing(desk)
    assert picture.size == (400, 300) and picture.getpixel((200, 15)) == (0xB3, 0x26, 0x1E)
    assert picture.getpixel((5, 100)) == (0xBF, 0xE0, 0xF2), "the author's picture is under it"
    again = open_item("drawing", state=desk.answer())
    again.page.wait_for_function(f"() => {PIXEL}(200, 15)[0] === 0xb3")
    assert again.answer() == "nothing sent"
    again.page.get_by_text("Ластик").click()
    draw_line(again, (0.4, 0.05), (0.6, 0.05))
    assert read_drawing(again).getpixel((200, 15)) == (0xBF, 0xE0, 0xF2), "the eraser leaves the author's picture"


PIXEL = "((x, y) => document.querySelector('canvas').getContext('2d').getImageData(x, y, 1, 1).data)"


def test_undo_and_clear_with_undo(open_item: Open) -> None:
    desk = open_item("drawing")
    undo, clear = (desk.page.get_by_role("button", name=name) for name in ("Отменить", "Стереть всё"))
    assert undo.is_disabled() and clear.is_disabled()
    draw_line(desk, (0.1, 0.5), (0.9, 0.5))
    draw_line(desk, (0.5, 0.1), (0.5, 0.9))
    clear.click()
    desk.page.wait_for_timeout(900)
    assert desk.answer() in (None, "nothing sent")
    undo.click()
    undo.click()
    picture = read_drawing(desk)
    assert picture.getpixel((100, 150)) == (0x10, 0x15, 0x1B)
    assert picture.getpixel((200, 40)) != (0x10, 0x15, 0x1B)
    undo.click()
    desk.page.wait_for_function("() => answers.r1 === null")


def test_a_drawing_by_keyboard_alone(open_item: Open) -> None:
    desk = open_item("drawing")
    canvas = desk.page.locator("canvas")
    assert "стрелки двигают перо" in desk.page.locator(f"#{canvas.get_attribute('aria-describedby')}").inner_text()
    for _ in range(20):
        press(desk, "Tab")
        if desk.page.evaluate("document.activeElement.tagName") == "CANVAS":
            break
    assert desk.page.locator(".qti-pen-cursor").is_visible()
    press(desk, "Space")
    assert live(desk) == "Перо опущено."
    press(desk, *["Shift+ArrowRight"] * 4, *["ArrowDown"] * 5, "Space")
    assert live(desk) == "Перо поднято."
    picture = read_drawing(desk)
    assert picture.getpixel((250, 150)) == (0x10, 0x15, 0x1B) == picture.getpixel((296, 165))


def test_a_drawing_that_could_not_be_kept_stays_and_can_be_kept_again(open_item: Open) -> None:
    desk = open_item("drawing")
    desk.keeps_files = False
    draw_line(desk, (0.1, 0.5), (0.9, 0.5))
    desk.page.get_by_role("button", name="Сохранить ещё раз").wait_for()
    assert desk.answer() == "nothing sent"
    desk.keeps_files = True
    desk.page.get_by_role("button", name="Сохранить ещё раз").click()
    assert read_drawing(desk).getpixel((200, 150)) == (0x10, 0x15, 0x1B)


def test_a_drawing_that_is_only_read_cannot_be_changed(open_item: Open) -> None:
    desk = open_item("drawing", readOnly=True)
    assert desk.page.locator("canvas").get_attribute("role") == "img"
    draw_line(desk, (0.1, 0.5), (0.9, 0.5))
    desk.page.wait_for_timeout(900)
    assert desk.answer() == "nothing sent" and desk.page.locator(".qti-tool").count() == 0


# Fingers.

@pytest.fixture
def touch_item(browser: Any, player_address: str) -> Iterator[Open]:
    """As `open_item`, on a screen that is touched."""
    page = browser.new_page(viewport={"width": 1024, "height": 768}, has_touch=True)
    page.goto(player_address)
    page.wait_for_function("() => Boolean(window.start)")
    yield lambda kind, **options: Desk(page, kind, **options)
    page.close()


def swipe(desk: Any, start: Any, end: Any) -> None:
    """A finger that is put on one element and lifted from another."""
    start.scroll_into_view_if_needed()
    (x, y), (to_x, to_y) = desk.middle(start), desk.middle(end)
    touches = desk.page.context.new_cdp_session(desk.page)

    def send(kind: str, points: list[dict[str, float]]) -> None:
        touches.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", [{"x": x, "y": y}])
    for step in range(1, 13):
        send("touchMove", [{"x": x + (to_x - x) * step / 12, "y": y + (to_y - y) * step / 12}])
        desk.page.wait_for_timeout(20)
    send("touchEnd", [])
    desk.page.wait_for_timeout(50)


def test_taps_answer_what_is_pressed(touch_item: Open) -> None:
    desk = touch_item("choice")
    desk.page.get_by_text("Red").tap()
    assert desk.answer() == "right"
    desk = touch_item("gaps")
    word(desk, "w-cat").tap()
    desk.page.locator(f'[data-gap="{desk.opaque["g-two"]}"] button').tap()
    assert desk.answer() == ["w-cat g-two"]
    desk = touch_item("match-table")
    desk.input("row-a", "col-1").tap()
    assert desk.answer() == ["row-a col-1"]
    desk = touch_item("order")
    desk.page.get_by_role("button", name="Ниже").first.tap()
    assert len(desk.answer()) == 3
    desk = touch_item("associate")
    word(desk, "cup").tap()
    word(desk, "saucer").tap()
    assert desk.answer() == ["cup saucer"]


def test_a_finger_drags_words_lines_and_options(touch_item: Open) -> None:
    desk = touch_item("gaps")
    swipe(desk, word(desk, "w-dog"), desk.page.locator(f'[data-gap="{desk.opaque["g-one"]}"]'))
    assert desk.answer() == ["w-dog g-one"]
    desk = touch_item("order")
    lines = desk.page.locator(".qti-order-list > li")
    first, last = (desk.originals[lines.nth(place).get_attribute("data-choice")] for place in (0, 2))
    swipe(desk, lines.nth(2).locator(".qti-order-text"), lines.nth(0).locator(".qti-order-text"))
    assert desk.answer()[0] == last and first in desk.answer()[1:]
    desk = touch_item("match-list")
    swipe(desk, desk.find("col-1"), desk.find("row-b"))
    assert desk.answer() == ["row-b col-1"]
    desk = touch_item("associate")
    swipe(desk, word(desk, "salt"), word(desk, "cup"))
    assert desk.answer() == ["salt cup"]


def test_a_finger_moves_a_scale_and_draws(touch_item: Open) -> None:
    desk = touch_item("slider")
    box = desk.page.get_by_role("slider").bounding_box()
    desk.page.touchscreen.tap(box["x"] + box["width"] * 0.5, box["y"] + box["height"] / 2)
    assert desk.answer() == "15"
    desk = touch_item("drawing")
    canvas = desk.page.locator("canvas")
    swipe(desk, canvas, desk.page.locator(".qti-sheet-foot"))
    assert read_drawing(desk).getpixel((200, 150)) == (0x10, 0x15, 0x1B)
