"""The bank on disk: a folder with a folder for each imported package. Takes and gives these folders' contents.

    <bank>/<name>-<12 digits of the digest>/
        package/         every file of the source, byte for byte, never changed
        clones/          plain items made of template items, at the paths of their templates
        assessment.json  the work made of the package's test; may be edited (scale, criteria, difficulty)
        import.json      what was accepted, what was refused and why
"""
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from task_bank.items.files import read_files
from task_bank.items.findings import Finding
from task_bank.items.manifest import MANIFEST
from task_bank.items.package import ASSESSMENT, ItemFile
from task_bank.items.xml import PackageError
from task_bank.packages.contents import ContentPackage, make_content

REPORT, PACKAGE, CLONES = "import.json", "package", "clones"
FORMAT = "import/1"
HIDDEN = ".importing-"
LEFTOVER_S = 24 * 3600


class AcceptedItem(msgspec.Struct, frozen=True):
    """An item of the bank: identifier, path in the package, SHA-256 of its bytes; `clone_of` a template's path."""

    id: str
    path: str
    sha256: str
    kind: str
    points: str | None = None
    clone_of: str | None = None


class RefusedFile(msgspec.Struct, frozen=True):
    """A file that cannot be used, and why."""

    path: str
    reasons: list[Finding]


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """import.json: the form import/1. `digest` is that of the whole package (see ContentPackage.digest)."""

    format: str = FORMAT
    package: str
    digest: str
    files: int
    items: list[AcceptedItem]
    refused: list[RefusedFile] = []
    warnings: list[Finding] = []
    test: str | None = None
    clones: int = 0
    seed: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether nothing was refused."""
        return not self.refused


class Entry(msgspec.Struct, frozen=True):
    """One package of the bank, read. `assessment`: bytes of the derived one, None where the package has its own."""

    content: ContentPackage
    report: ImportReport
    items: dict[str, ItemFile]
    made: dict[str, bytes]
    assessment: bytes | None


def name_entry(content: ContentPackage, clones: int, seed: int) -> str:
    """Name of a package's folder; the same contents always have the same name."""
    plain = re.sub(r"[^\w-]+", "-", content.name).strip("-")[:60] or "package"
    made = f"-{clones}x{seed}" if clones else ""
    return f"{plain}-{content.digest[:12]}{made}"


def is_entry(path: Path) -> bool:
    """Whether a folder is a package of a bank."""
    return (path / REPORT).is_file() and (path / PACKAGE).is_dir()


def list_entries(bank: Path) -> list[Path]:
    """Folders of the packages of a bank; what was left half-way is not among them."""
    return sorted(path for path in bank.iterdir() if is_entry(path) and not path.name.startswith(HIDDEN))


def find_only_entry(path: Path) -> Path:
    """The package of a bank that holds one; any other path as it is. Raises PackageError for a bank of several."""
    if not path.is_dir() or is_entry(path) or (path / MANIFEST).exists():
        return path
    entries = list_entries(path)
    if len(entries) > 1:
        names = ", ".join(entry.name for entry in entries)
        raise PackageError(str(path), f"holds several packages, name one: {names}")
    return entries[0] if entries else path


def read_report(folder: Path) -> ImportReport:
    """The report of an imported package. Raises PackageError."""
    try:
        return msgspec.json.decode((folder / REPORT).read_bytes(), type=ImportReport)
    except (OSError, msgspec.MsgspecError) as error:
        raise PackageError(str(folder / REPORT), str(error)) from error


def read_entry(folder: Path) -> Entry:
    """A package of the bank. Raises PackageError: also when its files are not those that were imported."""
    report = read_report(folder)
    content = make_content(folder.name, read_files(folder / PACKAGE))
    made = read_files(folder / CLONES) if (folder / CLONES).is_dir() else {}
    files, items = {**content.files, **made}, {}
    for one in report.items:
        if one.path not in files:
            raise PackageError(str(folder), f"{one.path} was imported and is no longer there")
        items[one.id] = ItemFile(one.id, one.path, files[one.path])
    derived = folder / ASSESSMENT
    return Entry(content, report, items, made, derived.read_bytes() if derived.is_file() else None)


def write_entry(
    bank: Path, name: str, parts: Mapping[str, Mapping[str, bytes]], beside: Mapping[str, bytes]
) -> Path:
    """Write a package of the bank at once or not at all. `parts`: subfolder → path → bytes; `beside`: its own files.

    One that is already there is left as it is: the name tells the contents.
    """
    bank.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(bank)
    target = bank / name
    with _temporary_folder(bank) as folder:
        for part, files in parts.items():
            for path, data in files.items():
                _write(folder / part / path, data)
        for path, data in beside.items():
            _write(folder / path, data)
        try:
            folder.rename(target)
        except OSError:
            if not is_entry(target):
                raise
    return target


def _remove_leftovers(bank: Path) -> None:
    """Folders of imports that were killed; a day old, so that none that runs beside this one is among them."""
    for path in bank.glob(f"{HIDDEN}*"):
        if time.time() - path.stat().st_mtime > LEFTOVER_S:
            shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _temporary_folder(bank: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=HIDDEN, dir=bank))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def describe_report(report: ImportReport) -> bytes:
    """The bytes of import.json."""
    data: Any = msgspec.to_builtins(report)
    return msgspec.json.format(msgspec.json.encode(data), indent=1) + b"\n"
