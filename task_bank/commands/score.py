"""task-bank score: outcomes of one item, or of a batch of cases, as JSON."""
import codecs
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from task_bank.commands.printing import BadJson, parse_json, print_json, read_json
from task_bank.items import PackageError
from task_bank.scoring import CompiledItem, Response, ScoringError, compile_item
from task_bank.scoring.values import RECORD

EVERY = 1000
NO_OBJECT = 'responses are not an object: {"RESPONSE": "A"}'
BLANK = codecs.BOM_UTF8 + b" \t\r\n"


class BadCase(ValueError):
    """A case that does not say what to score, or not in a form that can be read."""


REFUSALS = (BadCase, BadJson, PackageError, ScoringError)


@click.command(short_help="Подсчитать баллы за ответы на задание.")
@click.argument("item", type=click.Path(path_type=Path), required=False)
@click.option("--responses", type=click.Path(path_type=Path), help="JSON: {ответ: строка | число | список | null}.")
@click.option("--batch", type=click.Path(path_type=Path),
              help='Строки JSON: {"item": путь, "responses": {…}}, в каждой — один случай.')
@click.option("--seed", type=int, default=0, show_default=True, help="Для заданий, в которых есть случай.")
@click.option("--strict", is_flag=True, help="С --batch: код 1, если хоть один случай не подсчитан.")
def score(item: Path | None, responses: Path | None, batch: Path | None, seed: int, strict: bool) -> None:
    """Подсчитать баллы за ответы: все итоги (outcomes) задания одним объектом JSON.

    Пары пишутся "A B", точки "x y", отсутствие ответа — null. С --batch на каждый случай печатается одна строка
    по порядку; где подсчитать нельзя, в ней вместо итогов {"error": …} с файлом, строкой и элементом.

    Код выхода: 0 — подсчитано (с --batch — на каждый случай есть строка), 1 — задание подсчитать нельзя,
    2 — команда задана неверно.

    One JSON object of outcomes; with --batch a line for each case, {"error": …} where an item cannot be scored.
    Exit code: 0 scored (with --batch: every case has its line), 1 not scored, 2 wrong usage.
    """
    if batch is not None:
        failed = _print_batch(batch, seed)
        sys.exit(1 if failed and strict else 0)
    if item is None or responses is None:
        raise click.UsageError("укажите ITEM.xml и --responses R.json либо --batch CASES.jsonl")
    answers = read_json(responses)
    scorer = CaseScorer(Path(), seed)
    try:
        if not isinstance(answers, dict):
            raise BadCase(NO_OBJECT)
        print_json(scorer.score_case({"item": str(item), "responses": answers}))
        _warn(scorer.items[item], answers)
    except BadCase as error:
        print_json({"error": f"{responses}: {error}"})
        sys.exit(1)
    except REFUSALS as error:
        print_json({"error": str(error)})
        sys.exit(1)


def _warn(item: CompiledItem, answers: Mapping[str, Any]) -> None:
    """A name the item does not know is left out of the scoring: more likely a slip than an intention.

    So is told what is wrong with its rules where that was not reached, or gave points all the same.
    """
    for problem in item.problems:
        click.echo(f"warning: {problem}", err=True)
    for name in answers:
        if name not in item.variables:
            click.echo(f"warning: response {name!r} is not declared in the item and was not scored", err=True)


@dataclass
class CaseScorer:
    """Scores cases one after another and keeps every item it has compiled."""

    beside: Path
    seed: int
    items: dict[Path, CompiledItem] = field(default_factory=dict)

    def score_lines(self, lines: Iterable[bytes], file: str) -> Iterator[Mapping[str, Any]]:
        """The result of every line that is not empty: outcomes, or what is wrong with it as {"error": …}."""
        for number, line in enumerate(lines, 1):
            if line.strip(BLANK):
                try:
                    yield self.score_case(parse_json(line, file, number))
                except BadCase as error:
                    yield {"error": f"{file}:{number}: {error}"}
                except REFUSALS as error:
                    yield {"error": str(error)}

    def score_case(self, case: Any) -> Mapping[str, Any]:
        """Outcomes of one case. Raises BadCase, PackageError, ScoringError."""
        path, responses = _read_case(case)
        if path not in self.items:
            self.items[path] = self._compile(path)
        item = self.items[path]
        _refuse_objects(item, responses)
        return item.score(responses, self.seed)

    def _compile(self, path: Path) -> CompiledItem:
        """Paths of a batch are read from where the command runs, else from beside the batch file."""
        try:
            found = path if path.exists() else self.beside / path
            xml = found.read_bytes()
        except OSError as error:
            raise PackageError(str(path), error.strerror or "cannot be read") from error
        except ValueError as error:
            raise BadCase('"item" is not the path of a file') from error
        return compile_item(xml, str(found), lambda address: _find_rules(found.parent, address))


def _print_batch(path: Path, seed: int) -> int:
    """Print a line for every case; the number of those that were not scored."""
    failed = 0
    try:
        lines = path.open("rb")
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error
    with lines:
        for number, result in enumerate(CaseScorer(path.parent, seed).score_lines(lines, str(path)), 1):
            failed += _is_refusal(result)
            print_json(result)
            _show_progress(number)
    return failed


def _is_refusal(result: Mapping[str, Any]) -> bool:
    """Outcomes always have completionStatus, even when one of them is called "error"."""
    return "completionStatus" not in result


def _read_case(case: Any) -> tuple[Path, dict[str, Response]]:
    if not isinstance(case, dict) or not isinstance(case.get("item"), str):
        raise BadCase('needs "item", the path of an item: {"item": "a.xml", "responses": {"RESPONSE": "A"}}')
    responses = case.get("responses")
    if not isinstance(responses, dict | None):
        raise BadCase(NO_OBJECT)
    for name, given in (responses or {}).items():
        if isinstance(given, list) and any(isinstance(one, list | dict) for one in given):
            raise BadCase(f'response {name!r} holds a list in a list; a pair is "A B", a point "10 20"')
    return Path(case["item"]), responses or {}


def _refuse_objects(item: CompiledItem, responses: Mapping[str, Response]) -> None:
    """An object is the answer to a record, or an interaction's own way to write a value. Raises BadCase."""
    for name, given in responses.items():
        declared = item.variables.get(name)
        if isinstance(given, dict) and declared is not None and declared.cardinality != RECORD:
            if not {"base", "list"} & set(given):
                kind = f"{declared.cardinality} {declared.base_type}"
                raise BadCase(f"response {name!r} is an object, the item declares {kind}")


def _find_rules(folder: Path, address: str) -> bytes | None:
    """Rules the item names by a path, where they lie beside it; nothing outside its folder."""
    try:
        path = (folder / address).resolve()
        return path.read_bytes() if path.is_relative_to(folder.resolve()) else None
    except OSError:
        return None


def _show_progress(number: int) -> None:
    """How many cases are done, to a person who watches; a script sees nothing of it."""
    if number % EVERY == 0 and sys.stderr.isatty():
        click.echo(f"\r{number}", err=True, nl=False)
