"""The demonstration work «Метапредметная работа» keeps its own promises, read with nothing but lxml and json."""
import json
import re
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from lxml import etree

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "task_bank" / "samples" / "metapredmet"
EXPECTED_POINTS = ROOT / "tests" / "expected_points" / "metapredmet.jsonl"
QTI = "{http://www.imsglobal.org/xsd/imsqtiasi_v3p0}"
PACKAGING = "{http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1}"
ITEMS = sorted((SAMPLE / "items").glob("*.xml"))
STIMULI = sorted((SAMPLE / "stimuli").glob("*.xml"))
PICTURES = sorted((SAMPLE / "media").glob("*.svg"))
# Directions between objects are what the tasks about plans ask for.
DIRECTION = re.compile(r"\b(на|к) (север|юг|запад|восток)|(северо|юго)-(запад|восточ)|выше по|ниже по")


@cache
def parse(path: Path) -> etree._Element:
    return etree.parse(str(path)).getroot()


def read_assessment() -> dict[str, Any]:
    return json.loads((SAMPLE / "assessment.json").read_text(encoding="utf-8"))


def read_cases() -> list[dict[str, Any]]:
    return [json.loads(line) for line in EXPECTED_POINTS.read_text(encoding="utf-8").splitlines()]


def find_position(item: Path) -> dict[str, Any]:
    return next(one for one in read_assessment()["positions"] if item.stem in one["pool"])


def read_outcome(item: Path, identifier: str) -> etree._Element:
    return parse(item).find(f"{QTI}qti-outcome-declaration[@identifier='{identifier}']")


def read_key(item: Path) -> dict[str, list[str]]:
    return {
        declaration.get("identifier"): [value.text for value in declaration.iterfind(f"{QTI}qti-correct-response/*")]
        for declaration in parse(item).iterfind(f"{QTI}qti-response-declaration")
    }


def read_prose(element: etree._Element) -> str:
    return re.sub(r"\s+", " ", "".join(element.itertext())).strip()


def is_marked_by_people(item: Path) -> bool:
    return read_outcome(item, "SCORE").get("external-scored") == "human"


MACHINE_SCORED = [item for item in ITEMS if not is_marked_by_people(item)]
MARKED_BY_PEOPLE = [item for item in ITEMS if is_marked_by_people(item)]


def name(path: Path) -> str:
    return path.stem


def test_work_has_ten_positions_or_more_with_four_parallel_items_each() -> None:
    positions = read_assessment()["positions"]
    assert [one["number"] for one in positions] == list(range(1, len(positions) + 1))
    assert len(positions) >= 10
    assert all(len(set(one["pool"])) >= 4 for one in positions)


def test_pools_and_items_are_the_same_set() -> None:
    pooled = [item for one in read_assessment()["positions"] for item in one["pool"]]
    assert len(pooled) == len(set(pooled))
    assert sorted(pooled) == [item.stem for item in ITEMS]


def test_points_add_up_and_scale_covers_them() -> None:
    assessment = read_assessment()
    points = [one["points"] for one in assessment["positions"]]
    borders = [row["from"] for row in assessment["scale"]]
    assert sum(points) == assessment["total_points"]
    assert all(1 <= one <= 6 for one in points)
    assert [row["mark"] for row in assessment["scale"]] == [2, 3, 4, 5]
    assert borders[0] == 0 and borders == sorted(set(borders)) and borders[-1] <= assessment["total_points"]


def test_work_is_written_ninety_minutes_and_needs_no_sound() -> None:
    assessment = read_assessment()
    assert (assessment["duration_s"], assessment["sound_check"], assessment["counted"]) == (5400, False, False)
    assert {one["kind"] for one in assessment["positions"]} == {"written"}
    assert {one["difficulty"] for one in assessment["positions"]} == {"Б", "П", "В"}
    assert all(one["codifier"]["code"] and one["codifier"]["skill"] for one in assessment["positions"])


def test_criteria_describe_every_level_and_sum_to_the_points_of_their_position() -> None:
    assessment = read_assessment()
    marked = [one for one in assessment["positions"] if one.get("criteria")]
    assert {one["criteria"] for one in marked} == set(assessment["criteria"])
    for position in marked:
        criteria = assessment["criteria"][position["criteria"]]["criteria"]
        assert [one["id"] for one in criteria] == [f"К{number}" for number in range(1, len(criteria) + 1)]
        assert sum(one["max"] for one in criteria) == position["points"]
        for one in criteria:
            assert [level["points"] for level in one["levels"]] == list(range(one["max"], -1, -1))


def test_first_criterion_of_the_opinion_zeroes_the_item() -> None:
    rules = read_assessment()["criteria"]["opinion"]["rules"]
    assert rules == [{"kind": "zeroes_item", "criterion": "К1", "when": 0}]


def test_manifest_lists_every_file_and_nothing_else() -> None:
    manifest = parse(SAMPLE / "imsmanifest.xml")
    listed = {unquote(file.get("href")) for file in manifest.iter(f"{PACKAGING}file")}
    present = {str(path.relative_to(SAMPLE)) for path in SAMPLE.rglob("*") if path.is_file()}
    assert listed == present - {"imsmanifest.xml"}


def test_manifest_dependencies_resolve() -> None:
    manifest = parse(SAMPLE / "imsmanifest.xml")
    resources = [one.get("identifier") for one in manifest.iter(f"{PACKAGING}resource")]
    needed = {one.get("identifierref") for one in manifest.iter(f"{PACKAGING}dependency")}
    assert len(resources) == len(set(resources))
    assert needed <= set(resources)


def test_test_draws_one_item_of_each_pool() -> None:
    sections = parse(SAMPLE / "assessment-test.xml").findall(f".//{QTI}qti-assessment-section")
    pools = [[ref.get("identifier") for ref in one.iterfind(f"{QTI}qti-assessment-item-ref")] for one in sections]
    assert pools == [one["pool"] for one in read_assessment()["positions"]]
    assert all(one.find(f"{QTI}qti-selection").get("select") == "1" for one in sections)


@pytest.mark.parametrize("item", ITEMS, ids=name)
def test_item_is_named_by_its_file_and_worth_its_position(item: Path) -> None:
    position = find_position(item)
    assert parse(item).get("identifier") == item.stem
    assert float(read_prose(read_outcome(item, "MAXSCORE"))) == position["points"]
    assert float(read_outcome(item, "SCORE").get("normal-maximum")) == position["points"]
    assert is_marked_by_people(item) == ("criteria" in position)


@pytest.mark.parametrize("item", ITEMS, ids=name)
def test_stimuli_of_an_item_exist_and_have_a_place_in_its_body(item: Path) -> None:
    references = parse(item).findall(f"{QTI}qti-assessment-stimulus-ref")
    places = [place.get("data-stimulus-idref") for place in parse(item).iterfind(f".//{QTI}div[@data-stimulus-idref]")]
    assert [one.get("identifier") for one in references] == places
    for one in references:
        stimulus = parse((item.parent / one.get("href")).resolve())
        assert stimulus.get("identifier") == one.get("identifier")


@pytest.mark.parametrize("item", MACHINE_SCORED, ids=name)
def test_every_response_has_a_key_made_of_choices_on_offer(item: Path) -> None:
    root = parse(item)
    offered = {one.get("identifier") for one in root.find(f"{QTI}qti-item-body").iter() if one.get("identifier")}
    asked = {one.get("response-identifier") for one in root.iter() if one.get("response-identifier")}
    key = read_key(item)
    assert set(key) == asked and all(key.values())
    for declaration in root.iterfind(f"{QTI}qti-response-declaration"):
        if declaration.get("base-type") in ("identifier", "directedPair"):
            values = key[declaration.get("identifier")]
            assert {part for value in values for part in value.split()} <= offered


@pytest.mark.parametrize("item", MARKED_BY_PEOPLE, ids=name)
def test_markers_get_expected_elements_and_a_sample_answer(item: Path) -> None:
    rubric = parse(item).find(f".//{QTI}qti-rubric-block[@view='scorer'][@use='scoring']")
    assert len(rubric.findall(f".//{QTI}li")) >= 3
    assert "Пример ответа" in read_prose(rubric)
    assert len(read_prose(rubric)) > 700


@pytest.mark.parametrize("item", MACHINE_SCORED, ids=name)
def test_expected_points_tell_right_wrong_and_partly_right(item: Path) -> None:
    path = str(item.relative_to(ROOT))
    points = {case["SCORE"] for case in read_cases() if case["item"] == path}
    worth = find_position(item)["points"]
    assert points == set(range(worth + 1))


def test_expected_points_answer_the_responses_of_their_items() -> None:
    for case in read_cases():
        assert set(case["responses"]) == set(read_key(ROOT / case["item"])), case


def test_numbers_are_expected_right_with_comma_and_with_point() -> None:
    for item in (one for one in MACHINE_SCORED if one.stem.endswith("-07")):
        right = [case["responses"] for case in read_cases()
                 if case["item"].endswith(f"{item.stem}.xml") and case["SCORE"] == 2]
        typed = " ".join(value for responses in right for value in responses.values())
        assert "," in typed and "." in typed


@pytest.mark.parametrize("item", [one for one in ITEMS if re.search("-0[126]$", one.stem)], ids=name)
def test_choices_are_shuffled(item: Path) -> None:
    interactions = [one for one in parse(item).iter() if one.get("response-identifier")]
    assert all(one.get("shuffle") == "true" for one in interactions)


def test_keys_do_not_all_stand_at_the_same_place() -> None:
    single = [read_key(item)["RESPONSE"][0] for item in ITEMS if item.stem.endswith("-01")]
    orders = [tuple(read_key(item)["RESPONSE"]) for item in ITEMS if item.stem.endswith("-04")]
    assert len(set(single)) == len(single)
    assert len(set(orders)) == len(orders)


@pytest.mark.parametrize("stimulus", [one for one in STIMULI if one.stem.endswith("-plan")], ids=name)
def test_pictures_exist_and_tell_a_blind_reader_enough_but_not_the_answer(stimulus: Path) -> None:
    image = parse(stimulus).find(f".//{QTI}img")
    assert (stimulus.parent / image.get("src")).resolve().is_file()
    assert len(image.get("alt")) > 300
    assert "Север вверху" in image.get("alt")
    assert not DIRECTION.search(image.get("alt"))


@pytest.mark.parametrize("stimulus", STIMULI, ids=name)
def test_stimulus_is_named_by_its_file_and_tables_have_headed_cells(stimulus: Path) -> None:
    root = parse(stimulus)
    assert root.get("identifier") == stimulus.stem
    for table in root.iter(f"{QTI}table"):
        widths = {len(row) for row in table.iter(f"{QTI}tr")}
        assert len(widths) == 1
        assert read_prose(table.find(f"{QTI}caption"))
        assert all(head.get("scope") in ("row", "col") for head in table.iter(f"{QTI}th"))


@pytest.mark.parametrize("picture", PICTURES, ids=name)
def test_pictures_are_plain_drawings_with_russian_labels(picture: Path) -> None:
    root = parse(picture)
    names = {etree.QName(one).localname for one in root.iter() if isinstance(one.tag, str)}
    labels = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert names <= {"svg", "title", "rect", "line", "path", "circle", "ellipse", "text"}
    assert sum(bool(re.search("[а-яА-Я]", label)) for label in labels) >= 10


def test_every_set_has_its_text_table_and_plan() -> None:
    sets = {item.stem.rsplit("-", 1)[0] for item in ITEMS}
    assert {path.stem for path in STIMULI} == {f"{one}-{kind}" for one in sets for kind in ("text", "table", "plan")}


def read_what_a_candidate_sees(path: Path) -> str:
    root = deepcopy(parse(path))
    for hidden in [*root.iter(f"{QTI}qti-rubric-block"), *root.iter(f"{QTI}qti-response-declaration")]:
        hidden.getparent().remove(hidden)
    alts = [image.get("alt") for image in root.iter(f"{QTI}img")]
    return " ".join([root.get("title"), read_prose(root), *alts]).lower()


@pytest.mark.parametrize("item", [one for one in ITEMS if one.stem.endswith("-08")], ids=name)
def test_no_other_task_gives_the_asked_term_away(item: Path) -> None:
    stem = read_key(item)["RESPONSE"][0].lower()[:7]
    telling = [path.stem for path in [*ITEMS, *STIMULI] if re.search(rf"\b{stem}", read_what_a_candidate_sees(path))]
    assert telling == []
