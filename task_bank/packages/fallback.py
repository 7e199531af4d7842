"""Plain QTI for speaking tasks: takes the files of a package, gives files any QTI 3 system can show.

QTI has no timed recording, so ours is a portable custom interaction of our own type. Its plain form is an upload of
a sound file; the times stand in the prompt, and as a time limit where a test refers to the item.
"""
import copy
from collections.abc import Mapping

from lxml import etree

from task_bank.items.facts import read_facts
from task_bank.items.files import resolve_href
from task_bank.items.package import ASSESSMENT
from task_bank.items.redaction.vocabulary import SPEAKING_TYPE
from task_bank.items.xml import QTI, PackageError, find_all, local_name, parse_xml
from task_bank.packages.test_file import ITEM_REF, SECTION, TEST

BEFORE_LIMITS = ("qti-pre-condition", "qti-branch-rule", "qti-item-session-control")


def make_plain(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files with every speaking item replaced; without assessment.json, which speaks of recordings.

    Files without speaking in them stay byte for byte.
    """
    plain = {path: data for path, data in files.items() if path != ASSESSMENT}
    seconds: dict[str, int] = {}
    for path, root in _parse_all(plain, "qti-assessment-item"):
        rule = read_facts(plain[path], root).speaking
        if rule is not None:
            seconds[path] = rule["prepare_s"] + rule["record_s"] * rule["takes"]
            plain[path] = _replace_speaking(root, rule)
    for name in (TEST, SECTION):
        for path, root in _parse_all(plain, name):
            changed = _limit(root, path, seconds)
            plain[path] = plain[path] if changed is None else changed
    return plain


def _parse_all(files: Mapping[str, bytes], name: str) -> list[tuple[str, etree._Element]]:
    found = []
    for path, data in files.items():
        if path.endswith(".xml") and name.encode() in data:
            try:
                root = parse_xml(data, path)
            except PackageError:
                continue
            found += [(path, root)] if local_name(root) == name else []
    return found


def _replace_speaking(root: etree._Element, rule: Mapping[str, int]) -> bytes:
    changed = copy.deepcopy(root)
    for node in find_all(changed, "qti-portable-custom-interaction"):
        parent = node.getparent()
        if parent is not None and node.get("custom-interaction-type-identifier") == SPEAKING_TYPE:
            upload = etree.Element(f"{{{QTI}}}qti-upload-interaction", {
                "response-identifier": node.get("response-identifier", ""), "type": "audio/*",
            })
            prompt = etree.SubElement(upload, f"{{{QTI}}}qti-prompt")
            prompt.text = (f"Подготовка: {rule['prepare_s']} с. Запишите ответ ({rule['record_s']} с) и приложите "
                           f"файл. / Prepare for {rule['prepare_s']} s, record your answer ({rule['record_s']} s) "
                           "and attach the file.")
            upload.tail = node.tail
            parent.replace(node, upload)
    return etree.tostring(changed, xml_declaration=True, encoding="UTF-8")


def _limit(root: etree._Element, path: str, seconds: Mapping[str, int]) -> bytes | None:
    """The test with a time limit at each speaking item; None when it refers to none."""
    changed = copy.deepcopy(root)
    found = False
    for node in find_all(changed, ITEM_REF):
        target = resolve_href(path, node.get("href", ""), node)
        if target in seconds and not any(local_name(child) == "qti-time-limits" for child in node):
            place = len([child for child in node if local_name(child) in BEFORE_LIMITS])
            limits = node.makeelement(f"{{{QTI}}}qti-time-limits", {"max-time": str(seconds[target])})
            node.insert(place, limits)
            found = True
    return etree.tostring(changed, xml_declaration=True, encoding="UTF-8") if found else None
