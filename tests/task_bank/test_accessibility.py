"""Every kind of item for people who hear, magnify, need contrast, read from the right, or get it on paper."""
import io
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import pypdf
import pytest

from task_bank.items import Identifiers, render_item
from tests.task_bank.accessibility import find_violations
from tests.task_bank.builders import (
    ESSAY,
    KINDS,
    RIGHT,
    make_assessment,
    make_item,
    make_package,
    make_position,
    make_response,
)
from tests.task_bank.conftest import FILES, Desk
from tests.task_bank.form_kinds import ARABIC, CONTENT, FILE_KINDS
from tests.task_bank.media_files import make_png

pytestmark = pytest.mark.browser
Open = Callable[..., Any]
DRAWN = f"{'d' * 64} {len(make_png())} image/png drawing.png"
FILES["d" * 64] = make_png(width=720, height=440)
ANSWERS = {**RIGHT, "upload": DRAWN, "drawing": DRAWN}
ALL_KINDS = [*KINDS, *FILE_KINDS]


def open_page(browser: Any, address: str, **options: Any) -> Any:
    page = browser.new_page(**{"viewport": {"width": 1366, "height": 768}, **options})
    page.goto(address)
    page.wait_for_function("() => Boolean(window.start)")
    return page


def open_xml(page: Any, xml: bytes, name: str, **options: Any) -> None:
    """Open an item that is no kind of its own."""
    package = make_package({name: xml}, make_assessment([make_position(pool=(name,))]))
    rendered = render_item(package, package.items[name], package.assessment.positions[0], Identifiers("i1"), "seed")
    media = rendered.media
    page.route("**/media/*", lambda route: route.fulfill(
        body=media[route.request.url[-64:]].data, content_type=media[route.request.url[-64:]].type
    ))
    page.evaluate("([item, options]) => start(item, options)", [rendered.data, options])


@pytest.fixture(scope="module")
def page(browser: Any, player_address: str) -> Iterator[Any]:
    page = open_page(browser, player_address)
    yield page
    page.close()


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_axe_finds_nothing_empty_answered_or_only_read(page: Any, kind: str) -> None:
    for language in ("ru", "en"):
        for state, read_only in ((None, False), (ANSWERS[kind], False), (ANSWERS[kind], True)):
            desk = Desk(page, kind, language=language, state=state, readOnly=read_only)
            desk.page.wait_for_timeout(30)
            assert find_violations(page) == [], (language, state, read_only)
            page.evaluate("mounted.destroy()")


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_enough_contrast_in_the_dark_and_at_high_contrast(
    browser: Any, player_address: str, scheme: str
) -> None:
    page = open_page(browser, player_address, color_scheme=scheme, contrast="more" if scheme == "light" else None)
    try:
        page.evaluate("scheme => { document.body.style.background = scheme === 'dark' ? '#171b20' : '#fff' }", scheme)
        for kind in ALL_KINDS:
            Desk(page, kind, state=ANSWERS[kind])
            assert find_violations(page) == [], kind
            page.evaluate("mounted.destroy()")
    finally:
        page.close()


OVERFLOW = """() => ({
  page: document.scrollingElement.scrollWidth - innerWidth,
  cut: [...document.querySelectorAll('.qti-item *')].filter((one) => {
    const box = one.getBoundingClientRect();
    const hidden = getComputedStyle(one).clipPath !== 'none'
      || one.closest('.qti-live, .qti-match-scroll, svg, .qti-shapes, .qti-region');
    return box.width && !hidden && (box.right > innerWidth + 1 || box.left < -1);
  }).map((one) => one.outerHTML.slice(0, 100)),
})"""


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_at_200_percent_nothing_is_cut_and_the_page_does_not_scroll_sideways(
    zoomed: Any, kind: str
) -> None:
    Desk(zoomed, kind, state=ANSWERS[kind])
    zoomed.wait_for_timeout(50)
    assert zoomed.evaluate(OVERFLOW) == {"page": 0, "cut": []}
    zoomed.evaluate("mounted.destroy()")


@pytest.fixture(scope="module")
def zoomed(browser: Any, player_address: str) -> Iterator[Any]:
    page = open_page(browser, player_address, viewport={"width": 683, "height": 384}, device_scale_factor=2)
    yield page
    page.close()


# What a reader sees of an element: its borders, outline, background and checked state.
LOOK = """(element) => {
  const look = getComputedStyle(element);
  const names = ["outlineStyle", "outlineWidth", "outlineColor", "borderTopWidth", "borderTopColor", "backgroundColor"];
  return Object.fromEntries(names.map((name) => [name, look[name]]));
}"""
CHOSEN = {
    "choice": ".qti-option", "multiple": ".qti-option", "hottext": ".qti-hottext", "inline": ".qti-inline-choice",
    "inline-formulas": ".qti-inline-option", "match-table": ".qti-match-table td:has(input)",
    "match-list": ".qti-match-row", "gaps": ".qti-gap-button", "associate": ".qti-pairs > li",
    "drawing": ".qti-tool",
}


@pytest.fixture(scope="module")
def forced(browser: Any, player_address: str) -> Iterator[Any]:
    page = open_page(browser, player_address, forced_colors="active")
    yield page
    page.close()


@pytest.mark.parametrize("kind", CHOSEN)
def test_what_is_chosen_differs_by_more_than_a_forced_colour(forced: Any, kind: str) -> None:
    Desk(forced, kind, state=ANSWERS[kind])
    looks = [str(forced.evaluate(LOOK, one)) for one in forced.query_selector_all(CHOSEN[kind])]
    if len(looks) == 1 or kind in ("match-list", "gaps", "associate"):
        assert all("'borderTopWidth': '3px'" in look for look in looks[:2])
    else:
        assert len(set(looks)) > 1
    forced.evaluate("mounted.destroy()")


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_the_focus_is_seen_in_forced_colours(forced: Any, kind: str) -> None:
    desk = Desk(forced, kind)
    forced.keyboard.press("Tab")
    seen = forced.evaluate("""() => {
      let one = document.activeElement;
      if (one === document.body) return "no focus";
      for (let up = 0; up < 3 && one; up += 1, one = one.parentElement) {
        const { outlineStyle, outlineWidth } = getComputedStyle(one);
        if (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) return "seen";
      }
      return document.activeElement.outerHTML;
    }""")
    assert seen == "seen"
    desk.page.evaluate("mounted.destroy()")


def test_text_from_the_right_is_read_from_the_right(page: Any) -> None:
    open_xml(page, ARABIC, "arabic", language="en")
    item = page.locator(".qti-item")
    assert item.get_attribute("dir") == "rtl" and item.get_attribute("lang") == "ar"
    option = page.locator(".qti-option").first
    box, button = option.bounding_box(), option.locator("input").bounding_box()
    assert button["x"] > box["x"] + box["width"] / 2, "the button stands where reading begins"
    assert page.locator(".qti-option-text [dir=ltr]").evaluate("one => getComputedStyle(one).direction") == "ltr"
    assert page.locator(".qti-option-text").first.evaluate("one => getComputedStyle(one).unicodeBidi") == "isolate"
    assert find_violations(page) == []
    page.evaluate("mounted.destroy()")


def test_rich_content_keeps_its_form(page: Any) -> None:
    open_xml(page, CONTENT, "content", language="en")

    def height(css: str) -> float:
        return float(page.locator(css).first.bounding_box()["height"])

    assert height("math") > 20 and height("mfrac") > 20
    assert height("msqrt") > height("msqrt mi")
    assert page.locator("mtext").text_content() == "ℝ"
    assert page.locator("math mo").all_text_contents()[-2:] == ["(", ")"]
    assert page.locator("annotation").count() == 0
    assert page.locator("rt").bounding_box()["y"] < page.locator("ruby").bounding_box()["y"] + 2
    assert page.locator("th[scope=row]").count() == 1 and page.locator("table caption").count() == 1
    assert page.locator("td input").get_attribute("aria-label") == "Answer field 1"
    assert page.locator(".qti-writing-mode-vertical-rl").evaluate("one => getComputedStyle(one).writingMode") == (
        "vertical-rl")
    assert page.locator("ol.qti-list-style-upper-roman").evaluate("one => getComputedStyle(one).listStyleType") == (
        "upper-roman")
    assert page.locator("figure img").get_attribute("alt") == "ship"
    assert page.locator("details p").is_hidden()
    page.locator("summary").click()
    assert page.locator("details p").is_visible()
    assert find_violations(page) == []
    page.evaluate("mounted.destroy()")


def print_page(page: Any) -> str:
    page.emulate_media(media="print")
    document = pypdf.PdfReader(io.BytesIO(page.pdf(format="A4", print_background=False)))
    page.emulate_media(media="screen")
    text = " ".join(sheet.extract_text() for sheet in document.pages)
    return " ".join(unicodedata.normalize("NFKC", text).split())


PRINTED = {
    "choice": ["Which one?", "☒ Red", "☐ Blue"], "multiple": ["☒ Red", "☐ Blue"], "inline": ["It is here"],
    "text": ["Capital: Moscow"], "number": ["3,50"], "match-table": ["Row a", "One", "☒"],
    "match-list": ["Row a", "A rather long heading number 1"], "order": ["Put in order", "1 Step 1", "3 Step 3"],
    "gaps": ["The cat sees the dog"], "hottext": ["☒ Water boils.", "☐ It is fun."],
    "associate": ["What goes together?", "Pepper – Salt"], "slider": ["Ваш ответ: 0"],
    "several-texts": ["Kara", "Azov"], "order-some": ["1 Mercury", "3 Earth"],
    "upload": ["Send the plan", "drawing.png"], "drawing": ["Draw the road"], "picture-gaps": ["floats on H2O"],
    "inline-formulas": ["The root is", "☒"],
}


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_paper_shows_question_options_and_answer(page: Any, kind: str) -> None:
    Desk(page, kind, state=ANSWERS[kind], readOnly=True)
    page.wait_for_timeout(50)
    text = print_page(page)
    for expected in PRINTED.get(kind, ["Look at the plan"]):
        assert expected in text, text
    assert "Снять выбор" not in text and "Нажмите" not in text
    page.evaluate("mounted.destroy()")


def test_a_long_answer_is_printed_to_its_end(page: Any) -> None:
    xml = make_item(ESSAY, make_response(base_type="string"), name="essay")
    words = " ".join(f"word{number}" for number in range(900))
    open_xml(page, xml, "essay", state={"r1": words}, readOnly=True)
    text = print_page(page)
    assert "word0 " in text and "word899" in text
    page.evaluate("mounted.destroy()")
