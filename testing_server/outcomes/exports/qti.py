"""QTI 3.0 Results Reporting of a signed protocol: one document for each candidate, with the scores people gave.

Takes an assessment's data and a protocol's payload; gives XML bytes. http://www.imsglobal.org/xsd/imsqti_result_v3p0
Criteria that people marked say externalScored="human". Candidates are codes; experts are not named.
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
# identifiers of QTI are XML names: К of "К1" is a letter, a dot and a digit first are not
LATIN = str.maketrans("Кк", "Kk")


def pack_results(definition: Mapping[str, Any], payload: Mapping[str, Any]) -> bytes:
    """A zip with a document for each line of the protocol."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for row in payload["rows"]:
            archive.writestr(f"{row['code']}-{row['attempt'][:8]}.xml", write_result(definition, payload, row))
    return buffer.getvalue()


def write_result(definition: Mapping[str, Any], payload: Mapping[str, Any], row: Mapping[str, Any]) -> bytes:
    """One candidate's assessmentResult."""
    stamp = datetime.fromtimestamp(payload["frozen_at_ms"] / 1000, UTC).isoformat(timespec="milliseconds")
    root = etree.Element(_tag("assessmentResult"), nsmap={None: NAMESPACE})
    etree.SubElement(root, _tag("context"), sourcedId=row["code"])
    test = etree.SubElement(root, _tag("testResult"), identifier=definition["id"], datestamp=stamp)
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
        _add_outcome(result, f"SCORE_{name_identifier(one['id'])}", value, one["max"], is_human=True)


def _add_outcome(parent: Any, identifier: str, value: str, most: Any, *, base_type: str = "float",
                 is_human: bool = False) -> None:
    about = {"identifier": identifier, "cardinality": "single", "baseType": base_type}
    if most is not None:
        about |= {"normalMaximum": str(most), "normalMinimum": "0"}
    if is_human:
        about["externalScored"] = "human"
    variable = etree.SubElement(parent, _tag("outcomeVariable"), about)
    etree.SubElement(variable, _tag("value")).text = value


def name_identifier(text: str) -> str:
    """A criterion's name as an identifier of QTI."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", text.translate(LATIN))


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
