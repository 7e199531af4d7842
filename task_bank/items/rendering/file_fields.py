"""HTML of answers that are files: takes redacted upload and drawing elements, gives what the player makes usable.

The answer itself is a file reference, "<sha256> <bytes> <media type> <file name>"; the file travels apart from it.
"""
import re

from lxml import etree

from task_bank.items.rendering.context import RenderContext, Renderer, append, make
from task_bank.items.rendering.flow import append_nodes
from task_bank.items.rendering.interaction_parts import make_group
from task_bank.items.redaction.policy import UnsupportedElement
from task_bank.items.xml import local_name

PICTURES = ("img", "object", "picture")
SHEET = ("720", "440")
_MEDIA_TYPE = re.compile(r"[a-z]+/(\*|[a-z0-9.+-]+)", re.IGNORECASE)


def render_upload(node: etree._Element, context: RenderContext) -> etree._Element:
    """A file of one's own. `type` lists media types; without it every file is taken."""
    group = make_group("qti-upload", "upload", node, context)
    _require_file(node, context)
    kinds = re.split(r"[\s,]+", (node.get("type") or "").strip())
    for kind in filter(None, kinds):
        if not _MEDIA_TYPE.fullmatch(kind):
            raise UnsupportedElement(context.file, f"{kind!r} is no media type", node)
    group.set("data-types", " ".join(filter(None, kinds)))
    return group


def render_drawing(node: etree._Element, context: RenderContext) -> etree._Element:
    """A sheet to draw on, with or without a picture under it."""
    group = make_group("qti-drawing", "drawing", node, context)
    _require_file(node, context)
    pictures = [child for child in node if local_name(child) in PICTURES]
    if len(pictures) > 1 or any(local_name(child) not in ("", "qti-prompt", *PICTURES) for child in node):
        raise UnsupportedElement(context.file, "is drawn on one picture and holds nothing else", node)
    sheet = append_nodes(make("div", {"class": "qti-sheet"}), pictures, context)
    for name, usual in zip(("width", "height"), SHEET, strict=True):
        sheet.set(f"data-{name}", (sheet[0].get(name) if len(sheet) else None) or ("" if len(sheet) else usual))
    append(group, sheet)
    return group


def _require_file(node: etree._Element, context: RenderContext) -> None:
    described = context.interactions[-1]
    if described["base_type"] != "file" or described["cardinality"] != "single":
        raise UnsupportedElement(context.file, "needs a response of base-type file and cardinality single", node)


FILE_FIELDS: dict[str, Renderer] = {
    "qti-upload-interaction": render_upload,
    "qti-drawing-interaction": render_drawing,
}
