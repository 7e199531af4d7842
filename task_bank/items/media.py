"""Media of items: takes a path in a package, gives clean bytes, their type and their SHA-256."""
import posixpath
from dataclasses import dataclass

from lxml import etree

from task_bank.items.package import AssessmentPackage, digest, resolve_href
from task_bank.items.xml import PackageError, parse_xml

SVG = "http://www.w3.org/2000/svg"
SVG_HREFS = ("href", "{http://www.w3.org/1999/xlink}href")
SVG_DROPPED = ("script", "foreignObject", "metadata", "title", "desc")
MEDIA_TYPES = {
    ".ogg": "audio/ogg", ".oga": "audio/ogg", ".opus": "audio/ogg", ".mp3": "audio/mpeg", ".wav": "audio/wav",
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp",
    ".gif": "image/gif", ".svg": "image/svg+xml",
}


@dataclass(frozen=True)
class MediaFile:
    """One picture or sound as it is delivered; `type` is its media type."""

    sha256: str
    type: str
    data: bytes


def load_media(package: AssessmentPackage, file: str, href: str, element: str | etree._Element) -> MediaFile:
    """Load what `href` in `file` points to.

    Raises MissingFile, UnsafePackage, PackageError (unknown type).
    """
    path = resolve_href(file, href)
    data = package.read(path, file, element)
    kind = MEDIA_TYPES.get(posixpath.splitext(path)[1].lower())
    if kind is None:
        raise PackageError(file, f"media type of {href} is not supported", element)
    clean = clean_svg(data, path) if kind == "image/svg+xml" else data
    return MediaFile(digest(clean), kind, clean)


def clean_svg(data: bytes, file: str) -> bytes:
    """An SVG without comments, scripts, hidden texts, editor's data and addresses outside itself."""
    root = parse_xml(data, file)
    for node in list(root.iter()):
        if node is not root and not _is_drawing(node):
            _remove(node)
    for node in root.iter():
        _drop_foreign_attributes(node)
    etree.cleanup_namespaces(root)
    return etree.tostring(root)


def _is_drawing(node: etree._Element) -> bool:
    if not isinstance(node.tag, str):
        return False
    name = etree.QName(node)
    return name.namespace == SVG and name.localname not in SVG_DROPPED


def _drop_foreign_attributes(node: etree._Element) -> None:
    for name, value in list(node.attrib.items()):
        foreign = name.startswith("{") and name not in SVG_HREFS
        outside = name in SVG_HREFS and not str(value).startswith(("#", "data:image/"))
        if foreign or outside or name.startswith(("on", "data-")):
            del node.attrib[name]


def _remove(node: etree._Element) -> None:
    parent = node.getparent()
    if parent is None:
        return
    previous = node.getprevious()
    if node.tail and previous is not None:
        previous.tail = (previous.tail or "") + node.tail
    elif node.tail:
        parent.text = (parent.text or "") + node.tail
    parent.remove(node)
