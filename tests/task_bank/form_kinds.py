"""Pairs, scales, several texts, steps from a list, options with pictures and formulas; and answers that are files."""
from typing import Any

from tests.task_bank.item_parts import QTI, make_item, make_outcome, make_response

MATH = 'xmlns:m="http://www.w3.org/1998/Math/MathML"'
SHIP = '<img src="../media/ship.svg" alt="ship" width="48" height="40"/>'


def make_associate(attributes: str = 'max-associations="2"', most: int = 1) -> str:
    names = {"salt": "Salt", "pepper": "Pepper", "cup": "Cup", "saucer": "Saucer", "spoon": f"Spoon {SHIP}"}
    choices = "".join(
        f'<qti-simple-associable-choice identifier="{name}" match-max="{most}">{text}</qti-simple-associable-choice>'
        for name, text in names.items()
    )
    return (
        f'<qti-associate-interaction response-identifier="RESPONSE" {attributes}><qti-prompt>What goes together?'
        f"</qti-prompt>{choices}</qti-associate-interaction>"
    )


SLIDER = (
    '<qti-slider-interaction response-identifier="RESPONSE" lower-bound="-10" upper-bound="40" step="5" '
    'step-label="true"><qti-prompt>At how many degrees does ice melt?</qti-prompt></qti-slider-interaction>'
)
FORMULAS = (
    f'<p>The root is <qti-inline-choice-interaction response-identifier="RESPONSE">'
    f'<qti-inline-choice identifier="half"><m:math {MATH}><m:mfrac><m:mn>1</m:mn><m:mn>2</m:mn></m:mfrac></m:math>'
    f'</qti-inline-choice><qti-inline-choice identifier="two">x<sup>2</sup></qti-inline-choice>'
    f'<qti-inline-choice identifier="boat">{SHIP}</qti-inline-choice></qti-inline-choice-interaction> exactly.</p>'
)
SEVERAL = (
    '<qti-extended-text-interaction response-identifier="RESPONSE" min-strings="1" max-strings="3" expected-lines="1" '
    'class="qti-height-lines-3"><qti-prompt>Name two seas</qti-prompt></qti-extended-text-interaction>'
)
ORDER_SOME = (
    '<qti-order-interaction response-identifier="RESPONSE" min-choices="2" max-choices="3"><qti-prompt>Which planets '
    "lie inside the orbit of Mars, from the Sun outwards?</qti-prompt>"
    + "".join(
        f'<qti-simple-choice identifier="{name}">{name.title()}</qti-simple-choice>'
        for name in ("mercury", "venus", "earth", "saturn", "neptune")
    ) + "</qti-order-interaction>"
)
PICTURE_GAPS = (
    '<qti-gap-match-interaction response-identifier="RESPONSE" class="qti-choices-left"><qti-prompt>Put in</qti-prompt>'
    f'<qti-gap-img identifier="i-ship" match-max="1">{SHIP}</qti-gap-img>'
    '<qti-gap-text identifier="w-water" match-max="1">H<sub>2</sub>O</qti-gap-text>'
    '<p>A <qti-gap identifier="g-one"/> floats on <qti-gap identifier="g-two" class="qti-input-width-10"/>.</p>'
    "</qti-gap-match-interaction>"
)
HUMAN = make_outcome(more='external-scored="human"')
UPLOAD = (
    '<qti-upload-interaction response-identifier="RESPONSE" type="image/png application/pdf"><qti-prompt>Send the plan'
    "</qti-prompt></qti-upload-interaction>"
)
DRAWING = (
    '<qti-drawing-interaction response-identifier="RESPONSE"><qti-prompt>Draw the road</qti-prompt>'
    '<object data="../media/island.svg" type="image/svg+xml" width="400" height="300">Plan of an island</object>'
    "</qti-drawing-interaction>"
)


def make_file_item(body: str, name: str) -> bytes:
    return make_item(body, make_response(base_type="file"), name=name, outcomes=HUMAN)


FORM_KINDS: dict[str, bytes] = {
    "associate": make_item(
        make_associate(), make_response(key="salt pepper|cup saucer", cardinality="multiple", base_type="pair"),
        name="associate", template="match_correct",
    ),
    "slider": make_item(
        SLIDER, make_response(key="0", base_type="integer"), name="slider", template="match_correct"
    ),
    "inline-formulas": make_item(
        FORMULAS, make_response(key="half"), name="inline-formulas", template="match_correct"
    ),
    "several-texts": make_item(
        SEVERAL, make_response(key="Azov|Kara", cardinality="multiple", base_type="string"), name="several-texts",
        template="match_correct",
    ),
    "order-some": make_item(
        ORDER_SOME, make_response(key="mercury|venus|earth", cardinality="ordered"), name="order-some",
        template="match_correct",
    ),
    "picture-gaps": make_item(
        PICTURE_GAPS,
        make_response(key="i-ship g-one|w-water g-two", cardinality="multiple", base_type="directedPair"),
        name="picture-gaps", template="match_correct",
    ),
}
FORM_RIGHT: dict[str, Any] = {
    "associate": ["pepper salt", "cup saucer"], "slider": "0", "inline-formulas": "half",
    "several-texts": ["Kara", "Azov"], "order-some": ["mercury", "venus", "earth"],
    "picture-gaps": ["w-water g-two", "i-ship g-one"],
}
FORM_WRONG: dict[str, Any] = {
    "associate": ["salt cup"], "slider": "5", "inline-formulas": "two", "several-texts": ["Azov"],
    "order-some": ["venus", "mercury", "earth"], "picture-gaps": ["i-ship g-two"],
}
# Marked by people: no key, no rule.
FILE_KINDS: dict[str, bytes] = {
    "upload": make_file_item(UPLOAD, "upload"), "drawing": make_file_item(DRAWING, "drawing"),
}

ARABIC = (
    f'<qti-assessment-item {QTI} identifier="arabic" title="arabic" xml:lang="ar">'
    + make_response(key="a") + make_outcome()
    + '<qti-item-body><p>اقرأ <bdi>WHO 2024</bdi> ثم أجب.</p>'
    '<qti-choice-interaction response-identifier="RESPONSE" max-choices="1"><qti-prompt>ما عاصمة مصر؟</qti-prompt>'
    '<qti-simple-choice identifier="a">القاهرة (Cairo)</qti-simple-choice>'
    '<qti-simple-choice identifier="b"><span dir="ltr" lang="en">London, 1066</span></qti-simple-choice>'
    "</qti-choice-interaction></qti-item-body></qti-assessment-item>"
).encode()

# Much of what the HTML and MathML of a body may hold, in one item.
CONTENT = (
    f'<qti-assessment-item {QTI} {MATH} identifier="content" title="content" xml:lang="en">'
    + make_response(key="1", base_type="integer") + make_outcome()
    + '<qti-item-body><h2>Formulas</h2><p>Solve <m:math><m:semantics><m:mrow><m:mi>x</m:mi><m:mo>=</m:mo><m:mfrac>'
    "<m:mrow><m:mo>-</m:mo><m:mi>b</m:mi></m:mrow><m:msqrt><m:mi>a</m:mi></m:msqrt></m:mfrac><m:mo>∈</m:mo>"
    '<m:mtext mathvariant="double-struck">R</m:mtext></m:mrow><m:annotation encoding="TeX">KEY</m:annotation>'
    '</m:semantics></m:math> for <m:math display="block"><m:mfenced><m:mtable columnalign="left right" '
    'columnlines="solid"><m:mtr><m:mtd><m:mn>1</m:mn></m:mtd><m:mtd><m:mn>2</m:mn></m:mtd></m:mtr></m:mtable>'
    "</m:mfenced></m:math></p>"
    "<p><ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby> means <bdo dir='rtl'>abc</bdo> and H<sub>2</sub>O.</p>"
    "<table><caption>Rivers</caption><thead><tr><th scope='col'>River</th><th scope='col'>Length</th></tr></thead>"
    "<tbody><tr><th scope='row'>Volga</th><td><qti-text-entry-interaction response-identifier='RESPONSE' "
    "class='qti-input-width-5'/></td></tr></tbody></table>"
    f"<figure>{SHIP}<figcaption>A ship</figcaption></figure>"
    "<div class='qti-well qti-align-center'><p class='qti-writing-mode-vertical-rl'>縦書き</p></div>"
    "<ol class='qti-list-style-upper-roman'><li>One</li><li>Two</li></ol>"
    "<details><summary>Help</summary><p>More words</p></details>"
    "<qti-rubric-block view='candidate' use='instructions'><qti-content-body><p>Read first.</p></qti-content-body>"
    "</qti-rubric-block></qti-item-body></qti-assessment-item>"
).encode()
