"""The list of jobs. Takes functions marked `@job`; gives them by name to whoever enqueues or runs them."""
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol, TypeVar

from testing_server.foundation.clock import Clock
from testing_server.foundation.files import FileStore
from testing_server.foundation.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])
ATTEMPTS = 5
RETRY_DELAY_S = 10
OWN = "testing_server."


class Report(Protocol):
    """Tells a fact to the core process: path of an INTERNAL endpoint and JSON; gives the JSON answer."""

    def __call__(self, path: str, body: dict[str, Any]) -> Any: ...


@dataclass(frozen=True)
class JobContext:
    """What every job gets first. A job never writes the core's database: it calls `report_to_core`."""

    settings: Settings
    clock: Clock
    files: FileStore
    report_to_core: Report


@dataclass(frozen=True)
class JobEntry:
    """`attempts` in all, `retry_delay_s` between them."""

    name: str
    function: Callable[..., Any]
    attempts: int
    retry_delay_s: int


class UnknownJob(Exception):
    """The queue holds a job this release does not have."""


_registry: dict[str, JobEntry] = {}


def job(function: F | None = None, *, attempts: int = ATTEMPTS, retry_delay_s: int = RETRY_DELAY_S) -> Any:
    """Marks `function(context: JobContext, **arguments)` as a job; arguments must be JSON values."""
    def mark(marked: F) -> F:
        name = job_name(marked)
        _registry[name] = JobEntry(name, marked, attempts, retry_delay_s)
        return marked
    return mark if function is None else mark(function)


def job_name(function: Callable[..., Any]) -> str:
    """The name under which a function waits in the queue."""
    return f"{function.__module__}.{function.__qualname__}"


def find_job(name: str) -> JobEntry:
    """The entry, or UnknownJob. A worker imports the module of a job when the first one comes, if nothing else has."""
    home = name.rpartition(".")[0]
    if name not in _registry and home.startswith(OWN):
        with suppress(ImportError):
            import_module(home)
    try:
        return _registry[name]
    except KeyError:
        raise UnknownJob(name) from None
