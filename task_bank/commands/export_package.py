"""task-bank export: a package as it came, as a zip any QTI 3 system reads."""
from pathlib import Path

import click

from task_bank.commands.progress import show_progress
from task_bank.items import PackageError
from task_bank.packages import export_package


@click.command(name="export", short_help="Выгрузить пакет как zip QTI 3.0.")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--to", "target", required=True, type=click.Path(path_type=Path), help="Архив, который будет записан")
@click.option("--items", multiple=True, help="Только это задание со всем, что ему нужно; можно повторять")
@click.option("--fallback", is_flag=True, help="Устные задания – как загрузка файла, для других систем")
def export_command(source: Path, target: Path, items: tuple[str, ...], fallback: bool) -> None:
    """Выгрузить пакет: те же файлы байт в байт и манифест, в котором названы все.

    SOURCE – пакет банка, папка, zip или XML одного задания.
    """
    names = [name for written in items for name in written.split(",") if name]
    try:
        with show_progress("Запись архива") as tell:
            count = export_package(source, target, names, fallback, tell)
    except PackageError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Файлов: {count}. Архив: {target}")
