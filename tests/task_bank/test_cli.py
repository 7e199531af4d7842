"""The commands authors and scripts rely on."""
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from task_bank.cli import main
from tests.task_bank.builders import KINDS, make_assessment, make_choice, make_files, make_position


def write_package(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def test_check_prints_findings_and_fails_on_errors_only(tmp_path: Path) -> None:
    sound = run("check", write_package(tmp_path / "sound", make_files()))
    assert sound.exit_code == 0 and sound.output.startswith("warning: assessment.json: position 1 has 1 parallel")
    wrong = run("check", write_package(tmp_path / "wrong", make_files({"task-01": make_choice(points=2)})))
    assert wrong.exit_code == 1
    assert "error: items/task-01.xml: <qti-outcome-declaration>: MAXSCORE is 2" in wrong.output


def test_check_names_what_cannot_even_be_read(tmp_path: Path) -> None:
    result = run("check", tmp_path / "nothing")
    assert result.exit_code == 1 and result.output.startswith("error: ")


def test_score_prints_one_object_of_outcomes(tmp_path: Path) -> None:
    (tmp_path / "gaps.xml").write_bytes(KINDS["gaps"])
    (tmp_path / "r.json").write_text('{"RESPONSE": ["w-cat g-one"]}')
    result = run("score", tmp_path / "gaps.xml", "--responses", tmp_path / "r.json")
    assert result.exit_code == 0 and json.loads(result.output) == {
        "SCORE": 1, "MAXSCORE": 2, "completionStatus": "unknown"}


def test_a_batch_gives_a_line_for_every_case_even_a_bad_one(tmp_path: Path) -> None:
    (tmp_path / "choice.xml").write_bytes(KINDS["choice"])
    (tmp_path / "bad.xml").write_bytes(b"<x/>")
    cases = [
        {"item": str(tmp_path / "choice.xml"), "responses": {"RESPONSE": "right"}},
        {"item": "bad.xml", "responses": {}},
        {"item": "choice.xml", "responses": {"RESPONSE": None}},
    ]
    (tmp_path / "cases.jsonl").write_text("\n".join(map(json.dumps, cases)))
    result = run("score", "--batch", tmp_path / "cases.jsonl")
    lines = [json.loads(line) for line in result.output.splitlines()]
    assert [line.get("SCORE") for line in lines] == [1, None, 0]
    assert "is not a QTI 3 item" in lines[1]["error"] and result.exit_code == 1


@pytest.mark.parametrize("arguments", [(), ("x.xml",), ("--responses", "r.json")])
def test_score_says_what_it_needs(arguments: tuple[str, ...]) -> None:
    result = run("score", *arguments)
    assert result.exit_code == 2 and "--responses" in result.output


def test_assemble_is_reproducible_and_ends_with_a_comparison(tmp_path: Path) -> None:
    items = {f"task-{n}": make_choice(f"task-{n}") for n in range(4)}
    folder = write_package(tmp_path / "work", make_files(items))
    arguments = ("assemble", folder, "--school", "sch220001", "--count", 3, "--seed", 7)
    first, second = run(*arguments), run(*arguments)
    assert first.output == second.output and first.exit_code == 0
    *variants, comparison = [json.loads(line) for line in first.output.splitlines()]
    assert len(variants) == 3 and comparison["neighbours"] == [1, 1]


def test_assemble_names_the_position_that_lacks_items(tmp_path: Path) -> None:
    folder = write_package(tmp_path / "work", make_files())
    result = run("assemble", folder, "--school", "s", "--count", 3, "--seed", 7, "--least-pool", 4)
    assert result.exit_code == 1 and "position 1 has 1 items and needs 4: 3 missing" in result.output


def test_preview_writes_pages_with_task_and_key(tmp_path: Path) -> None:
    assessment = make_assessment([make_position(number, (name,)) for number, name in enumerate(KINDS, 1)])
    folder = write_package(tmp_path / "work", make_files(KINDS, assessment))
    result = run("preview", folder, "--out", tmp_path / "pages")
    assert result.exit_code == 0
    page = (tmp_path / "pages" / "gaps.html").read_text(encoding="utf-8")
    assert "w-cat g-one" in page and 'data-kind="gap_match"' in page
    assert all(f'href="{name}.html"' in (tmp_path / "pages" / "index.html").read_text() for name in KINDS)
