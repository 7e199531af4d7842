"""QTI Results Reporting of one attempt: responses without scores, identifiers as the seat knew them.

Takes a folded state; gives XML bytes. http://www.imsglobal.org/xsd/imsqti_result_v3p0
"""
from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from lxml import etree

from testing_server.contracts.fold import AttemptState, FoldedResponse

NAMESPACE = "http://www.imsglobal.org/xsd/imsqti_result_v3p0"


def write_results(code: str, assessment: str, items: list[dict[str, Any]], state: AttemptState) -> bytes:
    """`items`: the rendered items of the attempt's variant, in order; `code`: the candidate's five digits."""
    root = etree.Element(_tag("assessmentResult"), nsmap={None: NAMESPACE})
    # an identifier of QTI is an XML name: a digit cannot be its first sign
    etree.SubElement(root, _tag("context"), sourcedId=f"candidate-{code}")
    stamp = _stamp(state.finished_at_ms or state.last_at_ms)
    etree.SubElement(root, _tag("testResult"), identifier=assessment, datestamp=stamp)
    for index, item in enumerate(items, start=1):
        _add_item(root, index, item, state, stamp)
    tree: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return tree


def _add_item(root: Any, index: int, item: dict[str, Any], state: AttemptState, stamp: str) -> None:
    status = "final" if item["id"] in state.visited else "initial"
    result = etree.SubElement(root, _tag("itemResult"), identifier=item["id"], sequenceIndex=str(index),
                              datestamp=stamp, sessionStatus=status)
    for interaction in item["interactions"]:
        answer = state.responses.get(f"{item['id']}/{interaction['id']}")
        _add_response(result, interaction["id"], interaction.get("cardinality", "single"),
                      interaction.get("base_type", "string"), _values(answer))
    speaking = item.get("speaking")
    if speaking:
        files = [f"recordings:{one.sha256}" for one in state.recordings
                 if (one.item, one.response) == (item["id"], speaking["response"]) and one.committed]
        _add_response(result, speaking["response"], "multiple", "file", files)


def _add_response(result: Any, identifier: str, cardinality: str, base_type: str, values: list[str]) -> None:
    variable = etree.SubElement(result, _tag("responseVariable"), identifier=identifier, cardinality=cardinality,
                                baseType=base_type)
    response = etree.SubElement(variable, _tag("candidateResponse"))
    for value in values:
        etree.SubElement(response, _tag("value")).text = _printable(value)


def _values(answer: FoldedResponse | None) -> list[str]:
    if answer is None or answer.value is None:
        return []
    return list(answer.value) if isinstance(answer.value, list) else [answer.value]


def _printable(text: str) -> str:
    # XML 1.0 has no place for control characters; the very text stands in the event log
    return "".join(sign for sign in text if sign in "\t\n\r" or " " <= sign <= "\ud7ff" or "\ue000" <= sign <= "\ufffd"
                   or sign >= "\U00010000")


def _stamp(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
