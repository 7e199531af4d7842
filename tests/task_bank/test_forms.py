"""What forms look like before a script runs: limits, places to fill, scales, files; and which of them are refused."""
from typing import Any

import pytest
from lxml import html

from task_bank.items import Identifiers, PackageError, render_item
from tests.task_bank.builders import (
    CHOICE,
    GAPS,
    HOTTEXT,
    INLINE,
    KINDS,
    TEXT,
    make_assessment,
    make_item,
    make_match,
    make_package,
    make_position,
    make_response,
)
from tests.task_bank.form_kinds import DRAWING, FILE_KINDS, ORDER_SOME, SEVERAL, SLIDER, UPLOAD, make_associate


def render(body: str, cardinality: str = "single", base_type: str = "identifier", **changes: Any) -> dict[str, Any]:
    response = make_response(cardinality=cardinality, base_type=base_type)
    package = make_package({"task-01": make_item(body, response, **changes)}, make_assessment([make_position()]))
    item = package.items["task-01"]
    return render_item(package, item, package.assessment.positions[0], Identifiers("i1"), "seed").data


def find(data: dict[str, Any], path: str) -> Any:
    (found,) = html.fromstring(data["html"]).xpath(path)
    return found


@pytest.mark.parametrize("body, cardinality, limits", [
    (CHOICE, "single", ("1", "0")),
    (CHOICE.replace('max-choices="1"', ""), "single", ("1", "0")),
    (CHOICE.replace('max-choices="1"', ""), "multiple", ("0", "0")),
    (CHOICE.replace('max-choices="1"', 'min-choices="2"'), "multiple", ("0", "2")),
    (HOTTEXT.replace('max-choices="2"', ""), "multiple", ("0", "0")),
    (GAPS, "multiple", ("0", "0")), (GAPS, "single", ("1", "0")),
    (make_associate("max-associations='3' min-associations='1'"), "multiple", ("3", "1")),
])
def test_who_writes_no_limit_sets_none_where_several_are_asked(
    body: str, cardinality: str, limits: tuple[str, str]
) -> None:
    element = find(render(body, cardinality), "//*[@data-kind]")
    assert (element.get("data-max"), element.get("data-min")) == limits


@pytest.mark.parametrize("body, cardinality, places", [
    (GAPS, "multiple", 2), (GAPS.replace("<qti-prompt>", "<qti-prompt>", 1), "single", 1),
    (KINDS["order"], "", 3), (ORDER_SOME, "ordered", 2), (CHOICE, "single", None),
    (make_match(("One", "Two", "Three")), "multiple", 2), (make_match(("One",)), "multiple", 1),
    (make_match(("One",), most=0), "multiple", 2), (make_match(("One", "Two")).replace('"1"', '"0"'), "multiple", None),
    (make_associate("max-associations='2' min-associations='2'"), "multiple", 2), (make_associate(), "multiple", None),
])
def test_a_seat_learns_how_many_places_a_whole_answer_fills(body: Any, cardinality: str, places: int | None) -> None:
    if isinstance(body, bytes):
        package = make_package({"order": body}, make_assessment([make_position(pool=("order",))]))
        item, position = package.items["order"], package.assessment.positions[0]
        data = render_item(package, item, position, Identifiers("i1"), "seed").data
    else:
        data = render(body, cardinality)
    assert data["interactions"][0].get("places") == places


def test_some_steps_are_asked_for_only_where_not_all_must_be_ordered() -> None:
    assert find(render(ORDER_SOME, "ordered"), "//*[@data-subset]").get("data-max") == "3"
    whole = ORDER_SOME.replace('min-choices="2" max-choices="3"', 'min-choices="5"')
    assert "data-subset" not in render(whole, "ordered")["html"]


def test_a_scale_is_a_native_slider_with_its_prompt_as_name() -> None:
    data = render(SLIDER.replace("<qti-slider", '<qti-slider orientation="vertical"', 1)
                  .replace('<qti-slider orientation="vertical"-interaction', '<qti-slider-interaction'), "single",
                  "integer")
    field = find(data, "//input[@type='range']")
    assert [field.get(name) for name in ("min", "max", "step")] == ["-10", "40", "5"]
    assert find(data, f"//*[@id='{field.get('aria-labelledby')}']").text.startswith("At how many")


@pytest.mark.parametrize("step, base_type, expected", [
    ("", "integer", "1"), ("", "float", "0.1"), ('step="0"', "float", "0.1"), ('step="2.5"', "float", "2.5"),
])
def test_a_scale_without_steps_is_nearly_continuous(step: str, base_type: str, expected: str) -> None:
    data = render(SLIDER.replace('step="5"', step), "single", base_type)
    assert find(data, "//input").get("step") == expected


@pytest.mark.parametrize("old, new, said", [
    ('lower-bound="-10"', "", "lower-bound is None, not a number"),
    ('upper-bound="40"', 'upper-bound="many"', "upper-bound is 'many'"),
    ('upper-bound="40"', 'upper-bound="-10"', "is no scale"),
    ('step="5"', 'step="-5"', "is no scale"),
    ('step="5"', 'step="0.00001"', "is no scale"),
    ('step="5"', 'step="2.5"', "whole numbers"),
    ('step="5"', 'step="NaN"', "not a number"),
])
def test_a_scale_that_is_none_is_refused(old: str, new: str, said: str) -> None:
    with pytest.raises(PackageError, match=said) as caught:
        render(SLIDER.replace(old, new), "single", "integer")
    assert caught.value.element == "qti-slider-interaction"


@pytest.mark.parametrize("body, cardinality, base_type, said", [
    (CHOICE.replace("max-choices", 'min-choices="3" max-choices'), "multiple", "identifier", "min-choices is 3"),
    (CHOICE.replace('"1"', '"many"'), "single", "identifier", "max-choices is 'many'"),
    (make_associate("max-associations='-1'"), "multiple", "pair", "max-associations is '-1'"),
    (UPLOAD, "single", "string", "base-type file"), (DRAWING, "multiple", "file", "base-type file"),
    (UPLOAD.replace("image/png", "pictures"), "single", "file", "'pictures' is no media type"),
    (DRAWING.replace("</qti-drawing", "<p>and this</p></qti-drawing"), "single", "file", "holds nothing else"),
    (TEXT.replace("pattern-mask", 'expected-length="ten" pattern-mask'), "single", "string", "expected-length"),
])
def test_what_contradicts_itself_is_refused(body: str, cardinality: str, base_type: str, said: str) -> None:
    with pytest.raises(PackageError, match=said) as caught:
        render(body, cardinality, base_type)
    assert caught.value.file == "items/task-01.xml" and str(caught.value.element).endswith("-interaction")


def test_files_are_asked_for_by_type_and_on_the_authors_picture() -> None:
    upload = render(UPLOAD, "single", "file")
    assert find(upload, "//*[@data-kind='upload']").get("data-types") == "image/png application/pdf"
    drawing = render(DRAWING, "single", "file")
    sheet = find(drawing, "//*[@class='qti-sheet']")
    assert (sheet.get("data-width"), sheet[0].get("alt")) == ("400", "Plan of an island")
    empty = render(DRAWING[:DRAWING.index("<object")] + "</qti-drawing-interaction>", "single", "file")
    assert find(empty, "//*[@class='qti-sheet']").get("data-width") == "720"
    assert len(FILE_KINDS) == 2


def test_several_texts_have_a_field_each_and_one_text_has_one() -> None:
    assert render(SEVERAL, "multiple", "string")["html"].count("<textarea") == 3
    assert render(SEVERAL.replace('max-strings="3"', ""), "ordered", "string")["html"].count("<textarea") == 5
    assert render(SEVERAL, "single", "string")["html"].count("<textarea") == 1
    kept = SEVERAL.replace("expected-lines", 'format="preFormatted" expected-lines')
    assert "qti-preformatted" in render(kept, "single", "string")["html"]


def test_a_list_of_plain_words_is_a_select_and_its_label_is_shown_first() -> None:
    labelled = INLINE.replace("<qti-inline-choice ", "<qti-label>choose</qti-label><qti-inline-choice ", 1)
    assert find(render(labelled), "//select/option[1]").text == "choose"
    marked = INLINE.replace(">is<", "><em>is</em><").replace(">are<", ">a<sub>re</sub><")
    assert find(render(marked), "//*[@role='radiogroup']").get("data-kind") == "inline_choice"


def test_a_pattern_of_the_answer_never_leaves() -> None:
    assert "oscow" not in render(TEXT, "single", "string")["html"]
