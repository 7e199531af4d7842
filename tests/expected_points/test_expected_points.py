"""Every answer written down in this folder is worth what its line says.

One JSON object a line: {"item": path from the top of the repository, "responses": {id: value}, "SCORE": points}.
"""
import json
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from task_bank.scoring import score_item

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def read_cases() -> list[dict[str, Any]]:
    files = sorted(HERE.glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


CASES = {item: list(cases) for item, cases in groupby(read_cases(), key=lambda case: case["item"])}


@pytest.mark.parametrize("item", CASES, ids=lambda item: f"{Path(item).parts[-3]}-{Path(item).stem}")
def test_answers_are_worth_the_points_written_down(item: str) -> None:
    xml = (ROOT / item).read_bytes()
    for case in CASES[item]:
        assert score_item(xml, case["responses"], item)["SCORE"] == case["SCORE"], case["responses"]


def test_every_demonstration_work_with_keys_is_covered() -> None:
    works = {Path(item).parts[-3] for item in CASES}
    assert works >= {"english_grade_7", "english_grade_11", "german_grade_7", "french_grade_7", "metapredmet"}
