"""The command task-bank, for authors and for scripts: it only gathers the commands."""
import click

from task_bank.commands.assemble import assemble
from task_bank.commands.check import check
from task_bank.commands.export_package import export_command
from task_bank.commands.import_package import import_command
from task_bank.commands.preview import preview
from task_bank.commands.score import score


@click.group()
def main() -> None:
    """Задания и работы: проверка пакетов, подсчёт баллов, варианты, просмотр."""


for command in (check, import_command, export_command, score, assemble, preview):
    main.add_command(command)


if __name__ == "__main__":
    main()
