"""One line of a check: what is wrong, where, and whether it forbids using the package."""
from dataclasses import dataclass
from typing import Literal

from lxml import etree

from task_bank.items.xml import PackageError, locate, write_place


@dataclass(frozen=True)
class Finding:
    """`severity` error forbids the package, warning does not."""

    severity: Literal["error", "warning"]
    file: str
    element: str | None
    message: str
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.severity}: {write_place(self.file, self.line, self.element)}: {self.message}"


def error(file: str, message: str, element: str | etree._Element | None = None) -> Finding:
    """A finding that forbids the package; of an element itself the line is told as well."""
    name, line = locate(element)
    return Finding("error", file, name, message, line)


def warning(file: str, message: str, element: str | etree._Element | None = None) -> Finding:
    """A finding to think about."""
    name, line = locate(element)
    return Finding("warning", file, name, message, line)


def refusal(problem: PackageError) -> Finding:
    """What was raised, as a finding."""
    return Finding("error", problem.file, problem.element, problem.message, problem.line)
