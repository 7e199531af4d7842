"""A variant is proven before its day: a sound one passes, and each thing that may be broken is found and named."""
import copy
from collections.abc import Callable
from typing import Any

import pytest

from task_bank.items import AssessmentPackage
from task_bank.variants import Delivery, Prover, UnprovenVariant, Variant, assemble, deliver, prove_delivery
from task_bank.variants.answers import find_best_answer
from task_bank.variants.checking import check_variants
from tests.task_bank.builders import (
    CHOICE,
    KINDS,
    make_assessment,
    make_choice,
    make_item,
    make_mapping,
    make_outcome,
    make_package,
    make_package_of_kinds,
    make_position,
    make_response,
)

INLINE = "".join(
    f'<p><qti-inline-choice-interaction response-identifier="R{number}"><qti-inline-choice identifier="a">is'
    '</qti-inline-choice><qti-inline-choice identifier="b">are</qti-inline-choice></qti-inline-choice-interaction></p>'
    for number in (1, 2))


def make_rules(condition: str, points: int = 1) -> str:
    return (f"<qti-response-condition><qti-response-if>{condition}<qti-set-outcome-value identifier='SCORE'>"
            f"<qti-base-value base-type='float'>{points}</qti-base-value></qti-set-outcome-value></qti-response-if>"
            "</qti-response-condition>")


def is_value(response: str, value: str, kind: str = "identifier") -> str:
    return (f'<qti-match><qti-variable identifier="{response}"/><qti-base-value base-type="{kind}">{value}'
            "</qti-base-value></qti-match>")


def prove_item(xml: bytes, **changes: Any) -> list[str]:
    """Findings of a work of this one item, in several variants."""
    package = make_package({"task-01": xml}, make_assessment([make_position(**changes)]))
    prover = Prover(package)
    return [str(finding) for number in ("10001", "10002", "10003") for finding in prover.prove(
        deliver(package, Variant(number, ("task-01",)), int(number)))]


@pytest.fixture(scope="module")
def package() -> AssessmentPackage:
    return make_package_of_kinds()


@pytest.fixture
def sound(package: AssessmentPackage) -> Delivery:
    delivery = deliver(package, Variant("48213", tuple(KINDS)), 7)
    return Delivery(copy.deepcopy(delivery.variant_json), copy.deepcopy(delivery.keys_json), dict(delivery.media))


def test_every_kind_of_interaction_is_proven(package: AssessmentPackage) -> None:
    prover = Prover(package)
    for variant in assemble(package.assessment, "sch330001", 6, 1):
        assert prover.prove(deliver(package, variant, 11)) == []


def change_number(delivery: Delivery) -> None:
    delivery.variant_json["number"] = "48214"


def lose_item(delivery: Delivery) -> None:
    del delivery.variant_json["items"][3]


def rename_item(delivery: Delivery) -> None:
    delivery.keys_json["items"][0]["id"] = "another"


def mix_choices(delivery: Delivery) -> None:
    named = delivery.keys_json["items"][0]["identifiers"]
    one, other, *_ = named
    named[one], named[other] = named[other], named[one]


def lose_choice(delivery: Delivery) -> None:
    named = delivery.keys_json["items"][0]["identifiers"]
    del named[next(name for name, original in named.items() if original == "right")]


def hide_choice(delivery: Delivery) -> None:
    item = delivery.variant_json["items"][0]
    hidden = list(delivery.keys_json["items"][0]["identifiers"])[1]
    item["html"] = item["html"].replace(f'value="{hidden}"', 'value=""')


def hide_interaction(delivery: Delivery) -> None:
    item = delivery.variant_json["items"][0]
    item["html"] = item["html"].replace('data-response="r1"', "")


def lose_medium(delivery: Delivery) -> None:
    delivery.media.pop(next(iter(delivery.media)))  # type: ignore[attr-defined]


def take_less(delivery: Delivery) -> None:
    item = delivery.variant_json["items"][1]
    item["html"] = item["html"].replace('data-max="2"', 'data-max="1"')


@pytest.mark.parametrize("spoil,said", [
    (change_number, "numbers of variant and keys are '48214' and '48213'"), (lose_item, "positions of the variant are"),
    (rename_item, "do not have the same names"), (hide_choice, "does not show choice c"),
    (hide_interaction, "no place for r1"), (lose_medium, "is not in the delivery as it should be"),
    (take_less, "has 2 values, the page takes 1"), (mix_choices, "does not show the text of the choice it stands for"),
    (lose_choice, "the key given in delivered names gives 0 of 1 points"),
])
def test_a_spoiled_delivery_is_named_by_what_is_wrong(
    package: AssessmentPackage, sound: Delivery, spoil: Callable[[Delivery], None], said: str,
) -> None:
    assert prove_delivery(package, sound) == []
    spoil(sound)
    assert said in "; ".join(map(str, prove_delivery(package, sound)))


def test_it_is_refused_with_all_its_findings(package: AssessmentPackage, sound: Delivery) -> None:
    hide_choice(sound)
    take_less(sound)
    with pytest.raises(UnprovenVariant, match="variant 48213 is not sound") as refused:
        Prover(package).require(sound)
    assert len(refused.value.findings) == 2 and refused.value.number == "48213"


def test_a_key_that_does_not_bring_every_point_is_found() -> None:
    found = prove_item(make_choice(points=2), points=2)
    assert len(found) == 3 and "position 1: no answer was found that gives 2 points" in found[0]
    assert found[0].startswith("error: items/task-01.xml") and "the best of" in found[0]


def test_points_for_no_answer_are_found() -> None:
    rules = make_rules(f"<qti-or><qti-is-null><qti-variable identifier='RESPONSE'/></qti-is-null>"
                       f"{is_value('RESPONSE', 'right')}</qti-or>")
    found = prove_item(make_item(CHOICE, make_response(key="right"), rules))
    assert len(found) == 3 and found[0].endswith("variant 10001, position 1: no answer at all gives 1 points")


def test_a_key_written_only_in_rules_is_found_out() -> None:
    rules = make_rules(f"<qti-and>{is_value('R1', 'b')}{is_value('R2', 'a')}</qti-and>")
    item = make_item(INLINE, make_response("R1") + make_response("R2"), rules)
    assert prove_item(item) == []
    best = find_best_answer(item, 1)
    assert best.answers == {"R1": "b", "R2": "a"} and best.tries > 1


def test_names_that_two_interactions_share_are_told_apart() -> None:
    item = make_item(INLINE, make_response("R1", "a") + make_response("R2", "b"),
                     make_rules(f"<qti-and>{is_value('R1', 'a')}{is_value('R2', 'b')}</qti-and>"))
    assert prove_item(item) == []


def test_a_typed_word_that_is_also_the_name_of_a_choice_stays_as_typed() -> None:
    body = CHOICE + '<p><qti-text-entry-interaction response-identifier="WORD"/></p>'
    rules = make_rules(f"<qti-and>{is_value('RESPONSE', 'right')}{is_value('WORD', 'right', 'string')}</qti-and>")
    responses = make_response(key="right") + make_response("WORD", "right", base_type="string")
    assert prove_item(make_item(body, responses, rules)) == []


@pytest.mark.parametrize("rule,answer", [
    ("<qti-gt><qti-variable identifier='N'/><qti-base-value base-type='integer'>5</qti-base-value></qti-gt>", None),
    ("<qti-gte><qti-variable identifier='N'/><qti-base-value base-type='integer'>5</qti-base-value></qti-gte>", "5"),
])
def test_values_of_rules_are_tried(rule: str, answer: str | None) -> None:
    item = make_item('<p><qti-text-entry-interaction response-identifier="N"/></p>',
                     make_response("N", base_type="integer"), make_rules(rule))
    best = find_best_answer(item, 1)
    assert best.answers.get("N") == answer and (best.points == 1) == (answer is not None)


def test_a_mapping_richer_than_its_key_is_used() -> None:
    more = make_mapping({"right": "2", "last": "1"})
    body = CHOICE.replace('max-choices="1"', 'max-choices="2"')
    item = make_item(body, make_response(key="right", cardinality="multiple", more=more), template="map_response",
                     points=3)
    assert find_best_answer(item, 3).answers == {"RESPONSE": ["right", "last"]}
    assert prove_item(item, points=3) == []


def test_an_area_is_answered_in_its_middle() -> None:
    areas = ('<qti-area-mapping default-value="0"><qti-area-map-entry shape="rect" coords="10,20,30,60" '
             'mapped-value="1"/><qti-area-map-entry shape="circle" coords="100,100,8" mapped-value="2"/>'
             "</qti-area-mapping>")
    item = make_item("<p/>", make_response(cardinality="multiple", base_type="point", more=areas),
                     template="map_response_point", points=3)
    assert find_best_answer(item, 3).answers == {"RESPONSE": ["100 100", "20 40"]}


def test_what_people_mark_counts_by_its_criteria() -> None:
    criteria = {"story": {"criteria": [{"id": "К1", "max": 2}, {"id": "К2", "max": 1}]}}
    item = make_item('<qti-extended-text-interaction response-identifier="RESPONSE"/>',
                     make_response(base_type="string"), points=3, outcomes=make_outcome(more='external-scored="human"'))
    for points, said in ((3, ""), (4, "criteria give 3 points at most, the position has 4")):
        work = make_assessment([make_position(points=points, criteria="story")], criteria=criteria)
        made = make_package({"task-01": item}, work)
        assert said in "; ".join(map(str, prove_delivery(made, deliver(made, Variant("10001", ("task-01",)), 1))))
        assert bool(prove_delivery(made, deliver(made, Variant("10001", ("task-01",)), 1))) == bool(said)


def test_an_item_is_worked_out_once_for_many_variants(
    package: AssessmentPackage, monkeypatch: pytest.MonkeyPatch,
) -> None:
    tries: list[str] = []
    prover = Prover(package)
    monkeypatch.setattr("task_bank.variants.proof.find_best_answer",
                        lambda xml, wanted, name: tries.append(name) or find_best_answer(xml, wanted, name))
    for number in ("10001", "10002", "10003", "10004"):
        assert prover.prove(deliver(package, Variant(number, tuple(KINDS)), 3)) == []
    assert len(tries) == len(KINDS)


def check(items: dict[str, Any] | None = None, blueprint: dict[str, Any] | None = None, **changes: Any) -> list[str]:
    """Findings about a work of two positions with two items each."""
    names = ["task-01", "task-02", "task-03", "task-04"]
    positions = [make_position(1, ("task-01", "task-02"), **changes), make_position(2, ("task-03", "task-04"))]
    work = make_assessment(positions, items=items or {}, blueprint=blueprint or {})
    return [str(finding) for finding in check_variants(make_package({name: make_choice(name) for name in names}, work))]


def test_a_sound_package_has_no_findings() -> None:
    assert check() == []
    assert check({"task-01": {"difficulty": "Б", "expected": 0.7, "excludes": ["task-03"]}}) == []


@pytest.mark.parametrize("items,blueprint,said", [
    ({"task-09": {}}, None, "error: assessment.json: items: 'task-09' is not in the manifest"),
    ({"task-01": {"excludes": ["task-09"]}}, None, "'task-01' excludes 'task-09', which is not in the manifest"),
    ({"task-01": {"difficulty": "В"}}, None, "position 1: item 'task-01' is not of the codifier or difficulty"),
    ({"task-01": {"expected": 7}}, None, "error: assessment.json: blueprint: "),
    (None, {"least": 3}, "position 1 has 2 items and needs 3: 1 missing (difficulty Б); position 2 has 2 items"),
    (None, {"exposure": {"school_share": 0.5}}, "warning: assessment.json: exposure cannot be kept: position 1 has 2"),
    (None, {"zone_starts_h": [2, 8]}, "warning: assessment.json: zones cannot be kept: position 1 has 2 items"),
    (None, {"exposure": {"schools": 3}}, "at most 3 schools an item: say how many schools there are"),
])
def test_what_is_wrong_with_a_blueprint_is_said(items: Any, blueprint: Any, said: str) -> None:
    assert said in "; ".join(check(items, blueprint))


def test_every_item_is_proven_once() -> None:
    pool = tuple(f"task-{number:02}" for number in range(5))
    files = {name: make_choice(name) for name in pool}
    files["task-04"] = make_choice("task-04", responses=make_response(key="gone"))
    package = make_package(files, make_assessment([make_position(pool=pool)]))
    (finding,) = [finding for finding in check_variants(package) if finding.severity == "error"]
    assert finding.file == "items/task-04.xml"
