"""task-bank assemble: the variants of a school or of a whole list of schools, reproducible by their seed."""
import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import click
import msgspec

from task_bank.assessments import BrokenAssessment
from task_bank.commands.printing import print_json, read_or_refuse
from task_bank.commands.progress import show_progress
from task_bank.items import AssessmentPackage
from task_bank.variants import (
    BankTooSmall,
    ExclusionsTooTight,
    SchoolSet,
    TooManyVariants,
    UnequalPools,
    UnknownNumberOfSchools,
    UnknownZone,
    assemble_planned,
    compare,
    plan_assembly,
)
from task_bank.variants.reporting import Tally, say_lack, write_report

HEAD = ("school", "zone", "count")
VARIANTS, REPORT = "variants.jsonl", "report.html"
REFUSALS = (BrokenAssessment, UnequalPools, TooManyVariants, ExclusionsTooTight, UnknownZone, UnknownNumberOfSchools)


@dataclass(frozen=True)
class Wanted:
    """One line of the list of schools."""

    school: str
    zone: str | None
    count: int


@click.command(short_help="Собрать варианты для школ и сравнить их.")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--school", help="Логин одной школы")
@click.option("--zone", help="Её часовой пояс, например Asia/Omsk")
@click.option("--count", type=click.IntRange(1), help="Сколько вариантов для школы")
@click.option("--schools", "listed", type=click.Path(path_type=Path),
              help="Список школ: CSV со столбцами school, zone, count (zone – у всех школ или ни у одной)")
@click.option("--seed", required=True, type=int, help="Одно и то же число даёт одни и те же варианты")
@click.option("--out", type=click.Path(path_type=Path), help=f"Папка для {VARIANTS}; без неё – на экран")
@click.option("--report", type=click.Path(path_type=Path), help=f"Файл отчёта; с --out – {REPORT} в этой папке")
@click.option("--least-pool", default=1, show_default=True, help="Сколько параллельных заданий нужно на позицию")
@click.option("--processes", type=click.IntRange(1), help="Сколько процессов; без него – по числу ядер")
def assemble(path: Path, school: str | None, zone: str | None, count: int | None, listed: Path | None, seed: int,
             out: Path | None, report: Path | None, least_pool: int, processes: int | None) -> None:
    """Собрать варианты для школы или списка школ и сравнить их."""
    wanted = _choose_schools(school, zone, count, listed)
    package = read_or_refuse(path)
    try:
        tally = Tally(plan_assembly(package.assessment, seed, least_pool, len(wanted)))
        rows = ((one.school, one.zone, one.count) for one in wanted)
        made = assemble_planned(tally.plan, rows, seed, processes if len(wanted) > 1 else 1)
        if out is None:
            _print_sets(_count(made, tally))
        else:
            _write_sets(_count(made, tally), out / VARIANTS, len(wanted))
            report = report or out / REPORT
    except BankTooSmall as error:
        lines = "".join(f"\n  {say_lack(lack)}" for lack in error.lacks)
        raise click.ClickException(f"Банк слишком мал:{lines}") from error
    except REFUSALS as error:
        raise click.ClickException(str(error)) from error
    _tell(tally, any(one.zone for one in wanted))
    if report is not None:
        _write_report(tally, package, seed, report)


def _choose_schools(school: str | None, zone: str | None, count: int | None, listed: Path | None) -> list[Wanted]:
    if listed is not None and (school, zone, count) == (None, None, None):
        wanted = list(_read_schools(listed))
        without = [one.school for one in wanted if one.zone is None]
        if 0 < len(without) < len(wanted):
            # They would draw from the whole bank, also from what is kept for other zones.
            raise click.ClickException(f"{listed}: часовой пояс указан не у всех школ, нет у {without[0]}")
        return wanted
    if listed is None and school is not None and count is not None:
        return [Wanted(school, zone, count)]
    raise click.UsageError("Укажите либо --school и --count, либо --schools FILE.csv")


def _read_schools(path: Path) -> Iterator[Wanted]:
    """Lines of the list. Raises ClickException naming file and line."""
    seen: set[str] = set()
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(_read_rows(file, path), 2):
                wanted = _read_row(row, f"{path}:{number}")
                if wanted.school in seen:
                    raise click.ClickException(f"{path}:{number}: школа {wanted.school} уже есть в списке")
                seen.add(wanted.school)
                yield wanted
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{path}: не в кодировке UTF-8; сохраните список в ней") from error
    except csv.Error as error:
        raise click.ClickException(f"{path}: {error}") from error


def _read_rows(file: TextIO, path: Path) -> Iterator[dict[str, Any]]:
    # Excel writes semicolons where the comma parts decimals.
    semicolons = ";" in file.readline()
    file.seek(0)
    rows = csv.DictReader(file, delimiter=";" if semicolons else ",")
    missing = [name for name in ("school", "count") if name not in (rows.fieldnames or ())]
    if missing:
        raise click.ClickException(f"{path}:1: нет столбца {', '.join(missing)}; нужны {', '.join(HEAD)}")
    return rows


def _read_row(row: dict[str, Any], place: str) -> Wanted:
    school, zone, count = ((row.get(name) or "").strip() for name in HEAD)
    if not school:
        raise click.ClickException(f"{place}: нет логина школы")
    if not count.isdigit() or int(count) < 1:
        raise click.ClickException(f"{place}: число вариантов {count!r} должно быть целым и не меньше 1")
    return Wanted(school, zone or None, int(count))


def _count(made: Iterable[SchoolSet], tally: Tally) -> Iterator[SchoolSet]:
    for one in made:
        tally.add(one)
        yield one


def _print_sets(made: Iterable[SchoolSet]) -> None:
    """Of each school a line for each variant, then their comparison."""
    for one in made:
        for variant in one.variants:
            print_json({"school": one.school.id, "number": variant.number, "items": variant.items})
        print_json({"school": one.school.id, **msgspec.to_builtins(compare(one.variants))})


def _write_sets(made: Iterable[SchoolSet], path: Path, total: int) -> None:
    """A line for each school."""
    encode = msgspec.json.Encoder().encode
    path.parent.mkdir(parents=True, exist_ok=True)
    with show_progress("Школы") as tell, open(path, "wb") as file:
        for done, one in enumerate(made, start=1):
            file.write(encode({"school": one.school.id, "zone": one.school.zone, "variants": one.variants}) + b"\n")
            tell(done, total)


def _tell(tally: Tally, with_zones: bool) -> None:
    """What the bank is too small for, on stderr: a script reads only the sets."""
    for lack in tally.plan.wishes:
        if with_zones or lack.reason != "zones":
            click.echo(f"Внимание: {say_lack(lack)}", err=True)
    if tally.above_tolerance:
        click.echo(f"Внимание: в школах ({tally.above_tolerance}) варианты различаются по ожидаемому баллу больше чем "
                   f"на {tally.plan.blueprint.tolerance:g}", err=True)


def _write_report(tally: Tally, package: AssessmentPackage, seed: int, report: Path) -> None:
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(write_report(tally, package.assessment.title, seed), encoding="utf-8")
    click.echo(f"Школ: {tally.schools}, вариантов: {tally.variants}. Отчёт: {report}", err=True)
