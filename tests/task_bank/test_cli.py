"""The commands authors and scripts rely on."""
import codecs
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from task_bank.cli import main
from tests.task_bank.builders import KINDS, QTI, make_assessment, make_choice, make_files, make_item, make_position


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
    assert re.search("error: items/task-01.xml:[0-9]+: <qti-outcome-declaration>: MAXSCORE is 2", wrong.output)


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
    assert "bad.xml:1: <x>: is not a QTI 3 item" in lines[1]["error"] and result.exit_code == 0
    assert run("score", "--batch", tmp_path / "cases.jsonl", "--strict").exit_code == 1


@pytest.mark.parametrize("line, message", [
    ("nonsense", "cases.jsonl:2: is not JSON"), ("[1]", "cases.jsonl:2: "), ("[" * 100_000, "too deeply"),
    ("[1]", 'needs "item"'), ('{"item": "gone.xml"}', "No such file"),
    ('{"item": "choice.xml", "responses": 3}', "responses are not an object"),
    ('{"item": "choice.xml", "responses": {"RESPONSE": [["a"]]}}', "a list in a list"),
    ('{"item": "\xff"}', "UTF-8"),
    ('{"item": "choice.xml", "responses": {"RESPONSE": "\\ud800"}}', "is not JSON"),
    ('{"item": "' + "x" * 5000 + '"}', "too long"), ('{"item": "a\\u0000b"}', "not the path"),
    ('{"item": "."}', "Is a directory"),
    ('{"item": "page.xml"}', "page.xml"), ('{"item": "sum.xml", "responses": {}}', "sum.xml:1: <qti-wrong>: "),
])
def test_a_case_that_cannot_be_scored_does_not_stop_the_others(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "choice.xml").write_bytes(KINDS["choice"])
    (tmp_path / "page.xml").write_bytes(b"<html><body>Not found</body></html>")
    (tmp_path / "sum.xml").write_bytes(make_item(rules="<qti-wrong/>"))
    right = '{"item": "choice.xml", "responses": {"RESPONSE": "right"}}'
    (tmp_path / "cases.jsonl").write_bytes(
        codecs.BOM_UTF8 + f"{right}\r\n{line}\r\n\r\n{right}".encode("latin-1"))
    result = run("score", "--batch", tmp_path / "cases.jsonl")
    lines = [json.loads(printed) for printed in result.output.splitlines()]
    assert [one.get("SCORE") for one in lines] == [1, None, 1] and message in lines[1]["error"]


@pytest.mark.parametrize("answers, message", [
    (b"{", "answers.json:1: is not JSON"), (b'{\n"RESPONSE": right}', "answers.json:2: "), (b"", "answers.json:1: "),
    (b"[" * 100_000, "too deeply"), (b'"right"', "responses are not an object"),
    (b"[]", "answers.json: responses are not an object"),
    (b"null", "responses are not an object"),
    (b'{"RESPONSE": {"a": [[1]]}}', "response 'RESPONSE' is an object, the item declares single identifier"),
])
def test_answers_that_cannot_be_read_are_refused_in_one_line(tmp_path: Path, answers: bytes, message: str) -> None:
    (tmp_path / "choice.xml").write_bytes(KINDS["choice"])
    (tmp_path / "answers.json").write_bytes(answers)
    result = run("score", tmp_path / "choice.xml", "--responses", tmp_path / "answers.json")
    assert result.exit_code == 1 and message in result.output and result.output.count("\n") == 1


def test_rules_may_lie_beside_the_item_but_nowhere_else(tmp_path: Path) -> None:
    rules = (
        f'<qti-response-processing {QTI}><qti-set-outcome-value identifier="SCORE"><qti-base-value base-type="float">'
        "7</qti-base-value></qti-set-outcome-value></qti-response-processing>").encode()
    (tmp_path / "work").mkdir()
    for folder in (tmp_path, tmp_path / "work"):
        (folder / "own.xml").write_bytes(rules)
    for place, address in (("work/item.xml", "own.xml"), ("work/outside.xml", "../own.xml")):
        item = make_item().replace(b"</qti-item-body>", b"</qti-item-body><qti-response-processing template='%s'/>"
                                   % address.encode())
        (tmp_path / place).write_bytes(item)
    (tmp_path / "r.json").write_text("{}")
    scored = run("score", tmp_path / "work/item.xml", "--responses", tmp_path / "r.json")
    refused = run("score", tmp_path / "work/outside.xml", "--responses", tmp_path / "r.json")
    assert json.loads(scored.output)["SCORE"] == 7
    assert "template '../own.xml' is not known" in json.loads(refused.output)["error"] and refused.exit_code == 1


@pytest.mark.parametrize("arguments", [(), ("x.xml",), ("--responses", "r.json")])
def test_score_says_what_it_needs(arguments: tuple[str, ...]) -> None:
    result = run("score", *arguments)
    assert result.exit_code == 2 and "--responses" in result.output


def test_preview_writes_pages_with_task_and_key(tmp_path: Path) -> None:
    assessment = make_assessment([make_position(number, (name,)) for number, name in enumerate(KINDS, 1)])
    folder = write_package(tmp_path / "work", make_files(KINDS, assessment))
    result = run("preview", folder, "--out", tmp_path / "pages")
    assert result.exit_code == 0
    page = (tmp_path / "pages" / "items" / "gaps.html").read_text(encoding="utf-8")
    assert "w-cat g-one" in page and 'data-kind="gap_match"' in page
    assert all(f'href="items/{name}.html"' in (tmp_path / "pages" / "index.html").read_text() for name in KINDS)


@pytest.mark.parametrize("command", [
    ("import", "{package}", "--into", "{file}"), ("export", "{package}", "--to", "{folder}"),
    ("assemble", "{package}", "--school", "s", "--count", "1", "--seed", "1", "--out", "{file}"),
    ("preview", "{package}", "--out", "{file}"), ("score", "--batch", "{folder}"),
])
def test_a_place_that_cannot_be_used_is_refused_in_one_line(tmp_path: Path, command: tuple[str, ...]) -> None:
    package = write_package(tmp_path / "work", make_files())
    (tmp_path / "there").write_text("")
    places = {"package": package, "file": tmp_path / "there", "folder": tmp_path}
    result = run(*(word.format(**places) for word in command))
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
    assert result.output.splitlines()[-1].startswith(f"Error: {tmp_path}")


def test_a_response_nobody_declared_is_named_beside_the_outcomes(tmp_path: Path) -> None:
    (tmp_path / "item.xml").write_bytes(make_choice())
    (tmp_path / "responses.json").write_text('{"RESPONSE": "right", "RESPONCE": "wrong"}')
    result = run("score", tmp_path / "item.xml", "--responses", tmp_path / "responses.json")
    assert result.exit_code == 0 and json.loads(result.stdout)["SCORE"] == 1
    assert "'RESPONCE' is not declared" in result.stderr


@pytest.mark.parametrize("given", ['"right"', '["right"]', '{"base": {"identifier": "right"}}',
                                   '{"list": {"identifier": ["right"]}}'])
def test_one_value_is_read_in_every_form_it_is_written(tmp_path: Path, given: str) -> None:
    (tmp_path / "choice.xml").write_bytes(KINDS["choice"])
    (tmp_path / "r.json").write_text(f'{{"RESPONSE": {given}}}')
    result = run("score", tmp_path / "choice.xml", "--responses", tmp_path / "r.json")
    assert json.loads(result.output)["SCORE"] == 1


def test_a_foreign_package_is_told_of_its_own_files(tmp_path: Path) -> None:
    foreign = Path(__file__).parent / "packages" / "valid" / "test-of-one-section" / "package"
    result = run("check", foreign)
    assert "assessment.json" not in result.output and "warning: test.xml: position 1 has " in result.output
