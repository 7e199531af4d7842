"""What a marker sees of an item: takes an item of a package, gives the task with the author's own identifiers and the
guidance written for scorers. Goes only into the criteria archive."""
from random import Random
from typing import Any

from lxml import etree

from task_bank.assessments import Position
from task_bank.items.context import RenderContext, make, read_declarations
from task_bank.items.flow import render_node
from task_bank.items.identifiers import PlainIdentifiers
from task_bank.items.media import MediaFile
from task_bank.items.package import AssessmentPackage, ItemFile
from task_bank.items.render import RENDERERS, render_item
from task_bank.items.xml import find_all


def render_prompt(package: AssessmentPackage, item: ItemFile,
                  position: Position) -> tuple[dict[str, Any], dict[str, MediaFile]]:
    """{"item": delivered form with original identifiers, "guidance": HTML}, and its media by SHA-256."""
    rendered = render_item(package, item, position, PlainIdentifiers(item.identifier), "prompt")
    guidance, media = _render_guidance(package, item)
    return {"item": rendered.data, "guidance": guidance}, {**rendered.media, **media}


def _render_guidance(package: AssessmentPackage, item: ItemFile) -> tuple[str, dict[str, MediaFile]]:
    context = RenderContext(package, item.path, PlainIdentifiers(item.identifier), Random(0), True,
                            read_declarations(item.root), RENDERERS)
    page = make("div", {"class": "qti-guidance"})
    for block in find_all(item.root, "qti-rubric-block"):
        if "scorer" in (block.get("view") or "").split():
            page.append(render_node(block, context))
    return etree.tostring(page, method="html", encoding="unicode"), context.media
