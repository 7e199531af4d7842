"""The command task-bank, for authors and for scripts: it only gathers the commands."""
import errno
from typing import Any

import click

from task_bank.commands.assemble import assemble
from task_bank.commands.check import check
from task_bank.commands.export_package import export_command
from task_bank.commands.import_package import import_command
from task_bank.commands.preview import preview
from task_bank.commands.score import score


class Commands(click.Group):
    """What the operating system refuses is one plain line, whichever command met it."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command. Raises ClickException for an OSError; a pipe that was closed is click's own matter."""
        try:
            return super().invoke(context)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            place = error.filename2 or error.filename
            raise click.ClickException(f"{place}: {error.strerror}" if place else str(error)) from error


@click.group(cls=Commands)
def main() -> None:
    """Задания и работы: проверка пакетов, подсчёт баллов, варианты, просмотр."""


for command in (check, import_command, export_command, score, assemble, preview):
    main.add_command(command)


if __name__ == "__main__":
    main()
