"""May this file replace an item that has been answered: takes the item as sealed and as corrected, refuses or not.

A correction may change only what no candidate saw (keys, mappings, rules, guidance); whatever was on the screen
must stay byte for byte, else the stored answers are answers to another task.
"""
from lxml import etree

from task_bank.items.redaction.redact import redact
from task_bank.items.xml import PackageError, find_all, find_first, parse_xml
from task_bank.scoring import ScoringError, score_item


class WrongCorrection(PackageError):
    """The corrected file is not the same item for a candidate, changes nothing, or cannot be scored."""


def check_correction(original: bytes, corrected: bytes, name: str) -> None:
    """Refuse a correction that is none. Raises WrongCorrection and BrokenXml, naming the file."""
    before, after = parse_xml(original, name), parse_xml(corrected, name)
    if before.get("identifier") != after.get("identifier"):
        raise WrongCorrection(name, f"is item {after.get('identifier')!r}, not {before.get('identifier')!r}")
    if _write(before) == _write(after):
        raise WrongCorrection(name, "is the same as the item it corrects")
    if _read_sight(before, name) != _read_sight(after, name):
        raise WrongCorrection(name, "changes what the candidates saw; only keys and rules may change")
    if _read_highest(before) != _read_highest(after):
        raise WrongCorrection(name, "changes MAXSCORE, the highest points of the item")
    _refuse_unscored(corrected, name)


def _refuse_unscored(corrected: bytes, name: str) -> None:
    try:
        score_item(corrected, {}, name)
    except ScoringError as error:
        raise WrongCorrection(name, f"cannot be scored: {error}") from error


def _read_sight(root: etree._Element, name: str) -> tuple[bytes, list[tuple[str | None, ...]]]:
    """What a candidate sees, and the form of the answers they give."""
    responses = [
        (node.get("identifier"), node.get("cardinality"), node.get("base-type"))
        for node in find_all(root, "qti-response-declaration")
    ]
    return _write(redact(root, name)), sorted(responses, key=str)


def _read_highest(root: etree._Element) -> str | None:
    declared = (node for node in find_all(root, "qti-outcome-declaration") if node.get("identifier") == "MAXSCORE")
    found = next(declared, None)
    value = find_first(found, "qti-value") if found is not None else None
    return (value.text or "").strip() if value is not None else None


def _write(root: etree._Element) -> bytes:
    return etree.tostring(root, method="c14n")
