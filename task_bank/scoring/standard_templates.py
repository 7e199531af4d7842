"""The standard response processing templates: takes a template's address, gives its rules as XML.

Whichever of the published addresses it is, the last word of it names the template.
"""
from lxml import etree

from task_bank.items.xml import find_all

_MATCH = """<qti-response-condition>
  <qti-response-if>
    <qti-match><qti-variable identifier="RESPONSE"/><qti-correct identifier="RESPONSE"/></qti-match>
    {right}
  </qti-response-if>
  <qti-response-else>{wrong}</qti-response-else>
</qti-response-condition>"""
_MAP = """<qti-response-condition>
  <qti-response-if>
    <qti-is-null><qti-variable identifier="RESPONSE"/></qti-is-null>
    <qti-set-outcome-value identifier="SCORE">
      <qti-base-value base-type="float">0</qti-base-value>
    </qti-set-outcome-value>
  </qti-response-if>
  <qti-response-else>
    <qti-set-outcome-value identifier="SCORE"><qti-{expression} identifier="RESPONSE"/></qti-set-outcome-value>
  </qti-response-else>
</qti-response-condition>"""
_FULL_MARKS = """<qti-response-condition>
  <qti-response-if>
    <qti-equal><qti-variable identifier="SCORE"/><qti-variable identifier="MAXSCORE"/></qti-equal>
    {right}
  </qti-response-if>
  <qti-response-else>{wrong}</qti-response-else>
</qti-response-condition>"""


def _set(identifier: str, base_type: str, value: str) -> str:
    constant = f'<qti-base-value base-type="{base_type}">{value}</qti-base-value>'
    return f'<qti-set-outcome-value identifier="{identifier}">{constant}</qti-set-outcome-value>'


def _tell(identifier: str, value: str) -> str:
    return _set(identifier, "identifier", value)


_FULL = '<qti-set-outcome-value identifier="SCORE"><qti-variable identifier="MAXSCORE"/></qti-set-outcome-value>'
_MATCH_CORRECT = _MATCH.format(right=_set("SCORE", "float", "1"), wrong=_set("SCORE", "float", "0"))
_RULES = {
    "match_correct": _MATCH_CORRECT,
    "cc2_match": _MATCH_CORRECT,
    "map_response": _MAP.format(expression="map-response"),
    "map_response_point": _MAP.format(expression="map-response-point"),
    "cc2_match_basic": _MATCH.format(
        right=_FULL + _tell("FEEDBACKBASIC", "correct"), wrong=_tell("FEEDBACKBASIC", "incorrect")),
    "cc2_map_response": _MAP.format(expression="map-response") + _FULL_MARKS.format(
        right=_tell("FEEDBACK", "correct"), wrong=_tell("FEEDBACK", "incorrect")),
}
FEEDBACK = ("FEEDBACK", "FEEDBACKBASIC")


def find_standard_rules(address: str, outcomes: set[str]) -> etree._Element | None:
    """The rules of a standard template; None when the address names none.

    Feedback is told only to an outcome that the item declares: many items score by these templates without one.
    """
    stem = address.strip().rstrip("/").split("/")[-1].removesuffix(".xml").lower()
    if stem not in _RULES:
        return None
    rules = etree.fromstring(f"<qti-response-processing>{_RULES[stem]}</qti-response-processing>")
    for node in find_all(rules, "qti-set-outcome-value"):
        parent = node.getparent()
        if node.get("identifier") in FEEDBACK and node.get("identifier") not in outcomes and parent is not None:
            parent.remove(node)
    return rules
