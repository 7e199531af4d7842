"""QTI 3.0 Results Reporting of a signed protocol: one document for each candidate, with the scores people gave.

Takes an assessment's data and a protocol's payload; gives XML bytes. http://www.imsglobal.org/xsd/imsqti_result_v3p0
Points that people gave say external-scored="human". Candidates are codes; experts are not named.
"""
from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lxml import etree

NAMESPACE = "http://www.imsglobal.org/xsd/imsqti_result_v3p0"
# what programs of others look for is Latin: К of "К1" is written as they write it, other letters stay
LATIN = str.maketrans("Кк", "Kk")


def pack_results(definition: Mapping[str, Any], payload: Mapping[str, Any], system: str) -> bytes:
    """A zip with a document for each line of the protocol. `system`: the address of whoever reports."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for row in payload["rows"]:
            archive.writestr(f"{row['code']}-{row['attempt'][:8]}.xml", write_result(definition, payload, row, system))
    return buffer.getvalue()


def write_result(definition: Mapping[str, Any], payload: Mapping[str, Any], row: Mapping[str, Any],
                 system: str) -> bytes:
    """One candidate's assessmentResult. The session is the attempt: one code may have two."""
    stamp = datetime.fromtimestamp(payload["frozen_at_ms"] / 1000, UTC).isoformat(timespec="milliseconds")
    root = etree.Element(_tag("assessmentResult"), nsmap={None: NAMESPACE})
    context = etree.SubElement(root, _tag("context"), sourcedId=f"candidate-{row['code']}")
    etree.SubElement(context, _tag("sessionIdentifier"), sourceID=system, identifier=f"attempt-{row['attempt']}")
    test = etree.SubElement(root, _tag("testResult"), identifier=name_identifier(definition["id"]), datestamp=stamp)
    _add_outcome(test, "SCORE", row["raw_score"], definition.get("total_points"))
    _add_outcome(test, "MARK", str(row["mark"]), None, base_type="integer")
    points = {one["position"]: one for one in row["positions"]}
    for index, position in enumerate(definition["positions"], start=1):
        _add_item(root, index, definition, position, points[position["number"]], stamp)
    found: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return found


def _add_item(root: Any, index: int, definition: Mapping[str, Any], position: Mapping[str, Any],
              points: Mapping[str, Any], stamp: str) -> None:
    result = etree.SubElement(root, _tag("itemResult"), identifier=f"position-{position['number']}",
                              sequenceIndex=str(index), datestamp=stamp, sessionStatus="final")
    status = "completed" if points["answered"] else "not_attempted"
    _add_outcome(result, "completionStatus", status, None, base_type="identifier")
    by_people = points["source"] == "expert"
    _add_outcome(result, "SCORE", points["points"], position["points"], is_human=by_people)
    if not position.get("criteria"):
        return
    for one in definition["criteria"][position["criteria"]]["criteria"]:
        value = str(points["criteria"].get(one["id"], 0))
        _add_outcome(result, name_identifier(f"SCORE_{one['id']}"), value, one["max"], is_human=True)


def _add_outcome(parent: Any, identifier: str, value: str, most: Any, *, base_type: str = "float",
                 is_human: bool = False) -> None:
    about = {"identifier": identifier, "cardinality": "single", "baseType": base_type}
    if most is not None:
        about |= {"normalMaximum": str(most), "normalMinimum": "0"}
    if is_human:
        about["external-scored"] = "human"
    variable = etree.SubElement(parent, _tag("outcomeVariable"), about)
    etree.SubElement(variable, _tag("value")).text = value


def name_identifier(text: str) -> str:
    """A name as an identifier of QTI, which is an XML name: letters of any alphabet, but no digit first."""
    name = re.sub(r"[^\w.-]", "_", text.translate(LATIN))
    return name if re.match(r"[^\W\d]", name) else f"_{name}"


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
