"""Words for markers: takes an item as written, gives the HTML of its rubric blocks for scorers.

For experts only; candidates never receive these blocks.
"""
from lxml import etree

from task_bank.items.rendering.context import append, make
from task_bank.items.redaction.redact import redact_element
from task_bank.items.redaction.vocabulary import HTML_ATTRIBUTES
from task_bank.items.xml import XML_LANGUAGE, find_all, local_name, parse_xml


def render_guidance(xml: bytes, file: str = "item") -> str:
    """HTML of everything the author wrote for scorers, "" when there is nothing.

    Pictures are given by their alt text. Raises BrokenXml, UnsupportedElement.
    """
    root = parse_xml(xml, file)
    page = make("div", {"class": "qti-guidance", "lang": root.get(XML_LANGUAGE) or "ru"})
    for rubric in find_all(root, "qti-rubric-block"):
        if "scorer" in rubric.get("view", "").split():
            page.append(_render(redact_element(rubric, file)))
    return etree.tostring(page, method="html", encoding="unicode") if len(page) else ""


def _render(node: etree._Element) -> etree._Element:
    name = local_name(node)
    if name == "img":
        return make("span", {}, f"[{node.get('alt', '')}]")
    rendered = make(name if name in HTML_ATTRIBUTES else "div")
    for attribute in ("lang", "class", "colspan", "rowspan", "scope"):
        if node.get(attribute):
            rendered.set(attribute, node.get(attribute, ""))
    if node.text:
        append(rendered, node.text)
    for child in node:
        append(rendered, _render(child))
        append(rendered, child.tail or "")
    return rendered
