"""task-bank score: outcomes of one item, or of a batch of cases, as JSON."""
import json
import sys
from pathlib import Path
from typing import Any

import click

from task_bank.commands.printing import print_json, read_json
from task_bank.items import PackageError
from task_bank.scoring import ScoringError, score_item


@click.command()
@click.argument("item", type=click.Path(path_type=Path), required=False)
@click.option("--responses", type=click.Path(path_type=Path), help="JSON: {response: string | list | null}")
@click.option("--batch", type=click.Path(path_type=Path), help='JSON lines: {"item": path, "responses": {…}}')
def score(item: Path | None, responses: Path | None, batch: Path | None) -> None:
    """Подсчитать баллы за ответы: по одному объекту JSON на задание."""
    if batch is not None:
        sys.exit(0 if all([_print_score(case, batch.parent) for case in _read_lines(batch)]) else 1)
    if item is None or responses is None:
        raise click.UsageError("укажите ITEM.xml и --responses R.json либо --batch CASES.jsonl")
    case = {"item": str(item), "responses": read_json(responses)}
    sys.exit(0 if _print_score(case, Path()) else 1)


def _read_lines(path: Path) -> list[Any]:
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{path}: {error}") from error


def _print_score(case: dict[str, Any], beside: Path) -> bool:
    """Print the outcomes of one case, or what is wrong with it as {"error": …}; whether it was scored."""
    path = Path(case["item"])
    try:
        # Paths of a batch are read from where the command runs, else from beside the batch file.
        xml = (path if path.exists() else beside / path).read_bytes()
        print_json(score_item(xml, case.get("responses") or {}, path.name))
        return True
    except (OSError, PackageError, ScoringError) as error:
        print_json({"error": str(error)})
        return False
