"""What a marker sees of an item: the task with the author's own identifiers and the guidance for scorers.

Takes an item of a package. What it gives goes only into the criteria archive.
"""
from typing import Any

from task_bank.assessments import Position
from task_bank.items.rendering.guidance import render_guidance
from task_bank.items.rendering.identifiers import PlainIdentifiers
from task_bank.items.media.loading import MediaFile
from task_bank.items.package import AssessmentPackage, ItemFile
from task_bank.items.rendering.render import render_item


def render_prompt(package: AssessmentPackage, item: ItemFile,
                  position: Position) -> tuple[dict[str, Any], dict[str, MediaFile]]:
    """{"item": delivered form with original identifiers, "guidance": HTML}, and its media by SHA-256."""
    rendered = render_item(package, item, position, PlainIdentifiers(item.identifier), "prompt")
    return {"item": rendered.data, "guidance": render_guidance(item.xml, item.path)}, rendered.media
