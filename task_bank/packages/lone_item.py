"""An item by itself: takes the path of its XML, gives the package it would be, with the files it names and a manifest.

So an author may check, look at and hand on one file before there is a package.
"""
from pathlib import Path
from urllib.parse import quote

from lxml import etree

from task_bank.items.files import read_one
from task_bank.items.manifest import (
    ITEM_TYPE,
    MANIFEST,
    MANIFEST_NAMESPACE,
    OTHER_TYPE,
    SCHEMA,
    STIMULUS_TYPE,
    TEMPLATE_TYPE,
)
from task_bank.items.versions import check_root
from task_bank.items.xml import PackageError, local_name, parse_xml
from task_bank.packages.references import list_named

ITEM = "qti-assessment-item"
TYPES = {ITEM: ITEM_TYPE, "qti-assessment-stimulus": STIMULUS_TYPE, "qti-response-processing": TEMPLATE_TYPE}
MOST_ABOVE = 3


def is_lone_item(path: Path) -> bool:
    """Whether a path is that of an XML file, not of a package."""
    return path.suffix.lower() == ".xml" and path.name != MANIFEST and path.is_file()


def read_lone_item(path: Path) -> dict[str, bytes]:
    """Files of a package of this one item. Raises PackageError when it is no QTI 3 item.

    Paths are those of the package whose manifest lies above, else of the item's own folder.
    """
    root = next((above for above in list(path.parents)[:MOST_ABOVE] if (above / MANIFEST).is_file()), path.parent)
    main = path.relative_to(root).as_posix()
    data = read_one(root, main) or b""
    check_root(parse_xml(data, main), main, ITEM)
    files, waiting = {main: data}, list_named(main, data)
    while waiting:
        name = waiting.pop()
        found = read_one(root, name) if name not in files else None
        if found is not None:
            files[name] = found
            waiting += list_named(name, found)
    return {**files, MANIFEST: _write_manifest(main, files)}


def _write_manifest(main: str, files: dict[str, bytes]) -> bytes:
    root = etree.Element(_name("manifest"), {"identifier": "MANIFEST"}, nsmap={None: MANIFEST_NAMESPACE})
    about = etree.SubElement(root, _name("metadata"))
    etree.SubElement(about, _name("schema")).text = SCHEMA
    etree.SubElement(about, _name("schemaversion")).text = "3.0.0"
    etree.SubElement(root, _name("organizations"))
    resources = etree.SubElement(root, _name("resources"))
    for number, path in enumerate(sorted(files, key=lambda path: (path != main, path))):
        kind = {"identifier": f"R{number}", "type": _find_type(path, files[path]), "href": quote(path)}
        etree.SubElement(etree.SubElement(resources, _name("resource"), kind), _name("file"), {"href": quote(path)})
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _find_type(path: str, data: bytes) -> str:
    if not path.lower().endswith(".xml"):
        return OTHER_TYPE
    try:
        return TYPES.get(local_name(parse_xml(data, path)), OTHER_TYPE)
    except PackageError:
        return OTHER_TYPE


def _name(local: str) -> str:
    return f"{{{MANIFEST_NAMESPACE}}}{local}"
