"""A QTI 3 test as data: takes the files of a package, gives parts, sections and references to items.

Sections that stand in files of their own are read in their places. Nothing is judged here.
"""
from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from task_bank.items.files import MissingFile, resolve_href
from task_bank.items.versions import check_root
from task_bank.items.xml import XML_LANGUAGE, PackageError, find_children, local_name, parse_xml

TEST, SECTION, PART = "qti-assessment-test", "qti-assessment-section", "qti-test-part"
SECTION_REF, ITEM_REF = "qti-assessment-section-ref", "qti-assessment-item-ref"


@dataclass(frozen=True)
class Place:
    """Where something is written."""

    file: str
    node: etree._Element

    def refuse(self, message: str) -> PackageError:
        """The error that names file, line and element."""
        return PackageError(self.file, message, self.node)


@dataclass(frozen=True)
class ItemReference:
    """An item in a section; `path` of its file in the package."""

    identifier: str
    path: str
    place: Place
    fixed: bool
    required: bool


@dataclass(frozen=True)
class Section:
    """`select`: how many of the children each candidate gets, None = all of them."""

    identifier: str
    title: str
    place: Place
    children: tuple[Section | ItemReference, ...]
    select: int | None
    shuffle: bool
    fixed: bool
    required: bool

    def walk(self) -> Iterator[ItemReference]:
        """Every item, in the order of the file."""
        for child in self.children:
            yield from (child.walk() if isinstance(child, Section) else (child,))


@dataclass(frozen=True)
class TestPart:
    """`linear`: forward only; `individual`: each item is submitted by itself."""

    identifier: str
    title: str
    place: Place
    linear: bool
    individual: bool
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class TestFile:
    """A test; `roots` are the places of every document it is written in, its own first."""

    identifier: str
    title: str
    language: str | None
    place: Place
    parts: tuple[TestPart, ...]
    roots: tuple[Place, ...]


def read_test(path: str, files: Mapping[str, bytes]) -> TestFile:
    """Read a test of a package. Raises PackageError: a file missing or no QTI 3, sections that hold themselves."""
    root = parse_xml(files[path], path)
    check_root(root, path, TEST)
    reader = _Reader(files, [Place(path, root)])
    parts = tuple(reader.read_part(node, path) for node in find_children(root, PART))
    title = root.get("title", "")
    return TestFile(
        root.get("identifier", ""), title, root.get(XML_LANGUAGE), reader.roots[0], parts, tuple(reader.roots)
    )


@dataclass
class _Reader:
    files: Mapping[str, bytes]
    roots: list[Place]

    def read_part(self, node: etree._Element, file: str) -> TestPart:
        sections = tuple(self.read_children(node, file, ()))
        return TestPart(
            node.get("identifier", ""), node.get("title", ""), Place(file, node),
            node.get("navigation-mode") == "linear", node.get("submission-mode") == "individual",
            tuple(one for one in sections if isinstance(one, Section)),
        )

    def read_children(
        self, node: etree._Element, file: str, above: tuple[str, ...]
    ) -> Iterator[Section | ItemReference]:
        readers: dict[str, Callable[..., Section | ItemReference]] = {
            SECTION: self.read_section, SECTION_REF: self.follow_section, ITEM_REF: self.read_item,
        }
        for child in node:
            if local_name(child) in readers:
                yield readers[local_name(child)](child, file, above)

    def read_section(self, node: etree._Element, file: str, above: tuple[str, ...]) -> Section:
        place = Place(file, node)
        selection, ordering = find_children(node, "qti-selection"), find_children(node, "qti-ordering")
        return Section(
            node.get("identifier", ""), node.get("title", ""), place, tuple(self.read_children(node, file, above)),
            _read_count(selection[0], file) if selection else None,
            bool(ordering) and is_true(ordering[0], "shuffle"),
            is_true(node, "fixed"), is_true(node, "required"),
        )

    def follow_section(self, node: etree._Element, file: str, above: tuple[str, ...]) -> Section:
        path = self._find(node, file)
        if path in above or path == file:
            raise PackageError(file, f"sections hold one another: {' → '.join([*above, file, path])}", node)
        root = parse_xml(self.files[path], path)
        check_root(root, path, SECTION)
        self.roots.append(Place(path, root))
        return self.read_section(root, path, (*above, file))

    def read_item(self, node: etree._Element, file: str, above: tuple[str, ...]) -> ItemReference:
        return ItemReference(
            node.get("identifier", ""), self._find(node, file), Place(file, node),
            is_true(node, "fixed"), is_true(node, "required"),
        )

    def _find(self, node: etree._Element, file: str) -> str:
        href = node.get("href", "")
        path = resolve_href(file, href, node)
        if path not in self.files:
            raise MissingFile(file, f"{href} is not in the package", node)
        return path


def is_true(node: etree._Element, name: str) -> bool:
    """Whether an attribute is an XML true."""
    return node.get(name, "").strip() in ("true", "1")


def _read_count(node: etree._Element, file: str) -> int:
    written = node.get("select", "")
    if not re.fullmatch("[0-9]{1,6}", written):
        raise PackageError(file, f"select is {written!r}, not a number", node)
    return int(written)
