"""What the commands share: JSON in and out, packages read or refused in one plain line."""
import codecs
import re
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


class BadJson(ValueError):
    """A text that is not JSON; the message says file, line and why."""


def read_json(path: Path) -> Any:
    """The JSON of a file. Raises ClickException."""
    try:
        return parse_json(path.read_bytes(), str(path))
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error
    except BadJson as error:
        raise click.ClickException(str(error)) from error


def parse_json(data: bytes, file: str, line: int = 1) -> Any:
    """The value of a JSON text in UTF-8 that begins at this line of a file. Raises BadJson."""
    try:
        return msgspec.json.decode(data.removeprefix(codecs.BOM_UTF8))
    except RecursionError as error:
        raise BadJson(f"{file}:{line}: is nested too deeply to be read safely") from error
    except UnicodeDecodeError as error:
        raise BadJson(f"{file}:{line}: is not in UTF-8; save it in that encoding") from error
    except msgspec.DecodeError as error:
        said = str(error).removeprefix("JSON is malformed: ").replace("Input data was truncated", "ends too early")
        raise BadJson(f"{file}:{line + _count_lines(data, said)}: is not JSON: {said}") from error


def _count_lines(data: bytes, said: str) -> int:
    """Line breaks before the byte that an error names, else before the end."""
    named = re.search(r"\(byte (\d+)\)", said)
    return data.count(b"\n", 0, int(named[1])) if named else data.rstrip().count(b"\n")


def print_json(data: Any) -> None:
    """One line of JSON; exact decimals are written as numbers."""
    click.echo(msgspec.json.Encoder(decimal_format="number").encode(data).decode())
