"""task-bank check: one line per finding, exit code 1 when there are errors."""
import sys
from pathlib import Path

import click

from task_bank.commands.progress import show_progress
from task_bank.items import PackageError
from task_bank.items.check import check_package
from task_bank.packages import NoAssessment, open_for_view
from task_bank.variants.checking import check_variants


@click.command(short_help="Проверить пакет или одно задание.")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--test", help="Идентификатор теста, если в пакете их несколько")
def check(path: Path, test: str | None) -> None:
    """Проверить пакет: по строке на замечание; код 1, если есть ошибки.

    PATH – папка, zip, пакет банка или XML одного задания.
    """
    try:
        opened = open_for_view(path, test)
        with show_progress("Проверка заданий") as tell:
            findings = [*opened.findings, *opened.place(check_package(opened.package, tell))]
        if not any(finding.severity == "error" for finding in findings):
            findings += opened.place(check_variants(opened.package))
    except NoAssessment as error:
        findings = error.findings
        if not any(finding.severity == "error" for finding in findings):
            click.echo(f"error: {error}")
            sys.exit(1)
    except PackageError as error:
        click.echo(f"error: {error}")
        sys.exit(1)
    for finding in findings:
        click.echo(str(finding))
    if any(finding.severity == "error" for finding in findings):
        sys.exit(1)
