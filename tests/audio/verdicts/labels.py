"""The labels, written down: so that a change of the recipes or of the rules shows in review.

`python -m tests.audio.verdicts.labels` writes the list anew.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from tests.audio.verdicts.plan import list_recipes
from tests.audio.verdicts.recipe import label

LABELS = Path(__file__).with_name("labels.csv")


def list_labels() -> Iterator[str]:
    """A line for each clip: its name, half, group and label."""
    yield "name,half,group,label"
    for recipe in list_recipes():
        yield f"{recipe.name},{recipe.half},{recipe.group.replace(',', '')},{label(recipe)}"


def main() -> int:
    LABELS.write_text("\n".join(list_labels()) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
