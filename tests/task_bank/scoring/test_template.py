"""Template processing gives variables, right answers and defaults by chance, and items made so are scored."""
from random import Random

import pytest
from lxml import etree

from task_bank.scoring import Materialised, ScoringError, compile_item, run_template_processing, score_item, write_texts
from tests.task_bank.scoring.build import (
    FALSE, base, declare, item, name_of, of, set_outcome, text, truth, values, var, whole)

DECLARED = (
    declare("response", "RESPONSE", "integer") + declare("outcome", "SCORE")
    + declare("template", "A", "integer") + declare("template", "B", "integer") + declare("template", "WORD", "string")
    + declare("template", "LIST", "identifier", "ordered")
)


def set_value(identifier: str, expression: str) -> str:
    return of("set-template-value", expression, identifier=identifier)


def make(*rules: str, more: str = "") -> bytes:
    processing = of("template-processing", *rules)
    match = '<qti-response-processing template="match_correct"/>'
    return item(DECLARED + more, more=processing).replace(b"<qti-item-body/>", f"<qti-item-body/>{match}".encode())


def run(xml: bytes, seed: int = 0) -> Materialised:
    return run_template_processing(etree.fromstring(xml), Random(seed))


DICE = (
    set_value("A", of("random-integer", min=1, max=6)), set_value("B", of("random-integer", min=1, max=6)),
    of("template-constraint", of("gt", var("A"), var("B"))),
    of("set-correct-response", of("subtract", var("A"), var("B")), identifier="RESPONSE"),
)


def test_constraints_hold_and_the_key_follows_the_values() -> None:
    made = [run(make(*DICE), seed) for seed in range(40)]
    for one in made:
        a, b, key = (write_texts(value)[0] for value in (one.values["A"], one.values["B"], one.correct["RESPONSE"]))
        assert int(a) > int(b) and int(key) == int(a) - int(b)
    assert len({str(one) for one in made}) > 5 and made == [run(make(*DICE), seed) for seed in range(40)]


def test_a_template_item_is_scored_with_the_values_of_its_seed() -> None:
    compiled = compile_item(make(*DICE))
    right = {seed: [n for n in range(1, 6) if compiled.score({"RESPONSE": n}, seed)["SCORE"] == 1]
             for seed in range(20)}
    assert all(len(found) == 1 for found in right.values()) and len({found[0] for found in right.values()}) > 1
    assert score_item(make(*DICE), {}, seed=3)["SCORE"] == 0


def test_a_constraint_that_never_holds_is_an_error() -> None:
    with pytest.raises(ScoringError, match="qti-template-processing.*no values meet its constraints"):
        run(make(of("template-constraint", FALSE)))


@pytest.mark.parametrize("draw, word", [(1, "one"), (2, "two"), (3, "many")])
def test_conditions_and_exit(draw: int, word: str) -> None:
    rules = (
        set_value("A", whole(draw)),
        of("template-condition",
           of("template-if", of("equal", var("A"), whole(1)), set_value("WORD", text("one"))),
           of("template-else-if", of("equal", var("A"), whole(2)), set_value("WORD", text("two")),
              "<qti-exit-template/>"),
           of("template-else", set_value("WORD", text("many")))),
        set_value("B", whole(9)),
    )
    made = run(make(*rules))
    assert write_texts(made.values["WORD"]) == [word] and write_texts(made.values["B"]) == ([] if draw == 2 else ["9"])


def test_defaults_may_be_set() -> None:
    more = declare("response", "CHOICE", "identifier") + declare("outcome", "MAXSCORE")
    made = run(make(of("set-default-value", base(5), identifier="MAXSCORE"),
                    of("set-default-value", name_of("X"), identifier="CHOICE"),
                    set_value("LIST", of("ordered", name_of("A"), name_of("B"))), more=more))
    assert {name: write_texts(value) for name, value in made.defaults.items()} == {"MAXSCORE": ["5"], "CHOICE": ["X"]}
    assert write_texts(made.values["LIST"]) == ["A", "B"]
    scored = score_item(make(of("set-default-value", base(5), identifier="MAXSCORE"), more=more), {})
    assert scored["MAXSCORE"] == 5


def test_values_without_processing_are_the_declared_ones() -> None:
    xml = item(declare("template", "A", "integer", inside=of("default-value", values(4))))
    assert write_texts(run(xml).values["A"]) == ["4"] and run(xml).correct == {}
    declared = declare("template", "A", "integer", inside=of("default-value", values(4)))
    assert truth(of("equal", var("A"), whole(4)), declarations=declared) is True


@pytest.mark.parametrize("rule, element", [
    (set_value("GONE", whole(1)), "qti-set-template-value"), (set_value("SCORE", whole(1)), "qti-set-template-value"),
    (of("set-correct-response", whole(1), identifier="A"), "qti-set-correct-response"),
    (set_outcome("SCORE", whole(1)), "qti-set-outcome-value"), ("<qti-exit-response/>", "qti-exit-response"),
])
def test_rules_that_do_not_belong_here_are_named(rule: str, element: str) -> None:
    with pytest.raises(ScoringError) as caught:
        run(make(rule))
    assert caught.value.element == element


def test_each_attribute_may_name_a_variable() -> None:
    more = declare("outcome", "PICKED", "identifier")
    rules = set_outcome("PICKED", of("index", var("LIST"), n="A"))
    template = of("template-processing", set_value("A", whole(2)),
                  set_value("LIST", of("ordered", name_of("X"), name_of("Y"))))
    assert score_item(item(DECLARED + more, rules, more=template), {})["PICKED"] == "Y"
