"""Reading an assessment package: takes a folder or a zip, gives an `AssessmentPackage`.

The original bytes of every file are kept: what is exported or sealed for experts is what the author wrote.
"""
import hashlib
import posixpath
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from lxml import etree

from task_bank.assessments import Assessment, BrokenAssessment, parse_assessment
from task_bank.items.xml import PackageError, find_all, find_children, local_name, namespace, parse_xml

MANIFEST = "imsmanifest.xml"
ASSESSMENT = "assessment.json"
MANIFEST_NAMESPACE = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"
ITEM_TYPE = "imsqti_item_xmlv3p0"
MAX_FILES = 5_000
MAX_BYTES = 512 * 1024 * 1024
MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_RATIO = 200


class UnsafePackage(PackageError):
    """The package is too large, or holds a path that leaves its folder."""


class MissingFile(PackageError):
    """A file the package speaks of is not in it."""


@dataclass(frozen=True)
class ItemFile:
    """One item: its identifier (= file stem = pool id), its path in the package, its original bytes."""

    identifier: str
    path: str
    xml: bytes

    @cached_property
    def root(self) -> etree._Element:
        """The parsed document; never change it, copy first."""
        return parse_xml(self.xml, self.path)


@dataclass(frozen=True)
class AssessmentPackage:
    """A content package in memory. `files` maps path inside the package → bytes."""

    name: str
    files: Mapping[str, bytes]
    items: Mapping[str, ItemFile]
    assessment: Assessment
    resources: Mapping[str, str] = field(default_factory=dict)

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


def read_package(path: Path) -> AssessmentPackage:
    """Read a content package from a folder or a zip.

    Raises PackageError (UnsafePackage, MissingFile, BrokenXml) naming the file and the element.
    """
    path = Path(path)
    files = dict(_read_zip(path) if path.is_file() else _read_folder(path))
    return build_package(path.stem, files)


def build_package(name: str, files: Mapping[str, bytes]) -> AssessmentPackage:
    """Make a package of files already in memory. Raises as read_package."""
    for needed in (MANIFEST, ASSESSMENT):
        if needed not in files:
            raise MissingFile(name, f"{needed} is not in the package")
    resources = _read_manifest(files)
    items = {}
    for href, kind in resources.items():
        if kind == ITEM_TYPE:
            item = _read_item(href, files[href])
            items[item.identifier] = item
    try:
        assessment = parse_assessment(files[ASSESSMENT])
    except BrokenAssessment as error:
        raise PackageError(ASSESSMENT, str(error)) from error
    return AssessmentPackage(name, files, items, assessment, resources)


def resolve_href(file: str, href: str) -> str:
    """Path inside the package of an href written in `file`. Raises UnsafePackage when it points outside."""
    if "://" in href or href.startswith(("/", "data:", "//")) or "\\" in href:
        raise UnsafePackage(file, f"address {href!r} is not a path inside the package")
    resolved = posixpath.normpath(posixpath.join(posixpath.dirname(file), href))
    if resolved.startswith(".."):
        raise UnsafePackage(file, f"address {href!r} leaves the package")
    return resolved


def digest(data: bytes) -> str:
    """Lower-case SHA-256 of bytes: the name under which media travel."""
    return hashlib.sha256(data).hexdigest()


def _read_item(href: str, data: bytes) -> ItemFile:
    root = parse_xml(data, href)
    if local_name(root) != "qti-assessment-item":
        raise PackageError(href, "is not a QTI 3 item", root)
    identifier = root.get("identifier")
    if not identifier:
        raise PackageError(href, "has no identifier", root)
    return ItemFile(identifier, href, data)


def _read_manifest(files: Mapping[str, bytes]) -> dict[str, str]:
    root = parse_xml(files[MANIFEST], MANIFEST)
    if local_name(root) != "manifest" or namespace(root) != MANIFEST_NAMESPACE:
        raise PackageError(MANIFEST, f"is not a manifest in {MANIFEST_NAMESPACE}", root)
    resources: dict[str, str] = {}
    for resource in find_all(root, "resource"):
        _add_resource(resource, files, resources)
    return resources


def _add_resource(resource: etree._Element, files: Mapping[str, bytes], resources: dict[str, str]) -> None:
    named = [(resource.get("href"), resource.get("type", "webcontent"))]
    named += [(file.get("href"), "webcontent") for file in find_children(resource, "file")]
    for href, kind in named:
        if href is None:
            continue
        path = resolve_href(MANIFEST, href)
        if path not in files:
            raise MissingFile(MANIFEST, f"{href} is not in the package", resource)
        resources.setdefault(path, kind)


def _read_folder(root: Path) -> Iterator[tuple[str, bytes]]:
    if not root.is_dir():
        raise MissingFile(str(root), "there is no such folder or file")
    total = 0
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    _check_count(root.name, len(paths))
    for path in paths:
        if not path.resolve().is_relative_to(root.resolve()):
            raise UnsafePackage(str(path.relative_to(root)), "points outside the package")
        total += path.stat().st_size
        _check_size(str(path.relative_to(root)), path.stat().st_size, total)
        yield path.relative_to(root).as_posix(), path.read_bytes()


def _read_zip(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise PackageError(path.name, "is neither a folder nor a zip archive") from error
    with archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        _check_count(path.name, len(entries))
        _check_zip_entries(entries)
        for entry in entries:
            yield entry.filename, _read_zip_entry(archive, entry)


def _check_zip_entries(entries: list[zipfile.ZipInfo]) -> None:
    total = 0
    for entry in entries:
        if resolve_href("", entry.filename) != entry.filename:
            raise UnsafePackage(entry.filename, "is not a plain path inside the package")
        if (entry.external_attr >> 16) & 0o170000 == 0o120000:
            raise UnsafePackage(entry.filename, "is a symbolic link")
        total += entry.file_size
        _check_size(entry.filename, entry.file_size, total)
        if entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            raise UnsafePackage(entry.filename, f"unpacks to more than {MAX_RATIO} times its size")


def _read_zip_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    # The size a zip declares is a claim: read no further than it, and refuse when there is more.
    try:
        with archive.open(entry) as stream:
            data = stream.read(entry.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise PackageError(entry.filename, f"cannot be unpacked: {error}") from error
    if len(data) != entry.file_size:
        raise UnsafePackage(entry.filename, "is not of the size the archive declares")
    return data


def _check_count(name: str, count: int) -> None:
    if count > MAX_FILES:
        raise UnsafePackage(name, f"holds {count} files, at most {MAX_FILES} are allowed")


def _check_size(name: str, size: int, total: int) -> None:
    if size > MAX_FILE_BYTES:
        raise UnsafePackage(name, f"is larger than {MAX_FILE_BYTES} bytes")
    if total > MAX_BYTES:
        raise UnsafePackage(name, f"makes the package larger than {MAX_BYTES} bytes")
