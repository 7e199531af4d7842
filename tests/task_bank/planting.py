"""Plants a word in every place of an item where a key, a rule or a hint could stand: takes XML, gives XML.

What a candidate is meant to read is left alone; names (identifiers, files) are replaced throughout, so that the item
still works.
"""
import copy
import re

from lxml import etree

from task_bank.items.redaction.vocabulary import COMMON_ATTRIBUTES
from task_bank.items.xml import QTI, find_all, local_name, parse_xml

WORD = "CANARY"
# Attributes an author or an editor might write, none of which a candidate needs.
STRANGE = (
    "title", "id", "label", "name", "style", "onclick", "longdesc", "aria-label", "aria-describedby", "alttext",
    "data-key", "data-catalog-idref", "template-identifier", "show-hide", "interpretation", "match-group",
    "pattern-mask", "data-patternmask-message", "itemprop", "{urn:editor}hint",
)
NAMING = ("identifier", "response-identifier", "outcome-identifier", "data-stimulus-idref")
OPAQUE_TYPES = ("identifier", "pair", "directedPair")
CHOICES = (
    "qti-simple-choice", "qti-inline-choice", "qti-simple-associable-choice", "qti-gap-text", "qti-hottext",
)
BEHIND = f"""
<i xmlns="{QTI}">
<qti-outcome-declaration identifier="HINT" cardinality="single" base-type="string" interpretation="{WORD}-interpreted">
<qti-default-value><qti-value>{WORD}-outcome</qti-value></qti-default-value></qti-outcome-declaration>
<qti-modal-feedback identifier="a" outcome-identifier="HINT" show-hide="show">{WORD}-modal</qti-modal-feedback>
<qti-catalog-info><qti-catalog id="c"><qti-card support="spoken"><qti-html-content>{WORD}-catalog</qti-html-content>
</qti-card></qti-catalog></qti-catalog-info>
<qti-companion-materials-info>{WORD}-companion</qti-companion-materials-info>
<qti-stylesheet href="{WORD}.css" type="text/css"/>
</i>"""
WITHIN = f"""
<i xmlns="{QTI}">
<qti-feedback-block identifier="a" outcome-identifier="HINT" show-hide="show">{WORD}-block</qti-feedback-block>
<qti-rubric-block view="scorer" use="scoring"><p>{WORD}-rubric</p></qti-rubric-block>
<qti-rubric-block view="candidate scorer" use="scoring"><p>{WORD}-both</p></qti-rubric-block>
<qti-rubric-block view="author tutor proctor testConstructor"><p>{WORD}-author</p></qti-rubric-block>
<div class="qti-hide">{WORD}-hidden</div>
</i>"""
RULE = f"""
<qti-set-outcome-value xmlns="{QTI}" identifier="HINT"><qti-base-value base-type="string">{WORD}-rule</qti-base-value>
</qti-set-outcome-value>"""
DEFAULT = f'<qti-default-value xmlns="{QTI}"><qti-value>{WORD}-default</qti-value></qti-default-value>'
MAPPED = f'<qti-map-entry xmlns="{QTI}" map-key="{WORD}-mapped" mapped-value="0"/>'
INLINE = (
    f'<qti-feedback-inline xmlns="{QTI}" identifier="a" outcome-identifier="HINT" show-hide="show">{WORD}-inline'
    "</qti-feedback-inline>"
)


def plant(xml: bytes) -> tuple[bytes, dict[str, str]]:
    """The planted item, and what each file it names is called now (old path as written → new)."""
    root = copy.deepcopy(parse_xml(xml, "item"))
    _rename(root)
    files = _rename_files(root)
    _plant_keys(root)
    for parent, parts in ((root, BEHIND), (_body(root), WITHIN)):
        for part in etree.fromstring(parts):
            parent.append(part)
    for node in [node for node in root.iter() if isinstance(node.tag, str)]:
        _plant_around(node)
    return etree.tostring(root), files


def plant_stimulus(xml: bytes) -> bytes:
    """A shared text, planted in the same way."""
    root = copy.deepcopy(parse_xml(xml, "stimulus"))
    for part in etree.fromstring(BEHIND):
        root.append(part)
    for part in etree.fromstring(WITHIN):
        find_all(root, "qti-stimulus-body")[0].append(part)
    for node in [node for node in root.iter() if isinstance(node.tag, str)]:
        _plant_around(node)
    return etree.tostring(root)


def _body(root: etree._Element) -> etree._Element:
    (body,) = find_all(root, "qti-item-body")
    return body


def _rename(root: etree._Element) -> None:
    """Every identifier gets a telling name, in declarations, keys, rules and choices alike."""
    known = {str(node.get("identifier")) for node in root.iter() if node.get("identifier")}
    known -= {"SCORE", "MAXSCORE", "completionStatus"}
    for node in root.iter():
        for attribute in NAMING:
            if node.get(attribute) in known:
                node.set(attribute, f"{WORD}-{node.get(attribute)}")
        if node.get("map-key"):
            node.set("map-key", _rename_words(node.get("map-key", ""), known))
        if local_name(node) in ("qti-value", "qti-base-value") and node.text:
            node.text = _rename_words(node.text, known)


def _rename_words(text: str, known: set[str]) -> str:
    return re.sub(r"\S+", lambda found: f"{WORD}-{found[0]}" if found[0] in known else found[0], text)


def _rename_files(root: etree._Element) -> dict[str, str]:
    files = {}
    for node in _body(root).iter():
        for attribute in ("src", "data"):
            written = node.get(attribute) if local_name(node) else None
            if written:
                folder, _, name = written.rpartition("/")
                files[written] = f"{folder}/{WORD}-{name}".lstrip("/")
                node.set(attribute, files[written])
    return files


def _plant_keys(root: etree._Element) -> None:
    for declared in find_all(root, "qti-response-declaration"):
        if declared.get("base-type") == "string" and declared.get("cardinality") == "single":
            declared.insert(0, etree.fromstring(DEFAULT))
        for mapping in find_all(declared, "qti-mapping"):
            mapping.append(etree.fromstring(MAPPED))
    for rules in find_all(root, "qti-response-processing"):
        rules.append(etree.fromstring(RULE))
    for choice in (one for name in CHOICES for one in find_all(root, name)):
        choice.append(etree.fromstring(INLINE))


def _plant_around(node: etree._Element) -> None:
    for number, name in enumerate(STRANGE):
        if name not in node.attrib and name not in COMMON_ATTRIBUTES and not name.startswith("template"):
            node.set(name, f"{WORD}-attribute-{number}" if name != "show-hide" else "show")
    node.set("class", f"{node.get('class', '')} {WORD}-class qti-{WORD}".strip())
    if node.getparent() is not None:
        node.addprevious(etree.Comment(f" {WORD}-comment "))
        node.addnext(etree.ProcessingInstruction("editor", f"{WORD}-instruction"))
    node.append(etree.Comment(f" {WORD}-inside "))
