"""Reading an assessment package: takes a folder or a zip, gives an `AssessmentPackage`.

The original bytes of every file are kept: what is exported or sealed for experts is what the author wrote.
"""
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from lxml import etree

from task_bank.assessments import Assessment, BrokenAssessment, parse_assessment
from task_bank.items.files import MissingFile, UnsafePackage, read_files, resolve_href
from task_bank.items.manifest import ITEM_TYPE, MANIFEST, read_manifest
from task_bank.items.rule_templates import place_template
from task_bank.items.versions import check_root
from task_bank.items.xml import PackageError, parse_xml

__all__ = [
    "ASSESSMENT", "AssessmentPackage", "ItemFile", "MissingFile", "UnsafePackage", "build_package", "digest",
    "read_item", "read_package", "resolve_href",
]

ASSESSMENT = "assessment.json"
MAX_NAME = 120


@dataclass(frozen=True)
class ItemFile:
    """One item: its identifier (= pool id), its path in the package, its original bytes."""

    identifier: str
    path: str
    xml: bytes

    @cached_property
    def root(self) -> etree._Element:
        """The parsed document; never change it, copy first."""
        return parse_xml(self.xml, self.path)


@dataclass(frozen=True)
class AssessmentPackage:
    """A content package in memory. `files` maps path inside the package → bytes.

    `derived`: the assessment was read from a test of the package, its author wrote no assessment.json.
    """

    name: str
    files: Mapping[str, bytes]
    items: Mapping[str, ItemFile]
    assessment: Assessment
    resources: Mapping[str, str] = field(default_factory=dict)
    derived: bool = False

    def read(self, path: str, asked_by: str, element: str | etree._Element | None = None) -> bytes:
        """Bytes of a file. Raises MissingFile naming the file and element that asked for it."""
        if path not in self.files:
            raise MissingFile(asked_by, f"{path} is not in the package", element)
        return self.files[path]

    def item(self, identifier: str, asked_by: str = ASSESSMENT) -> ItemFile:
        """An item by identifier. Raises MissingFile."""
        if identifier not in self.items:
            raise MissingFile(asked_by, f"item {identifier} is not in the manifest")
        return self.items[identifier]

    def scoring_xml(self, identifier: str) -> bytes:
        """The item as it is scored where the package is not at hand: the original bytes, or, when its rules
        stand in a template file of the package, a copy that holds them. Raises PackageError."""
        item = self.item(identifier)
        return place_template(item.root, item.path, self.files) or item.xml


def read_package(path: Path) -> AssessmentPackage:
    """Read a content package that has an assessment.json, from a folder or a zip.

    `packages.open_package` reads packages of other makers too. Raises PackageError (UnsafePackage, MissingFile,
    BrokenXml, OldVersion) naming file, line and element.
    """
    path = Path(path)
    return build_package(path.stem, read_files(path))


def build_package(name: str, files: Mapping[str, bytes]) -> AssessmentPackage:
    """Make a package of files already in memory. Raises as read_package."""
    for needed in (MANIFEST, ASSESSMENT):
        if needed not in files:
            raise MissingFile(name, f"{needed} is not in the package")
    manifest = read_manifest(files[MANIFEST], files)
    items: dict[str, ItemFile] = {}
    for resource in manifest.of_type(ITEM_TYPE):
        item = read_item(resource.path or "", files)
        if item.identifier in items:
            raise PackageError(item.path, f"has the identifier of {items[item.identifier].path}", item.root)
        items[item.identifier] = item
    return AssessmentPackage(name, files, items, read_assessment(files[ASSESSMENT]), manifest.kinds())


def read_item(path: str, files: Mapping[str, bytes]) -> ItemFile:
    """An item of a package. Raises PackageError when the file is no QTI 3 item, or cannot be named by its id."""
    root = parse_xml(files[path], path)
    check_root(root, path, "qti-assessment-item")
    identifier = root.get("identifier")
    if not identifier:
        raise PackageError(path, "has no identifier", root)
    if not names_file(identifier):
        raise PackageError(path, f"identifier {identifier[:40]!r} is not a QTI identifier", root)
    item = ItemFile(identifier, path, files[path])
    vars(item)["root"] = root  # the cached property: parsed once is enough
    return item


def names_file(identifier: str) -> bool:
    """Whether an identifier may name files of an archive: neither slashes nor what only one system allows."""
    plain = re.fullmatch(r"\w[\w.-]*", identifier) is not None
    return plain and len(identifier) <= MAX_NAME and not identifier.endswith(".")


def digest(data: bytes) -> str:
    """Lower-case SHA-256 of bytes: the name under which media travel."""
    return hashlib.sha256(data).hexdigest()


def read_assessment(data: bytes) -> Assessment:
    """An assessment.json. Raises PackageError."""
    try:
        assessment = parse_assessment(data)
    except BrokenAssessment as error:
        raise PackageError(ASSESSMENT, str(error)) from error
    if not names_file(assessment.id):
        raise PackageError(ASSESSMENT, f"id {assessment.id[:40]!r} holds other than letters, digits, '.', '_' and '-'")
    return assessment
