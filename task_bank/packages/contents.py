"""A content package of any maker, read but not yet judged: takes a folder or a zip, gives files and manifest."""
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath

from task_bank.items.files import MissingFile, read_files
from task_bank.items.manifest import MANIFEST, Manifest, read_manifest
from task_bank.items.package import digest
from task_bank.packages.lone_item import is_lone_item, read_lone_item


@dataclass(frozen=True)
class ContentPackage:
    """`files`: path inside the package → original bytes, the manifest among them."""

    name: str
    files: Mapping[str, bytes]
    manifest: Manifest

    @property
    def digest(self) -> str:
        """SHA-256 over names and contents: the same for a folder and any zip of it."""
        lines = [f"{digest(data)} {path}\n" for path, data in sorted(self.files.items())]
        return sha256("".join(lines).encode()).hexdigest()


def read_content(path: Path) -> ContentPackage:
    """Read a package of a folder or a zip, of its manifest's path, or of one item's XML.

    Raises PackageError naming file, line and element.
    """
    if is_lone_item(path):
        return make_content(path.stem, read_lone_item(path))
    if path.name == MANIFEST and path.is_file():
        path = path.parent
    return make_content(path.stem if path.is_file() else path.resolve().name, read_files(path))


def make_content(name: str, files: Mapping[str, bytes]) -> ContentPackage:
    """A package of files in memory. Raises as read_content."""
    if MANIFEST not in files:
        deeper = [path for path in files if PurePosixPath(path).name == MANIFEST]
        hint = f"; it lies in {PurePosixPath(deeper[0]).parent}: pack what is inside that folder" if deeper else ""
        raise MissingFile(name, f"{MANIFEST} is not in the package{hint}")
    return ContentPackage(name, files, read_manifest(files[MANIFEST], files))
