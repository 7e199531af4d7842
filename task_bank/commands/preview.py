"""task-bank preview: items as the candidate will see them, keys and criteria beside them."""
from pathlib import Path

import click

from task_bank.commands.printing import read_or_refuse
from task_bank.items.preview import serve_folder, write_preview


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Папка для страниц; без неё – показать в браузере")
@click.option("--port", default=0, show_default=True, help="Порт на этом компьютере, 0 – любой свободный")
@click.option("--player", type=click.Path(path_type=Path), help="Папка с player.js и player.css")
def preview(path: Path, out: Path | None, port: int, player: Path | None) -> None:
    """Показать задания так, как их увидит участник, рядом – ключи и критерии."""
    package = read_or_refuse(path)
    if out is not None:
        write_preview(package, out, player)
        click.echo(str(out / "index.html"))
        return
    serve_folder(package, port, player, announce=click.echo)
