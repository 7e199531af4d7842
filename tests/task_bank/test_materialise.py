"""Plain items made of template items: nothing of the template is left, and the key of each gives full points."""
import re
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree

from task_bank.cli import main
from task_bank.items import PackageError, UnsupportedElement
from task_bank.items.facts import best_answers
from task_bank.items.materialise import ItemTemplate, PlainItem, is_template, materialise
from task_bank.items.printed_values import BadFormat, format_number, print_value
from task_bank.packages import open_package
from task_bank.packages.bank import list_entries
from task_bank.scoring import Value, score_item
from tests.task_bank.builders import make_files, make_item, make_manifest, make_outcome, make_response
from tests.task_bank.test_cli import write_package

MATH = 'xmlns="http://www.w3.org/1998/Math/MathML"'


def declare(name: str, base_type: str = "integer", cardinality: str = "single", more: str = "") -> str:
    return (
        f'<qti-template-declaration identifier="{name}" base-type="{base_type}" cardinality="{cardinality}" {more}/>'
    )


def set_value(name: str, expression: str, element: str = "template-value") -> str:
    return f'<qti-set-{element} identifier="{name}">{expression}</qti-set-{element}>'


SUM = '<qti-sum><qti-variable identifier="A"/><qti-variable identifier="B"/></qti-sum>'
RULES = (
    '<qti-response-condition><qti-response-if><qti-equal tolerance-mode="exact">'
    f'<qti-variable identifier="RESPONSE"/>{SUM}</qti-equal><qti-set-outcome-value identifier="SCORE">'
    '<qti-base-value base-type="float">1</qti-base-value></qti-set-outcome-value></qti-response-if>'
    "</qti-response-condition>"
)
BODY = (
    '<p>How much is <qti-printed-variable identifier="A"/> + <qti-printed-variable identifier="B"/>? '
    f'<math {MATH}><mi>A</mi><mo>+</mo><mi>x</mi></math> '
    '<qti-template-inline template-identifier="SIZE" identifier="big" show-hide="show">It is a lot.'
    '</qti-template-inline><qti-template-inline template-identifier="SIZE" identifier="big" show-hide="hide">It is '
    'not much.</qti-template-inline></p><p><qti-text-entry-interaction response-identifier="RESPONSE"/></p>'
)
PROCESSING = (
    set_value("A", '<qti-random-integer min="2" max="9"/>') + set_value("B", '<qti-random-integer min="2" max="9"/>')
    + '<qti-template-condition><qti-template-if><qti-gt>' + SUM
    + '<qti-base-value base-type="integer">10</qti-base-value></qti-gt>'
    + set_value("SIZE", '<qti-base-value base-type="identifier">big</qti-base-value>')
    + "</qti-template-if></qti-template-condition>" + set_value("RESPONSE", SUM, "correct-response")
)


def make_template(
    processing: str = PROCESSING, body: str = BODY, variables: str = "", rules: str = RULES, responses: str = ""
) -> bytes:
    declared = declare("A", more='math-variable="true"') + declare("B") + declare("SIZE", "identifier") + variables
    item = make_item(
        body, responses or make_response(base_type="integer"), rules, name="sums",
        outcomes=make_outcome() + declared + f"<qti-template-processing>{processing}</qti-template-processing>",
    )
    # the schema wants templates after outcomes; MAXSCORE is added behind them, which no reader minds
    return item


def make_plain(xml: bytes, count: int = 4, seed: int = 1) -> list[PlainItem]:
    return materialise(ItemTemplate("sums", "items/sums.xml", etree.fromstring(xml)), count, seed)


def read_body(item: PlainItem) -> str:
    body = next(etree.fromstring(item.xml).iter("{*}qti-item-body"))
    return " ".join("".join(body.itertext()).split())


def test_clones_differ_have_no_template_left_and_their_keys_give_full_points() -> None:
    made = make_plain(make_template(), count=8)
    assert [one.identifier for one in made] == [f"sums-{number:02}" for number in range(1, 9)]
    assert made[0].path == "items/sums-01.xml" and len({read_body(one) for one in made}) == 8
    for one in made:
        root = etree.fromstring(one.xml)
        assert not is_template(root) and b"template" not in one.xml and b"printed-variable" not in one.xml
        first, second = map(int, re.search(r"is (\d) \+ (\d)\?", read_body(one)).groups())  # type: ignore[union-attr]
        assert best_answers(root) == {"RESPONSE": str(first + second)}
        assert score_item(one.xml, {"RESPONSE": str(first + second)})["SCORE"] == 1
        assert score_item(one.xml, {"RESPONSE": "1"})["SCORE"] == 0
        assert ("It is a lot" in read_body(one)) == (first + second > 10) != ("not much" in read_body(one))
        formula = next(root.iter("{*}math"))
        assert [(etree.QName(node).localname, node.text) for node in formula] == [
            ("mn", str(first)), ("mo", "+"), ("mi", "x")]


def test_a_seed_gives_the_same_items_and_another_one_others() -> None:
    assert make_plain(make_template(), seed=1) == make_plain(make_template(), seed=1)
    assert make_plain(make_template(), seed=1) != make_plain(make_template(), seed=2)


def test_chance_that_does_not_give_enough_gives_fewer() -> None:
    one = set_value("A", '<qti-base-value base-type="integer">2</qti-base-value>')
    same = make_plain(make_template(one + set_value("B", '<qti-random-integer min="1" max="2"/>')), count=5)
    assert len(same) == 2


def test_choices_are_shown_or_hidden() -> None:
    choices = "".join(
        f'<qti-simple-choice identifier="{name}" template-identifier="SHOWN" show-hide="show">{name}'
        "</qti-simple-choice>" for name in ("owl", "cat", "dog"))
    body = f'<qti-choice-interaction response-identifier="RESPONSE" max-choices="1">{choices}</qti-choice-interaction>'
    words = "".join(f'<qti-base-value base-type="identifier">{name}</qti-base-value>' for name in ("owl", "cat"))
    xml = make_template(
        set_value("SHOWN", f"<qti-multiple>{words}</qti-multiple>"), body,
        declare("SHOWN", "identifier", "multiple"), responses=make_response(key="owl"))
    assert read_body(make_plain(xml)[0]) == "owlcat"


def test_a_variable_without_a_value_is_null_in_the_rules() -> None:
    rules = (
        '<qti-response-condition><qti-response-if><qti-is-null><qti-variable identifier="NONE"/></qti-is-null>'
        '<qti-set-outcome-value identifier="SCORE"><qti-base-value base-type="float">1</qti-base-value>'
        "</qti-set-outcome-value></qti-response-if></qti-response-condition>")
    made = make_plain(make_template(variables=declare("NONE", "float"), rules=rules), 1)
    assert score_item(made[0].xml, {})["SCORE"] == 1


def test_what_cannot_be_made_plain_is_named() -> None:
    hidden = BODY.replace('template-identifier="SIZE"', 'template-identifier="GONE"')
    with pytest.raises(UnsupportedElement, match="<qti-template-inline>: template variable 'GONE' is not declared"):
        make_plain(make_template(body=hidden))
    odd = BODY.replace('identifier="A"/>', 'identifier="A" format="%q"/>', 1)
    with pytest.raises(UnsupportedElement, match="<qti-printed-variable>: format '%q' is not known"):
        make_plain(make_template(body=odd))
    false = '<qti-base-value base-type="boolean">false</qti-base-value>'
    never = f"<qti-template-constraint>{false}</qti-template-constraint>"
    with pytest.raises(PackageError, match="items/sums.xml:1: <qti-template-processing>: no values meet"):
        make_plain(make_template(PROCESSING + never))


@pytest.mark.parametrize("number, written, text", [
    ("7", "%i", "7"), ("-7", "%d", "-7"), ("7", "%03d", "007"), ("1.005", "%.2f", "1.00"),
    ("12345.678", "%.3e", "1.235e+04"),
    ("0.5", "%g", "0.5"), ("255", "%x", "ff"), ("255", "%X", "FF"), ("8", "%o", "10"), ("1.5", "%.4r", "1.500"),
    ("3", "%.1r", "3"), ("2", "%+i", "+2"), ("2.5", "%s", "2.5"), ("2", "%5.1f", "  2.0"),
])
def test_numbers_are_printed_as_printf_does(number: str, written: str, text: str) -> None:
    assert format_number(Fraction(number), written) == text


def test_a_format_that_is_none_is_refused() -> None:
    with pytest.raises(BadFormat):
        format_number(Fraction(1), "%d%n")


@pytest.mark.parametrize("value, how, text", [
    (Value("single", "integer", (10,)), {}, "10"),
    (Value("single", "integer", (10,)), {"base": "2"}, "1010"),
    (Value("single", "float", (Fraction(1, 3),)), {}, "0.333333333333333"),
    (Value("single", "float", (Fraction(3),)), {}, "3"),
    (Value("single", "float", (Fraction(12345),)), {"format": "%.1e", "power-form": "true"}, "1.2 × 10^4"),
    (Value("ordered", "integer", (1, 2, 3)), {}, "1;2;3"),
    (Value("ordered", "integer", (1, 2, 3)), {"delimiter": ", "}, "1, 2, 3"),
    (Value("ordered", "integer", (1, 2, 3)), {"index": "2"}, "2"),
    (Value("ordered", "integer", (1, 2, 3)), {"index": "9"}, ""),
    (Value("single", "boolean", (True,)), {}, "true"),
    (Value("single", "string", ("owl",)), {"format": "%i"}, "owl"),
    (Value("single", "point", ((1, 2),)), {}, "1 2"),
])
def test_values_are_printed_as_candidates_read_them(value: Value, how: dict[str, str], text: str) -> None:
    assert print_value(value, how) == text


def test_clones_come_into_the_bank_beside_their_template(tmp_path: Path) -> None:
    files = make_files({"sums": make_template()})
    files["imsmanifest.xml"] = make_manifest(["items/sums.xml"])
    del files["assessment.json"]
    source = write_package(tmp_path / "work", files)
    arguments = ["import", str(source), "--into", str(tmp_path / "bank")]
    refused = CliRunner().invoke(main, arguments)
    assert refused.exit_code == 1 and "make plain items of it with --clones" in refused.output
    taken = CliRunner().invoke(main, [*arguments, "--clones", "3", "--seed", "5"])
    assert taken.exit_code == 0, taken.output
    [entry] = list_entries(tmp_path / "bank")
    package = open_package(entry)
    assert package.assessment.positions[0].pool == ["sums-01", "sums-02", "sums-03"]
    assert (entry / "package/items/sums.xml").read_bytes() == make_template()
    assert (entry / "clones/items/sums-02.xml").read_bytes() == package.items["sums-02"].xml
