"""The queue of jobs: huey on SQLite, on Redis by URL.

Takes a job function and JSON arguments. Gives it to the worker process; the order between jobs is not promised.
"""
from collections.abc import Callable
from typing import Any, Protocol

from huey import Huey, RedisHuey, SqliteHuey

from testing_server.foundation.jobs.registry import JobContext, find_job, job_name
from testing_server.foundation.settings import Settings

NAME = "testing-server"


class Jobs(Protocol):
    """What a stage may do with the queue."""

    def enqueue(self, function: Callable[..., Any], *, delay_s: int = 0, **arguments: Any) -> None:
        """Runs `function(context, **arguments)` in the worker, not before `delay_s`."""


class QueuedJobs:
    """The real queue."""

    def __init__(self, huey: Huey) -> None:
        self.huey = huey
        self.context: JobContext | None = None
        self._task = huey.task(name="run_job", context=True)(self._run)

    def enqueue(self, function: Callable[..., Any], *, delay_s: int = 0, **arguments: Any) -> None:
        entry = find_job(job_name(function))
        self.huey.enqueue(self._task.s(entry.name, arguments, retries=entry.attempts - 1,
                                       retry_delay=entry.retry_delay_s, delay=delay_s or None))

    def _run(self, name: str, arguments: dict[str, Any], task: Any = None) -> None:
        if self.context is None:
            raise RuntimeError("only a worker runs jobs: its context was not set")
        find_job(name).function(self.context, **arguments)


class FakeJobs:
    """For tests: keeps what was enqueued; `run_all(context)` does it here and now."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Callable[..., Any], dict[str, Any]]] = []

    def enqueue(self, function: Callable[..., Any], *, delay_s: int = 0, **arguments: Any) -> None:
        find_job(job_name(function))
        self.waiting.append((function, arguments))

    def run_all(self, context: JobContext) -> None:
        """Also what a job enqueues while it runs."""
        while self.waiting:
            function, arguments = self.waiting.pop(0)
            function(context, **arguments)


def make_jobs(settings: Settings) -> QueuedJobs:
    """Redis where settings name one; else a file of its own, the one file two processes share."""
    if settings.redis_url:
        return QueuedJobs(RedisHuey(NAME, url=settings.redis_url, results=False))
    settings.data.mkdir(parents=True, exist_ok=True)
    return QueuedJobs(SqliteHuey(NAME, filename=str(settings.data / "jobs.sqlite"), results=False, fsync=True))
