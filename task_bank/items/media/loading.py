"""Media of items: takes a path in a package, gives clean bytes, their type and their SHA-256."""
import posixpath
from dataclasses import dataclass

from lxml import etree

from task_bank.items.media.tags import strip_tags
from task_bank.items.package import AssessmentPackage, digest, resolve_href
from task_bank.items.media.svg import clean_svg
from task_bank.items.xml import PackageError

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

    Raises MissingFile, UnsafePackage, BrokenMedia (not what its name says),
    PackageError (unknown type).
    """
    path = resolve_href(file, href, element)
    data = package.read(path, file, element)
    kind = MEDIA_TYPES.get(posixpath.splitext(path)[1].lower())
    if kind is None:
        raise PackageError(file, f"media type of {href} is not supported", element)
    clean = clean_svg(data, path) if kind == "image/svg+xml" else strip_tags(data, kind, path)
    return MediaFile(digest(clean), kind, clean)
