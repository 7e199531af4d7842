"""task-bank preview: items as the candidate will see them, keys and criteria beside them; what is tried is scored."""
import sys
from pathlib import Path

import click

from task_bank.commands.progress import show_progress
from task_bank.desk import make_desk, save_pages, serve_desk
from task_bank.items import PackageError
from task_bank.items.check import check_package
from task_bank.packages import open_for_view


@click.command(short_help="Показать задания с ключами и посчитать, что выбрано.")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Папка для страниц; без неё – показать в браузере")
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True,
              help="Порт на этом компьютере, 0 – любой свободный")
@click.option("--browser/--no-browser", default=True, help="Открыть страницу в браузере")
def preview(path: Path, out: Path | None, port: int, browser: bool) -> None:
    """Показать задания пакета: как их увидит участник, рядом – ключи и критерии; считает баллы за то, что выбрано.

    PATH – папка, zip, пакет банка или XML одного задания.
    """
    try:
        opened = open_for_view(path)
    except PackageError as error:
        raise click.ClickException(str(error)) from error
    with show_progress("Проверка заданий") as tell:
        findings = [*opened.findings, *opened.place(check_package(opened.package, tell))]
    app = make_desk(opened.package, findings)
    if out is not None:
        with show_progress("Страницы заданий") as tell:
            save_pages(app, out, tell)
        click.echo(str(out / "index.html"))
        return
    try:
        serve_desk(app, port, lambda address: _announce(address, browser))
    except OSError as error:
        raise click.ClickException(f"порт {port}: {error.strerror}; укажите другой: --port") from error


def _announce(address: str, browser: bool) -> None:
    click.echo(f"{address}  (закончить – Ctrl+C)")
    if browser and sys.stdout.isatty():
        click.launch(address)
