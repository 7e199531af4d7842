"""The command task-bank: check, score, assemble and preview, for authors and for scripts."""
import json
import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from task_bank.items import AssessmentPackage, PackageError, read_package
from task_bank.items.check import check_package
from task_bank.items.preview import serve_folder, write_preview
from task_bank.scoring import ScoringError, score_item
from task_bank.variants import PoolTooSmall, TooManyVariants, UnequalPools, assemble, compare


@click.group()
def main() -> None:
    """Задания и работы: проверка пакетов, подсчёт баллов, варианты, просмотр."""


@main.command()
@click.argument("path", type=click.Path(path_type=Path))
def check(path: Path) -> None:
    """Проверить пакет: по строке на замечание; код 1, если есть ошибки."""
    try:
        findings = check_package(read_package(path))
    except PackageError as error:
        click.echo(f"error: {error}")
        sys.exit(1)
    for finding in findings:
        click.echo(str(finding))
    if any(finding.severity == "error" for finding in findings):
        sys.exit(1)


@main.command()
@click.argument("item", type=click.Path(path_type=Path), required=False)
@click.option("--responses", type=click.Path(path_type=Path), help="JSON: {response: string | list | null}")
@click.option("--batch", type=click.Path(path_type=Path), help='JSON lines: {"item": path, "responses": {…}}')
def score(item: Path | None, responses: Path | None, batch: Path | None) -> None:
    """Подсчитать баллы за ответы: по одному объекту JSON на задание."""
    if batch is not None:
        sys.exit(0 if all([_print_score(case, batch.parent) for case in _read_lines(batch)]) else 1)
    if item is None or responses is None:
        raise click.UsageError("укажите ITEM.xml и --responses R.json либо --batch CASES.jsonl")
    case = {"item": str(item), "responses": _read_json(responses)}
    sys.exit(0 if _print_score(case, Path()) else 1)


@main.command("assemble")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--school", required=True, help="Логин школы")
@click.option("--count", required=True, type=int, help="Сколько вариантов")
@click.option("--seed", required=True, type=int, help="Одно и то же число даёт одни и те же варианты")
@click.option("--least-pool", default=1, show_default=True, help="Сколько параллельных заданий нужно на позицию")
def assemble_command(path: Path, school: str, count: int, seed: int, least_pool: int) -> None:
    """Собрать варианты для школы: строка JSON на вариант, затем сравнение."""
    try:
        variants = assemble(_read_or_refuse(path).assessment, school, count, seed, least_pool)
    except (PoolTooSmall, TooManyVariants, UnequalPools) as error:
        raise click.ClickException(str(error)) from error
    for variant in variants:
        _print_json({"number": variant.number, "items": variant.items})
    _print_json(compare(variants))


@main.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Папка для страниц; без неё – показать в браузере")
@click.option("--port", default=0, show_default=True, help="Порт на этом компьютере, 0 – любой свободный")
@click.option("--player", type=click.Path(path_type=Path), help="Папка с player.js и player.css")
def preview(path: Path, out: Path | None, port: int, player: Path | None) -> None:
    """Показать задания так, как их увидит участник, рядом – ключи и критерии."""
    package = _read_or_refuse(path)
    if out is not None:
        write_preview(package, out, player)
        click.echo(str(out / "index.html"))
        return
    serve_folder(package, port, player, announce=click.echo)


def _read_or_refuse(path: Path) -> AssessmentPackage:
    try:
        return read_package(path)
    except PackageError as error:
        raise click.ClickException(str(error)) from error


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{path}: {error}") from error


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
        _print_json(score_item(xml, case.get("responses") or {}, path.name))
        return True
    except (OSError, PackageError, ScoringError) as error:
        _print_json({"error": str(error)})
        return False


def _print_json(data: Any) -> None:
    click.echo(msgspec.json.Encoder(decimal_format="number").encode(data).decode())


if __name__ == "__main__":
    main()
