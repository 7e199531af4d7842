"""Parts of small items: declarations, outcomes, pictures of our own, and an item of them."""
from collections.abc import Mapping

QTI = 'xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0"'
TEMPLATES = "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/"
# Pictures of our own: a plan of an island and things to put on it.
ISLAND = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300" viewBox="0 0 400 300">'
    '<rect width="400" height="300" fill="#bfe0f2"/>'
    '<path d="M40 150Q60 40 190 45T370 130T300 265T110 260T40 150Z" fill="#e9dfb4" stroke="#8a7a3c" stroke-width="3"/>'
    '<path d="M60 90L140 60L150 110L90 130Z" fill="#9cc58a"/><circle cx="200" cy="90" r="30" fill="#7aa6d8"/>'
    '<rect x="260" y="100" width="70" height="50" fill="#d49a7a"/><path d="M120 240L160 170L200 240Z" fill="#a89c94"/>'
    '<ellipse cx="280" cy="210" rx="40" ry="22" fill="#c9b0d6"/></svg>'
).encode()
SHIP = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="48" height="40" viewBox="0 0 48 40">'
    '<path d="M4 26H44L36 38H12Z" fill="#7a4a2a"/><path d="M24 2V24M24 4L40 22H24Z" fill="#fff" stroke="#333"/></svg>'
).encode()
PICTURES = {"media/island.svg": ISLAND, "media/ship.svg": SHIP}
PICTURE = b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="4" height="4"/></svg>'


def make_response(
    name: str = "RESPONSE", key: str = "", cardinality: str = "single", base_type: str = "identifier", more: str = ""
) -> str:
    """A response declaration; `key` holds the right values, parted by "|"."""
    values = "".join(f"<qti-value>{value}</qti-value>" for value in key.split("|") if value)
    correct = f"<qti-correct-response>{values}</qti-correct-response>" if values else ""
    return (
        f'<qti-response-declaration identifier="{name}" cardinality="{cardinality}" base-type="{base_type}">'
        f"{correct}{more}</qti-response-declaration>"
    )


def make_mapping(points: Mapping[str, str], attributes: str = "") -> str:
    entries = "".join(
        f'<qti-map-entry map-key="{key}" mapped-value="{value}"/>' for key, value in points.items()
    )
    return f"<qti-mapping {attributes}>{entries}</qti-mapping>"


def make_outcome(name: str = "SCORE", default: str = "", base_type: str = "float", more: str = "") -> str:
    value = f"<qti-default-value><qti-value>{default}</qti-value></qti-default-value>" if default else ""
    return (
        f'<qti-outcome-declaration identifier="{name}" cardinality="single" base-type="{base_type}" {more}>'
        f"{value}</qti-outcome-declaration>"
    )


def make_item(
    body: str = "",
    responses: str = "",
    rules: str = "",
    name: str = "task-01",
    points: int = 1,
    template: str = "",
    outcomes: str = "",
    attributes: str = "",
) -> bytes:
    """An item of the parts given; `template` is the stem of a standard template."""
    address = f'template="{TEMPLATES}{template}.xml"' if template else ""
    processing = f"<qti-response-processing {address}>{rules}</qti-response-processing>"
    return (
        f'<qti-assessment-item {QTI} identifier="{name}" title="{name}" {attributes}>{responses}'
        f'{outcomes or make_outcome()}{make_outcome("MAXSCORE", str(points))}'
        f"<qti-item-body>{body}</qti-item-body>{processing if rules or address else ''}</qti-assessment-item>"
    ).encode()
