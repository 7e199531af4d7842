"""Nothing of a key leaves with an item: planted words are searched, and found only where redaction is off."""
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from task_bank.items import AssessmentPackage, read_package
from task_bank.items.xml import find_all, local_name, read_text
from task_bank.sealing import build_materials_entries
from task_bank.variants import Variant, deliver
from tests.task_bank.builders import (
    make_assessment,
    make_choice,
    make_item,
    make_outcome,
    make_package,
    make_position,
    make_response,
)
from tests.task_bank.media_files import make_png

SAMPLES = Path(__file__).parents[2] / "task_bank" / "samples"

BODY = (
    "<!-- CANARY-comment --><p title='CANARY-title' id='CANARY-id' class='CANARY-class' data-x='CANARY-data'>Seen</p>"
    "<?pi CANARY-instruction?>"
    "<qti-choice-interaction response-identifier='CANARY-response'>"
    "<qti-simple-choice identifier='CANARY-right' show-hide='CANARY-show' template-identifier='CANARY-t'>Red"
    "<qti-feedback-inline identifier='x' outcome-identifier='F'>CANARY-inline</qti-feedback-inline>"
    "</qti-simple-choice><qti-simple-choice identifier='CANARY-wrong'>Blue</qti-simple-choice>"
    "</qti-choice-interaction>"
    "<p><qti-text-entry-interaction response-identifier='T' pattern-mask='CANARY-mask'/></p>"
    "<p><img src='../media/CANARY-file.png' alt='a box' longdesc='CANARY-long'/></p>"
    "<qti-feedback-block identifier='x' outcome-identifier='F'>CANARY-block</qti-feedback-block>"
    "<qti-rubric-block view='scorer' use='scoring'><p>CANARY-rubric</p></qti-rubric-block>"
    "<qti-rubric-block view='author tutor'><p>CANARY-author</p></qti-rubric-block>"
)
PARTS = (
    "<qti-modal-feedback identifier='x' outcome-identifier='F'>CANARY-modal</qti-modal-feedback>"
    "<qti-catalog-info><p>CANARY-catalog</p></qti-catalog-info>"
    "<qti-companion-materials-info><p>CANARY-companion</p></qti-companion-materials-info>"
    "<qti-stylesheet href='CANARY-style.css'/>"
)
RULES = (
    "<qti-set-outcome-value identifier='SCORE'><qti-base-value base-type='string'>CANARY-rule</qti-base-value>"
    "</qti-set-outcome-value>"
)
MAPPING = "<qti-mapping><qti-map-entry map-key='CANARY-mapped' mapped-value='1'/></qti-mapping>"
PLANTED = (
    "comment title id class data instruction response right show t inline wrong mask file long block rubric author "
    "modal catalog companion style rule mapped key default item outcome"
).split()


def make_planted_package() -> AssessmentPackage:
    """An item with a planted word at every place a key could hide."""
    responses = (
        make_response("CANARY-response", "CANARY-right", more=MAPPING)
        + make_response("T", "CANARY-key", base_type="string")
        + "<qti-response-declaration identifier='D' cardinality='single' base-type='string'><qti-default-value>"
        "<qti-value>CANARY-default</qti-value></qti-default-value></qti-response-declaration>" + PARTS
    )
    item = make_item(
        BODY, responses, RULES, name="CANARY-item", outcomes=make_outcome() + make_outcome("O", "CANARY-outcome")
    )
    position = make_position(pool=("CANARY-item",), criteria="essay", note="CANARY-note")
    criteria = {"essay": {"criteria": [{"id": "К1", "max": 1, "title": "CANARY-criterion", "levels": []}]}}
    assessment = make_assessment([position], criteria=criteria, author="CANARY-name")
    files = {"media__CANARY-file_dot_png": make_png(b"CANARY-tag"), "CANARY-style_dot_css": b""}
    return make_package({"CANARY-item": item}, assessment, **files)


def deliver_planted(redaction: bool) -> str:
    package = make_planted_package()
    delivery = deliver(package, Variant("12345", ("CANARY-item",)), 1, redaction)
    entries = build_materials_entries(package, [delivery])
    return "\n".join(f"{one.name} {one.content!r}" for one in entries)


def test_no_planted_word_is_in_what_a_school_receives() -> None:
    materials = deliver_planted(redaction=True)
    assert re.findall(r"CANARY-\w+", materials) == []
    assert "Seen" in materials and "a box" in materials


@pytest.mark.parametrize("word", PLANTED)
def test_the_same_search_finds_the_words_when_redaction_is_off(word: str) -> None:
    assert f"CANARY-{word}" in deliver_planted(redaction=False)


def test_redaction_is_on_unless_a_test_says_otherwise() -> None:
    package = make_planted_package()
    variant = Variant("12345", ("CANARY-item",))
    assert deliver(package, variant, 1) == deliver(package, variant, 1, redaction=True)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    element=st.sampled_from(["p", "div", "span", "em", "li"]),
    attribute=st.from_regex(r"[a-z][a-z-]{0,12}", fullmatch=True).filter(lambda name: name not in KEPT),
    value=st.from_regex(r"SECRET[a-z0-9]{1,8}", fullmatch=True),
)
def test_an_attribute_nobody_listed_never_leaves(element: str, attribute: str, value: str) -> None:
    body = f'<div><{element} {attribute}="{value}">Text</{element}></div>'
    item = make_choice(body=body, responses="")
    delivery = deliver(make_package({"task-01": item}), Variant("12345", ("task-01",)), 1)
    assert value not in json.dumps(delivery.variant_json)


KEPT = {"lang", "dir", "value", "xmlns"}


def read_sample(name: str) -> AssessmentPackage:
    return read_package(SAMPLES / name)


def all_items() -> list[tuple[str, str]]:
    return [
        (name, identifier)
        for name in sorted(path.name for path in SAMPLES.iterdir() if (path / "assessment.json").exists())
        for position in read_sample(name).assessment.positions
        for identifier in position.pool
    ]


ITEMS = all_items()
PACKAGES = {name: read_sample(name) for name, _ in ITEMS}


def deliver_one(name: str, identifier: str, seed: int) -> dict[str, Any]:
    """The delivered form of one item of a sample, in a variant made around it."""
    package = PACKAGES[name]
    chosen = tuple(
        identifier if identifier in position.pool else position.pool[0] for position in package.assessment.positions
    )
    delivery = deliver(package, Variant("12345", chosen), seed)
    place = chosen.index(identifier)
    return {"item": delivery.variant_json["items"][place], "key": delivery.keys_json["items"][place]}


@settings(max_examples=80, deadline=None)
@given(which=st.sampled_from(ITEMS), seed=st.integers(0, 2**64))
def test_items_of_the_samples_leave_without_keys_rules_feedback_and_names(which: tuple[str, str], seed: int) -> None:
    name, identifier = which
    delivered = deliver_one(name, identifier, seed)["item"]
    sent = json.dumps(delivered, ensure_ascii=False)
    root = PACKAGES[name].items[identifier].root
    assert identifier not in sent and root.get("title") not in delivered["html"].split("<")[0]
    assert not re.search(r"qti-(correct|map|response|set|feedback|rubric-block|outcome)|<!--|data-original", sent)
    assert not re.search(r"\.(svg|png|jpe?g|ogg|xml)\b", sent)
    for rubric in find_all(root, "qti-rubric-block"):
        assert read_text(rubric)[:40] not in " ".join(sent.split())


@settings(max_examples=80, deadline=None)
@given(which=st.sampled_from(ITEMS), seed=st.integers(0, 2**64))
def test_names_of_a_delivered_item_are_opaque_and_map_back(which: tuple[str, str], seed: int) -> None:
    name, identifier = which
    both = deliver_one(name, identifier, seed)
    names = re.findall(r'(?:value|data-choice|data-gap)="([^"]+)"', both["item"]["html"])
    assert all(re.fullmatch(r"c[0-9a-f]{8}( c[0-9a-f]{8})?", one) or one.isdigit() for one in names)
    used = {word for one in names if not one.isdigit() for word in one.split()}
    assert used == set(both["key"]["identifiers"])
    root = PACKAGES[name].items[identifier].root
    written = sorted(str(one.get("identifier")) for one in root.iter() if is_choice(one))
    assert sorted(both["key"]["identifiers"].values()) == written


def is_choice(node: Any) -> bool:
    return local_name(node) in (
        "qti-simple-choice", "qti-inline-choice", "qti-simple-associable-choice", "qti-gap-text", "qti-gap",
        "qti-hottext",
    )
