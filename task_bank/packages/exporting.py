"""Export: takes a package and which items are wanted, gives a zip with a manifest that lists every file in it.

Every resource leaves as it came, byte for byte. The manifest itself does too, unless it was incomplete or only some
items leave: then a copy is mended, with its metadata as they were. The same contents always make the same zip.
"""
import copy
import os
import posixpath
import tempfile
import zipfile
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from urllib.parse import quote

from lxml import etree

from task_bank.items.manifest import (
    ITEM_TYPE,
    MANIFEST,
    MANIFEST_NAMESPACE,
    OTHER_TYPE,
    TEST_TYPE,
    XML_BASE,
    Manifest,
    Resource,
)
from task_bank.items.package import ASSESSMENT
from task_bank.items.xml import PackageError, find_children, namespace, parse_xml
from task_bank.packages.bank import PACKAGE, find_only_entry, is_entry
from task_bank.packages.contents import ContentPackage, read_content
from task_bank.packages.fallback import make_plain
from task_bank.packages.references import close_over, list_references

PACKED_WELL = (".ogg", ".oga", ".opus", ".mp3", ".png", ".jpg", ".jpeg", ".webp", ".gif", ".mp4", ".webm", ".zip")
MOMENT = (1980, 1, 1, 0, 0, 0)
OnFile = Callable[[int, int], object]


class UnknownItem(PackageError):
    """An item that was asked for is not in the package."""


def export_package(source: Path, target: Path, items: Collection[str] = (), plain: bool = False,
                   on_file: OnFile = lambda done, of: None) -> int:
    """Write a package as a zip; gives the number of files in it.

    `source`: a folder of the bank, a package, or a bank that holds one. `items`: identifiers, none = everything.
    `plain`: speaking tasks leave as uploads that any QTI 3 system can show. `on_file(done, of)` is told after each.
    Raises PackageError, UnknownItem.
    """
    content = read_source(source)
    files = dict(content.files)
    if items:
        files = _pick(content, items)
    if plain:
        files = make_plain(files)
    files[MANIFEST] = mend_manifest(content.manifest, files)
    write_zip(target, files, on_file)
    return len(files)


def read_source(source: Path) -> ContentPackage:
    """The package to export. Raises PackageError."""
    source = find_only_entry(source)
    return read_content(source / PACKAGE if is_entry(source) else source)


def mend_manifest(manifest: Manifest, files: Mapping[str, bytes]) -> bytes:
    """A manifest for these files: the original bytes when they say it all, else a copy that does."""
    kept = {one.identifier: one for one in manifest.resources.values() if all(path in files for path in one.files)}
    missing = {one.identifier: _list_missing(one, kept, files) for one in kept.values()}
    listed = {path for one in kept.values() for path in one.files}
    listed |= {path for paths, _ in missing.values() for path in paths}
    unlisted = sorted(set(files) - listed - {MANIFEST})
    complete = not unlisted and not any(paths or names for paths, names in missing.values())
    if complete and len(kept) == len(manifest.resources) and MANIFEST in files:
        return files[MANIFEST]
    return _write_manifest(manifest, kept, missing, unlisted)


def write_zip(target: Path, files: Mapping[str, bytes], on_file: OnFile = lambda done, of: None) -> None:
    """Write a zip at once or not at all: the manifest first, the rest by name, without times or owners."""
    target.parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(prefix=".exporting-", dir=target.parent)
    try:
        with os.fdopen(number, "wb") as stream, zipfile.ZipFile(stream, "w") as archive:
            for done, path in enumerate(sorted(files, key=lambda path: (path != MANIFEST, path)), start=1):
                _add(archive, path, files[path])
                on_file(done, len(files))
        os.chmod(name, 0o644)
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise


def _add(archive: zipfile.ZipFile, path: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(path, MOMENT)
    entry.create_system, entry.external_attr = 3, 0o644 << 16
    packed = posixpath.splitext(path)[1].lower() in PACKED_WELL
    entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
    archive.writestr(entry, data, compresslevel=9)


def _pick(content: ContentPackage, items: Collection[str]) -> dict[str, bytes]:
    """Files of the named items and of everything they need; tests and our assessment speak of items left behind."""
    known: dict[str, Resource] = {}
    for resource in content.manifest.of_type(ITEM_TYPE):
        root = parse_xml(content.files[resource.path or ""], resource.path or "")
        known.setdefault(root.get("identifier", ""), resource)
    unknown = sorted(set(items) - set(known))
    if unknown:
        raise UnknownItem(content.name, f"has no item {', '.join(unknown)}")
    wanted: set[str] = set()
    waiting = [known[name].identifier for name in items]
    for name in waiting:
        resource = content.manifest.resources[name]
        wanted |= close_over(resource.files, content.files)
        waiting += [one for one in resource.dependencies if one not in waiting]
    dropped = {resource.path for resource in content.manifest.of_type(TEST_TYPE)} | {ASSESSMENT}
    return {path: content.files[path] for path in sorted(wanted - dropped)}


def _list_missing(
    one: Resource, kept: Mapping[str, Resource], files: Mapping[str, bytes]
) -> tuple[list[str], list[str]]:
    """Files and identifiers of resources that a resource needs and does not name."""
    mains = {other.path: name for name, other in kept.items() if other.path is not None}
    needed = [path for file in one.files for path in list_references(file, files)]
    paths = [path for path in dict.fromkeys(needed) if path not in one.files and path not in mains]
    names = [mains[path] for path in dict.fromkeys(needed) if path in mains]
    reached = _reach(one, kept)
    covered = {path for name in reached for path in kept[name].files}
    return [path for path in paths if path not in covered], [name for name in names if name not in reached]


def _reach(one: Resource, kept: Mapping[str, Resource]) -> set[str]:
    """Identifiers of the resource and of all it depends on, near and far."""
    found, waiting = {one.identifier}, [one.identifier]
    while waiting:
        for name in kept[waiting.pop()].dependencies:
            if name in kept and name not in found:
                found.add(name)
                waiting.append(name)
    return found


def _write_manifest(
    manifest: Manifest, kept: Mapping[str, Resource], missing: Mapping[str, tuple[list[str], list[str]]],
    unlisted: Iterable[str],
) -> bytes:
    root = copy.deepcopy(manifest.root)
    for node in [node for node in root.iter(_name("resource"))]:
        identifier = node.get("identifier", "")
        if identifier not in kept:
            _remove(node)
            continue
        for dependency in find_children(node, "dependency"):
            if dependency.get("identifierref") not in kept:
                _remove(dependency)
        paths, names = missing[identifier]
        # the schema wants files before dependencies
        place = len([child for child in node if child.tag != _name("dependency")])
        for path in reversed(paths):
            node.insert(place, node.makeelement(_name("file"), {"href": _address(node, path)}))
        for name in names:
            etree.SubElement(node, _name("dependency"), {"identifierref": name})
    _add_unlisted(root, unlisted, set(kept))
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _add_unlisted(root: etree._Element, unlisted: Iterable[str], known: set[str]) -> None:
    parent = next(iter(root.iter(_name("resources"))))
    number = 0
    for path in unlisted:
        while f"FILE-{number}" in known:
            number += 1
        known.add(f"FILE-{number}")
        href = _address(parent, path)
        one = etree.SubElement(parent, _name("resource"), {
            "identifier": f"FILE-{number}", "type": OTHER_TYPE, "href": href,
        })
        etree.SubElement(one, _name("file"), {"href": href})


def _address(node: etree._Element, path: str) -> str:
    base = "".join(reversed([one.get(XML_BASE, "") for one in [node, *node.iterancestors()]]))
    return quote(posixpath.relpath(path, base) if base else path)


def _name(local: str) -> str:
    return f"{{{MANIFEST_NAMESPACE}}}{local}"


def _remove(node: etree._Element) -> None:
    parent = node.getparent()
    if parent is not None and namespace(node) == MANIFEST_NAMESPACE:
        parent.remove(node)
