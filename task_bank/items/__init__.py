"""Reading, checking, redacting and rendering of QTI 3 items."""
from task_bank.items.files import MissingFile, UnsafePackage
from task_bank.items.rendering.guidance import render_guidance
from task_bank.items.rendering.identifiers import Identifiers, PlainIdentifiers
from task_bank.items.media.loading import MediaFile
from task_bank.items.package import AssessmentPackage, ItemFile, build_package, read_package
from task_bank.items.redaction.redact import UnsupportedElement, redact
from task_bank.items.rendering.render import RenderedItem, render_item
from task_bank.items.xml import BrokenXml, PackageError

__all__ = [
    "AssessmentPackage",
    "BrokenXml",
    "Identifiers",
    "ItemFile",
    "MediaFile",
    "MissingFile",
    "PackageError",
    "PlainIdentifiers",
    "RenderedItem",
    "UnsafePackage",
    "UnsupportedElement",
    "build_package",
    "read_package",
    "redact",
    "render_guidance",
    "render_item",
]
