"""A delivered item is accessible, shuffled, opaque, and holds only what a candidate may see."""
import json
import re
from typing import Any

import pytest
from lxml import html

from task_bank.items import AssessmentPackage, Identifiers, PackageError, UnsupportedElement, render_item
from task_bank.items.media.svg import clean_svg
from tests.task_bank.builders import (
    CHOICE,
    INLINE,
    KINDS,
    PICTURE,
    make_assessment,
    make_choice,
    make_item,
    make_package,
    make_position,
    make_response,
)
from tests.task_bank.media_files import make_opus


def render(package: AssessmentPackage, seed: str = "seed", number: int = 1) -> tuple[dict[str, Any], Identifiers]:
    position = package.assessment.positions[number - 1]
    names = Identifiers("i1")
    item = package.item(position.pool[0])
    return render_item(package, item, position, names, seed).data, names


def render_body(body: str, **files: bytes) -> dict[str, Any]:
    item = make_item(body + CHOICE, make_response(key="right"), template="match_correct")
    return render(make_package({"task-01": item}, **files))[0]


def test_a_choice_becomes_a_fieldset_with_opaque_names() -> None:
    data, names = render(make_package())
    page = html.fromstring(data["html"])
    assert page.findtext(".//fieldset/legend") == "Which one?"
    assert [one.get("value") for one in page.iter("input")] == list(names.choices)
    assert all(re.fullmatch("c[0-9a-f]{8}", one) for one in names.choices)
    assert sorted(names.choices.values()) == ["last", "right", "wrong"]
    assert names.responses == {"r1": "RESPONSE"}
    assert data["interactions"] == [
        {"id": "r1", "kind": "choice", "cardinality": "single", "base_type": "identifier"}
    ]


def test_choices_are_shuffled_by_the_seed_and_fixed_ones_stay() -> None:
    package = make_package()
    orders = {tuple(render(package, str(seed))[1].choices.values()) for seed in range(20)}
    assert orders == {("right", "wrong", "last"), ("wrong", "right", "last")}
    assert render(package, "7")[0] == render(package, "7")[0]


def test_an_author_may_forbid_shuffling() -> None:
    body = CHOICE.replace("max-choices", 'shuffle="false" max-choices')
    package = make_package({"task-01": make_choice(body=body)})
    orders = {tuple(render(package, str(seed))[1].choices.values()) for seed in range(10)}
    assert orders == {("right", "wrong", "last")}


def test_lines_to_order_are_shuffled_whatever_the_author_wrote() -> None:
    package = make_package({"order": KINDS["order"]})
    assert len({tuple(render(package, str(seed))[1].choices.values()) for seed in range(30)}) > 3


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_rendered_with_its_place_for_the_player(kind: str) -> None:
    data, _ = render(make_package({kind: KINDS[kind]}, make_assessment([make_position(pool=(kind,), points=2)])))
    page = html.fromstring(data["html"])
    (interaction,) = data["interactions"]
    (element,) = page.xpath(f'//*[@data-response="{interaction["id"]}"]')
    assert element.get("data-kind") == interaction["kind"]


def test_every_control_of_a_table_has_a_name() -> None:
    page = html.fromstring(render(make_package({"match-table": KINDS["match-table"]}))[0]["html"])
    names = {one.get("id"): one.text_content() for one in page.xpath("//*[@id]")}
    for control in page.xpath("//tbody//input"):
        assert all(names[word] for word in control.get("aria-labelledby").split())


def test_long_columns_become_a_list_with_selects() -> None:
    page = html.fromstring(render(make_package({"match-list": KINDS["match-list"]}))[0]["html"])
    assert page.xpath('//*[@data-kind="match"]/@data-layout') == ["list"]
    assert page.xpath("//select/option[2]/text()")[0].startswith("1. A rather long heading")


def test_two_gaps_with_the_same_choice_names_keep_apart() -> None:
    body = INLINE + INLINE.replace("RESPONSE", "SECOND")
    item = make_item(body, make_response(key="right") + make_response("SECOND", "wrong"), template="match_correct")
    data, names = render(make_package({"task-01": item}))
    assert sorted(names.choices.values()) == ["right", "right", "wrong", "wrong"]
    assert [one["id"] for one in data["interactions"]] == ["r1", "r2"]


def test_pictures_are_named_by_their_digest_and_keep_their_alt_text() -> None:
    body = '<p><img src="../media/answer-red.svg" alt="A box"/></p>'
    data = render_body(body, **{"media__answer-red_dot_svg": PICTURE})
    (image,) = html.fromstring(data["html"]).iter("img")
    assert image.get("src") == f"media/{data['media'][0]}"
    assert re.fullmatch("[0-9a-f]{64}", data["media"][0])
    assert image.get("alt") == "A box" and "answer-red" not in json.dumps(data)


def test_a_shared_text_stands_where_the_item_asks_for_it() -> None:
    stimulus = (
        '<qti-assessment-stimulus xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0" identifier="t" title="t">'
        "<qti-stimulus-body><p>Once upon a time</p></qti-stimulus-body></qti-assessment-stimulus>"
    ).encode()
    reference = '<qti-assessment-stimulus-ref identifier="t" href="../stimuli/t.xml"/>'
    for place in ("", '<p>First</p><div data-stimulus-idref="t"></div>'):
        item = make_item(place + CHOICE, make_response(key="right") + reference, template="match_correct")
        text = html.fromstring(render(make_package({"task-01": item}, stimuli__t_dot_xml=stimulus))[0]["html"])
        read = text.text_content()
        assert read.count("Once upon a time") == 1
        assert not place or read.index("First") < read.index("Once") < read.index("Which")


def test_an_unknown_stimulus_is_refused() -> None:
    with pytest.raises(UnsupportedElement, match="stimulus 'x' is not referred to"):
        render_body('<div data-stimulus-idref="x"></div>')


LISTENING = (
    '<qti-media-interaction response-identifier="PLAYS" max-plays="2"><audio><source src="../media/talk.ogg"/>'
    '<track src="../media/talk.vtt"/></audio></qti-media-interaction>'
)


def make_listening(**changes: Any) -> AssessmentPackage:
    item = make_item(
        LISTENING + CHOICE, make_response("PLAYS", base_type="integer") + make_response(key="right"),
        template="match_correct",
    )
    position = make_position(kind="listening", listening={"read_s": 45, "plays": 2}, **changes)
    return make_package({"task-01": item}, make_assessment([position]), media__talk_dot_ogg=make_opus())


def test_listening_leaves_a_slot_and_its_rule_outside_the_html() -> None:
    data, names = render(make_listening())
    assert '<div data-slot="listening"></div>' in data["html"] and "audio" not in data["html"]
    assert data["listening"] == {"response": "r1", "media": data["media"][0], "plays": 2, "read_s": 45}
    assert names.responses["r1"] == "PLAYS"
    assert "vtt" not in json.dumps(data)


def test_speaking_leaves_a_slot_and_its_rule() -> None:
    body = (
        '<qti-portable-custom-interaction response-identifier="RECORDING" module="speaking" '
        'custom-interaction-type-identifier="urn:testing-server:speaking"><qti-interaction-markup/>'
        "</qti-portable-custom-interaction>"
    )
    item = make_item(body, make_response("RECORDING", base_type="file"))
    position = make_position(kind="speaking", speaking={"prepare_s": 90, "record_s": 120})
    data, _ = render(make_package({"task-01": item}, make_assessment([position])))
    assert '<div data-slot="speaking"></div>' in data["html"]
    assert data["speaking"] == {
        "response": "r1", "prepare_s": 90, "record_s": 120, "takes": 1, "early_start": True, "early_finish": True,
        "playback": False,
    }


def test_sound_at_a_written_position_is_refused() -> None:
    files = {"task-01": make_listening().items["task-01"].xml}
    with pytest.raises(PackageError, match="disagree about listening"):
        render(make_package(files, media__talk_dot_ogg=make_opus()))


@pytest.mark.parametrize("body, element", [
    ("<qti-media-interaction response-identifier='R'><video/></qti-media-interaction>", "video"),
    ("<script>alert(1)</script>", "script"),
    ("<iframe src='x'/>", "iframe"),
    ("<a href='http://x'>x</a>", "a"),
    ("<qti-end-attempt-interaction response-identifier='R'/>", "qti-end-attempt-interaction"),
    ("<qti-portable-custom-interaction response-identifier='R' custom-interaction-type-identifier='urn:other'/>",
     "qti-portable-custom-interaction"),
])
def test_what_cannot_be_shown_whole_is_refused_by_name(body: str, element: str) -> None:
    with pytest.raises(UnsupportedElement) as caught:
        render_body(body)
    assert caught.value.element == element and caught.value.file == "items/task-01.xml"


@pytest.mark.parametrize("changes", [
    {"attributes": 'adaptive="true"'},
    {"responses": make_response(key="right") + "<qti-template-declaration identifier='T'/>"},
    {"rules": "<qti-template-processing><qti-set-correct-response/></qti-template-processing>"},
])
def test_items_that_change_while_they_run_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedElement):
        render(make_package({"task-01": make_choice(**changes)}))


@pytest.mark.parametrize("href", ["http://x/y.png", "/etc/x.png", "../../x.png", "data:image/png;base64,AA"])
def test_pictures_from_outside_the_package_are_refused(href: str) -> None:
    with pytest.raises(PackageError, match="package"):
        render_body(f'<p><img src="{href}" alt=""/></p>')


def test_missing_pictures_are_refused_with_file_and_element() -> None:
    with pytest.raises(PackageError, match="items/task-01.xml:1: <img>: media/none.png is not in the package"):
        render_body('<p><img src="../media/none.png" alt=""/></p>')


def test_a_drawing_loses_comments_scripts_titles_and_addresses() -> None:
    drawing = (
        b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="urn:editor" x:label="KEY" onload="KEY()"><!-- KEY -->'
        b'<title>KEY</title><metadata>KEY</metadata><script>KEY</script><image href="http://KEY/a.png"/>'
        b'<text>seen</text></svg>'
    )
    clean = clean_svg(drawing, "a.svg")
    assert b"KEY" not in clean and b"seen" in clean


def test_rubrics_reach_only_those_they_are_for() -> None:
    rubric = '<qti-rubric-block use="{0}" view="{1}"><qti-content-body><p>{2}</p></qti-content-body></qti-rubric-block>'
    data = render_body(rubric.format("instructions", "candidate", "READ") + rubric.format("scoring", "scorer", "KEY"))
    assert "READ" in data["html"] and "KEY" not in data["html"]
