"""Which files of a package a file speaks of: takes a path, gives paths, and whole closures of them."""
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from task_bank.items.files import resolve_href
from task_bank.items.xml import PackageError, local_name, parse_xml

ADDRESSES = ("href", "src", "data", "template-location", "poster", "primary-path", "{http://www.w3.org/1999/xlink}href")
_CSS = re.compile(rb"url\(\s*['\"]?([^'\")]+)")


def list_references(path: str, files: Mapping[str, bytes]) -> list[str]:
    """Files of the package that a file names, in its order, each once; what is not there is left out."""
    return [one for one in list_named(path, files[path]) if one in files]


def list_named(path: str, data: bytes) -> list[str]:
    """Paths inside the package that a file names, each once, whether they are there or not."""
    kind = PurePosixPath(path).suffix.lower()
    if kind == ".css":
        written: Iterable[str] = (found.decode("utf-8", "replace") for found in _CSS.findall(data))
    elif kind in (".xml", ".svg", ".html", ".xhtml"):
        written = _list_addresses(path, data)
    else:
        return []
    resolved = (_resolve(path, href) for href in written)
    return [one for one in dict.fromkeys(resolved) if one and one != path]


def close_over(paths: Iterable[str], files: Mapping[str, bytes]) -> set[str]:
    """The files and everything they need, and what that needs."""
    found: set[str] = set()
    waiting = list(paths)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += list_references(path, files)
    return found


def _list_addresses(path: str, data: bytes) -> Iterator[str]:
    try:
        root = parse_xml(data, path)
    except PackageError:
        return  # a file that cannot be read needs nothing; it was refused where it matters
    for node in root.iter():
        for name in ADDRESSES if local_name(node) else ():
            if node.get(name):
                yield node.get(name, "")


def _resolve(path: str, href: str) -> str:
    try:
        return resolve_href(path, href)
    except PackageError:
        return ""
