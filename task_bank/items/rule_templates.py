"""Response processing templates that a package brings itself: takes an item, gives a copy with the rules inside."""
import copy
from collections.abc import Mapping

from lxml import etree

from task_bank.items.files import resolve_href
from task_bank.items.versions import check_root
from task_bank.items.xml import find_children, local_name, parse_xml

PROCESSING = "qti-response-processing"


def place_template(root: etree._Element, file: str, files: Mapping[str, bytes]) -> bytes | None:
    """The item with its template's rules in place of the reference; None when no file of the package holds them.

    Standard templates are known to the scoring by their addresses and need no file.
    Raises PackageError when the file is no template.
    """
    path = find_template(root, file, files)
    if path is None:
        return None
    template = parse_xml(files[path], path)
    check_root(template, path, PROCESSING)
    changed = copy.deepcopy(root)
    rules = find_children(changed, PROCESSING)[0]
    for name in ("template", "template-location"):
        rules.attrib.pop(name, None)
    rules.extend([copy.deepcopy(rule) for rule in template if local_name(rule)])
    return etree.tostring(changed, xml_declaration=True, encoding="UTF-8")


def find_template(root: etree._Element, file: str, files: Mapping[str, bytes]) -> str | None:
    """Path of the template an item refers to, when the package has it. Raises UnsafePackage."""
    for rules in find_children(root, PROCESSING):
        if any(local_name(child) for child in rules):
            return None  # own rules go before a template
        for name in ("template-location", "template"):
            written = rules.get(name, "")
            path = None if not written or "://" in written or written[0] == "/" else resolve_href(file, written, rules)
            if path in files:
                return path
    return None
