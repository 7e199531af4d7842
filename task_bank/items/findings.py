"""One line of a check: what is wrong, where, and whether it forbids using the package."""
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """`severity` error forbids the package, warning does not."""

    severity: Literal["error", "warning"]
    file: str
    element: str | None
    message: str

    def __str__(self) -> str:
        place = f"{self.file}: <{self.element}>" if self.element else self.file
        return f"{self.severity}: {place}: {self.message}"


def error(file: str, message: str, element: str | None = None) -> Finding:
    """A finding that forbids the package."""
    return Finding("error", file, element, message)


def warning(file: str, message: str, element: str | None = None) -> Finding:
    """A finding to think about."""
    return Finding("warning", file, element, message)
