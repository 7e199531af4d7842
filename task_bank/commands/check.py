"""task-bank check: one line per finding, exit code 1 when there are errors."""
import sys
from pathlib import Path

import click

from task_bank.items import PackageError, read_package
from task_bank.items.check import check_package


@click.command()
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
