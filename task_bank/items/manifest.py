"""The manifest of a content package: takes its bytes and the names of the files, gives the resources.

It is read by namespace, whatever prefix it uses (IMS Content Packaging 1.1 as QTI 3.0 profiles it).
"""
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from task_bank.items.files import MissingFile, resolve_href
from task_bank.items.versions import ADVICE, OldVersion, find_old_version
from task_bank.items.xml import PackageError, find_all, find_children, local_name, namespace, parse_xml

MANIFEST = "imsmanifest.xml"
MANIFEST_NAMESPACE = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"
SCHEMA = "QTI Package"
SCHEMA_VERSIONS = ("3.0.0", "3.0.1", "3.0")
XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
ITEM_TYPE, TEST_TYPE = "imsqti_item_xmlv3p0", "imsqti_test_xmlv3p0"
SECTION_TYPE, STIMULUS_TYPE = "imsqti_section_xmlv3p0", "imsqti_stimulus_xmlv3p0"
TEMPLATE_TYPE, OTHER_TYPE = "imsqti_rptemplate_xmlv3p0", "webcontent"


@dataclass(frozen=True)
class Resource:
    """One resource: its main file `path`, all its `files` (the main one first), identifiers it depends on."""

    identifier: str
    type: str
    path: str | None
    files: tuple[str, ...]
    dependencies: tuple[str, ...]
    node: etree._Element = field(compare=False, repr=False)


@dataclass(frozen=True)
class Manifest:
    """Resources by identifier, in the order of the file; `root` is the parsed document, never to be changed."""

    resources: dict[str, Resource]
    root: etree._Element

    def of_type(self, kind: str) -> list[Resource]:
        """Resources of a type that have a main file."""
        return [one for one in self.resources.values() if one.type == kind and one.path is not None]

    def kinds(self) -> dict[str, str]:
        """Every file a resource names → type of the resource it is the main file of, else webcontent."""
        found = {one.path: one.type for one in self.resources.values() if one.path is not None}
        for one in self.resources.values():
            for path in one.files:
                found.setdefault(path, OTHER_TYPE)
        return found


def read_manifest(data: bytes, files: Collection[str]) -> Manifest:
    """Resources of a manifest. `files`: every path of the package.

    Raises BrokenXml, OldVersion, MissingFile, UnsafePackage, PackageError naming line and element.
    """
    root = parse_xml(data, MANIFEST)
    _check_kind(root)
    _check_schema(root)
    resources: dict[str, Resource] = {}
    for node in _list_resources(root):
        one = _read_resource(node, files)
        if one.identifier in resources:
            raise PackageError(MANIFEST, f"identifier {one.identifier!r} stands twice", node)
        resources[one.identifier] = one
    for one in resources.values():
        _check_dependencies(one, resources)
    for one in resources.values():
        _check_circles(one, resources)
    return Manifest(resources, root)


def _check_kind(root: etree._Element) -> None:
    version = find_old_version(root)
    if version:
        raise OldVersion(MANIFEST, f"is QTI {version}; {ADVICE}", root)
    if local_name(root) != "manifest" or namespace(root) != MANIFEST_NAMESPACE:
        raise PackageError(MANIFEST, f"is not a manifest in {MANIFEST_NAMESPACE}", root)


def _check_schema(root: etree._Element) -> None:
    for metadata in find_children(root, "metadata"):
        for name, known in (("schema", (SCHEMA,)), ("schemaversion", SCHEMA_VERSIONS)):
            for node in find_children(metadata, name):
                written = (node.text or "").strip()
                if written not in known:
                    raise PackageError(MANIFEST, f"is {written!r}, expected {' or '.join(known)}", node)


def _list_resources(root: etree._Element) -> list[etree._Element]:
    for node in find_all(root, "manifest")[1:]:
        raise PackageError(MANIFEST, "a manifest inside a manifest is not supported", node)
    # by namespace: metadata beside them has elements of the same name
    nodes = [node for node in find_all(root, "resource") if namespace(node) == MANIFEST_NAMESPACE]
    if not nodes:
        raise PackageError(MANIFEST, "has no resources", root)
    return nodes


def _read_resource(node: etree._Element, files: Collection[str]) -> Resource:
    href = node.get("href")
    listed = [(file, file.get("href")) for file in find_children(node, "file")]
    paths = [_find_file(place, written, files) for place, written in [(node, href), *listed] if written is not None]
    needed = tuple(one.get("identifierref", "") for one in find_children(node, "dependency"))
    path = paths[0] if href is not None else None
    unique = tuple(dict.fromkeys(paths))
    return Resource(node.get("identifier", ""), node.get("type", OTHER_TYPE), path, unique, needed, node)


def _find_file(node: etree._Element, href: str, files: Collection[str]) -> str:
    base = "".join(reversed([one.get(XML_BASE, "") for one in [node, *node.iterancestors()]]))
    if base + href in files:  # a name with a per cent sign in it, written as it is
        return base + href
    path = resolve_href(MANIFEST, base + href, node)
    if path not in files:
        raise MissingFile(MANIFEST, f"{href} is not in the package", node)
    return path


def _check_dependencies(one: Resource, resources: dict[str, Resource]) -> None:
    for name in one.dependencies:
        if name not in resources:
            raise PackageError(MANIFEST, f"{one.identifier!r} depends on {name!r}, which is not there", one.node)


def _check_circles(one: Resource, resources: dict[str, Resource]) -> None:
    if one.type == STIMULUS_TYPE:
        circle = find_circle(one.identifier, lambda name: _list_stimuli(name, resources))
        if circle:
            raise PackageError(MANIFEST, f"stimuli depend on one another: {' → '.join(circle)}", one.node)


def _list_stimuli(name: str, resources: dict[str, Resource]) -> Iterator[str]:
    return (one for one in resources[name].dependencies if resources[one].type == STIMULUS_TYPE)


def find_circle(start: str, follow: Callable[[str], Iterable[str]]) -> list[str]:
    """The shortest way from `start` back to itself along `follow`, both ends named; empty when there is none."""
    ways: list[list[str]] = [[start]]
    seen: set[str] = set()
    for way in ways:
        for name in follow(way[-1]):
            if name == start:
                return [*way, name]
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []
