"""task-bank import: a package of any maker into a bank, item by item, with the reason for each refusal."""
import sys
from pathlib import Path

import click

from task_bank.commands.progress import show_progress
from task_bank.items import PackageError
from task_bank.packages import Clones, Imported, Wishes, import_package

REFUSED_WHOLE, REFUSED_IN_PART = 1, 3


@click.command(name="import", short_help="Принять чужой пакет в банк, задание за заданием.")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--into", "bank", type=click.Path(path_type=Path), help="Папка банка; без неё – только проверить")
@click.option("--all-or-nothing", "whole", is_flag=True, help="Не принимать ничего, если что-то не подходит")
@click.option("--clones", type=click.IntRange(min=0), default=0, show_default=True,
              help="Сколько обычных заданий сделать из задания-шаблона")
@click.option("--seed", default=0, show_default=True, help="Одно и то же число даёт одни и те же задания")
@click.option("--test", help="Идентификатор теста, если в пакете их несколько")
def import_command(source: Path, bank: Path | None, whole: bool, clones: int, seed: int, test: str | None) -> None:
    """Принять пакет QTI 3.0: код 0 – всё принято, 3 – часть отклонена, 1 – не принято ничего.

    SOURCE – папка, zip или XML одного задания.
    """
    try:
        with show_progress("Проверка заданий") as tell:
            imported = import_package(source, bank, Wishes(Clones(clones, seed), whole, test), tell)
    except PackageError as error:
        click.echo(f"error: {error}")
        click.echo("Пакет не принят.")
        sys.exit(REFUSED_WHOLE)
    sys.exit(_tell(imported, bank))


def _tell(imported: Imported, bank: Path | None) -> int:
    """Print what came of it; gives the exit code."""
    report = imported.report
    for finding in [*report.warnings, *(reason for refused in report.refused for reason in refused.reasons)]:
        click.echo(str(finding))
    click.echo(f"Заданий принято: {len(report.items)}, отклонено файлов: {len(report.refused)}, "
               f"предупреждений: {len(report.warnings)}.")
    if imported.was_there:
        click.echo(f"Этот пакет уже в банке: {imported.folder}")
    elif imported.folder is not None:
        click.echo(f"В банке: {imported.folder}")
    elif bank is not None:
        click.echo("Пакет не принят.")
        return REFUSED_WHOLE
    if not report.items:
        return REFUSED_WHOLE
    return 0 if report.is_whole else REFUSED_IN_PART
