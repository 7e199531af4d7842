"""Files of a package: takes a folder or a zip, gives path → bytes, within limits.

What the archive says of itself is checked before anything is unpacked, so that a bomb costs nothing.
"""
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from task_bank.items.xml import PackageError

MAX_FILES = 5_000
MAX_BYTES = 512 * 1024 * 1024
MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_RATIO = 200
MAX_PATH = 240
LINK, ENCRYPTED = 0o120000, 0x1
# What a classroom's Windows cannot hold as a file of this name would be lost there without a word.
_BAD_CHARACTERS = re.compile(r'[<>:"|?*\x00-\x1f\\]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


class UnsafePackage(PackageError):
    """The package is too large, or holds a path that leaves its folder."""


class MissingFile(PackageError):
    """A file the package speaks of is not in it."""


def read_files(path: Path) -> dict[str, bytes]:
    """Every file of a folder or a zip, by its path inside. Raises PackageError (UnsafePackage, MissingFile)."""
    found = _read_zip(path) if path.is_file() else _read_folder(path)
    return dict(found)


def read_one(root: Path, name: str) -> bytes | None:
    """One file of a folder by its path inside; None where it is not. Raises UnsafePackage as for a whole folder."""
    path = root / name
    if not path.is_file():
        return None
    if not path.resolve().is_relative_to(root.resolve()):
        raise UnsafePackage(name, "points outside the package")
    _check_size(name, path.stat().st_size, 0)
    return path.read_bytes()


def resolve_href(file: str, href: str, element: str | etree._Element | None = None) -> str:
    """Path inside the package of an href written in `file`. Raises UnsafePackage when it points outside."""
    plain = unquote(href.split("#")[0].split("?")[0])
    if "://" in href or href.startswith(("/", "data:", "//")) or "\\" in plain or "\x00" in plain or not plain:
        raise UnsafePackage(file, f"address {href!r} is not a path inside the package", element)
    resolved = posixpath.normpath(posixpath.join(posixpath.dirname(file), plain))
    if resolved == ".." or resolved.startswith(("../", "/")):
        raise UnsafePackage(file, f"address {href!r} leaves the package", element)
    return resolved


def check_names(names: Iterable[str]) -> None:
    """Refuse names that are no plain path, or that two systems would not keep apart. Raises UnsafePackage."""
    known: dict[str, str] = {}
    for name in names:
        _check_name(name)
        folded = name.casefold()
        if folded in known:
            other = known[folded]
            twice = "stands twice in the archive" if other == name else f"differs from {other} only in capitals"
            raise UnsafePackage(name, twice)
        known[folded] = name


def _check_name(name: str) -> None:
    if posixpath.normpath(name) != name or name.startswith(("/", "../")) or "\\" in name or name == "..":
        raise UnsafePackage(name, "is not a plain path inside the package")
    if len(name) > MAX_PATH:
        raise UnsafePackage(name[:40] + "…", f"is a path of {len(name)} characters, at most {MAX_PATH} are allowed")
    for part in name.split("/"):
        if _BAD_CHARACTERS.search(part) or _DEVICES.fullmatch(part) or part.endswith((".", " ")):
            raise UnsafePackage(ascii(name)[1:-1], "is a name that not every computer can hold")


def _read_folder(root: Path) -> Iterator[tuple[str, bytes]]:
    if not root.is_dir():
        raise MissingFile(str(root), "there is no such folder or file")
    paths = _list_folder(root)
    total = 0
    for path in paths:
        name = path.relative_to(root).as_posix()
        if not path.resolve().is_relative_to(root.resolve()):
            raise UnsafePackage(name, "points outside the package")
        total += path.stat().st_size
        _check_size(name, path.stat().st_size, total)
    check_names(path.relative_to(root).as_posix() for path in paths)
    for path in paths:
        yield path.relative_to(root).as_posix(), path.read_bytes()


def _list_folder(root: Path) -> list[Path]:
    found = []
    for path in root.rglob("*"):
        if path.is_file():
            found.append(path)
        _check_count(root.name, len(found))
    return sorted(found)


def _read_zip(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise PackageError(path.name, "is neither a folder nor a zip archive") from error
    with archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        _check_count(path.name, len(entries))
        check_names(_read_name(entry) for entry in entries)
        _check_entries(entries)
        for entry in entries:
            yield entry.filename, _read_entry(archive, entry)


def _read_name(entry: zipfile.ZipInfo) -> str:
    # zipfile turns backslashes into slashes on Windows and cuts at a zero byte: judge the name as written
    return entry.orig_filename


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    total = 0
    for entry in entries:
        if (entry.external_attr >> 16) & 0o170000 == LINK:
            raise UnsafePackage(entry.filename, "is a symbolic link")
        if entry.flag_bits & ENCRYPTED:
            raise PackageError(entry.filename, "is encrypted")
        total += entry.file_size
        _check_size(entry.filename, entry.file_size, total)
        if entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            raise UnsafePackage(entry.filename, f"unpacks to more than {MAX_RATIO} times its size")


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    # The size a zip declares is a claim: read no further than it, and refuse when there is more.
    try:
        with archive.open(entry) as stream:
            data = stream.read(entry.file_size + 1)
    # OSError: an offset before the start of the file, which the file refuses to seek
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError) as error:
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
