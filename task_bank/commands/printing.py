"""What the commands share: JSON in and out, packages read or refused in one plain line."""
import json
from pathlib import Path
from typing import Any

import click
import msgspec

from task_bank.items import AssessmentPackage, PackageError
from task_bank.packages import open_package


def read_or_refuse(path: Path) -> AssessmentPackage:
    """Read a package. Raises ClickException saying what is wrong with it."""
    try:
        return open_package(path)
    except PackageError as error:
        raise click.ClickException(str(error)) from error


def read_json(path: Path) -> Any:
    """The JSON of a file. Raises ClickException."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{path}: {error}") from error


def print_json(data: Any) -> None:
    """One line of JSON; exact decimals are written as numbers."""
    click.echo(msgspec.json.Encoder(decimal_format="number").encode(data).decode())
