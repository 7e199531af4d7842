"""What the author's guide says of assessment.json is what the program reads."""
import json
import re
from pathlib import Path

import msgspec
import pytest

from task_bank.assessments import Assessment, Position
from task_bank.assessments.assessment import PUBLIC_FIELDS
from task_bank.assessments.blueprint import Blueprint, ItemProfile
from task_bank.assessments.structure import Break, LeavingRule, ListeningRule, OfferedNeeds, Part, SpeakingRule
from task_bank.cli import main
from tests.task_bank.builders import make_choice, make_files
from tests.task_bank.test_cli import run, write_package

GUIDE = (Path(__file__).parents[2] / "docs" / "guide-author.md").read_text(encoding="utf-8")
WHOLE, CRITERIA = re.findall("```json\n(.*?)```", GUIDE, re.DOTALL)


def test_the_shortest_work_of_the_guide_is_sound(tmp_path: Path) -> None:
    folder = write_package(tmp_path / "work", make_files({"task-01": make_choice()}, json.loads(WHOLE)))
    result = run("check", folder)
    assert result.exit_code == 0, result.output
    assert [line for line in result.output.splitlines() if "parallel items" not in line] == []


def test_the_criteria_of_the_guide_fit_a_position_of_two_points(tmp_path: Path) -> None:
    work = json.loads(WHOLE) | json.loads("{" + CRITERIA + "}")
    work["positions"][0] |= {"criteria": "essay", "points": 2}
    work["total_points"] = 2
    xml = make_choice(points=2).replace(b'identifier="SCORE"', b'identifier="SCORE" external-scored="human"')
    result = run("check", write_package(tmp_path / "work", make_files({"task-01": xml}, work)))
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("kind", [
    Assessment, Position, Part, Break, OfferedNeeds, LeavingRule, ListeningRule, SpeakingRule, Blueprint, ItemProfile])
def test_every_field_is_in_the_guide(kind: type[msgspec.Struct]) -> None:
    named = set(re.findall(r"\w+", " ".join(re.findall("`[^`]*`", GUIDE)) + WHOLE + CRITERIA))
    fields = {field.encode_name for field in msgspec.structs.fields(kind)} - {"data"}
    assert fields - named == set()


def test_every_field_that_candidates_get_is_in_the_guide() -> None:
    named = set(re.findall(r"\w+", " ".join(re.findall("`[^`]*`", GUIDE)) + WHOLE))
    assert set(PUBLIC_FIELDS) - named == set()


def test_every_command_is_in_the_guide() -> None:
    assert [name for name in main.commands if f"`task-bank {name} " not in GUIDE] == []
