"""The queue of jobs: huey on SQLite, on Redis by URL.

Takes a job function and JSON arguments. Gives it to the worker process; no order between jobs is promised.
huey forgets a job the moment a worker takes it, so each job is also noted as unfinished until it is done, and is queued
again when its worker died: at the next start, or by another worker (`rescue`).
"""
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from huey import Huey, RedisHuey, SqliteHuey
from huey.api import Task

from testing_server.foundation.jobs.registry import JobContext, find_job, job_name
from testing_server.foundation.jobs.rescue import Watch
from testing_server.foundation.loop import keep_loop_free
from testing_server.foundation.settings import Settings

log = logging.getLogger(__name__)
NAME = "testing-server"
UNFINISHED = "unfinished:"
FAILED = "failed:"


class Jobs(Protocol):
    """What a stage may do with the queue."""

    def enqueue(self, function: Callable[..., Any], *, delay_s: int = 0, **arguments: Any) -> None:
        """Runs `function(context, **arguments)` in the worker, not before `delay_s`."""


class QueuedJobs:
    """The real queue. The worker sets `context`, only then jobs are run, and `watch` where several share the queue."""

    def __init__(self, huey: Huey) -> None:
        self.huey = huey
        self.context: JobContext | None = None
        self.watch: Watch | None = None
        self._task = huey.task(name="run_job", context=True)(self._run)

    def enqueue(self, function: Callable[..., Any], *, delay_s: int = 0, **arguments: Any) -> None:
        keep_loop_free(lambda: self._queue(job_name(function), arguments, delay_s))

    def requeue_interrupted(self) -> int:
        """Queues again every job that is neither done, waiting nor failed; returns how many."""
        lost = self.list_unfinished()
        for job in lost:
            self.queue_again(job)
        return len(lost)

    def list_unfinished(self) -> list[str]:
        """Ids of jobs that are neither done, waiting nor failed: under way, or left by a worker that died."""
        noted = [key.removeprefix(UNFINISHED) for key in map(as_text, self.huey.storage.result_items())
                 if key.startswith(UNFINISHED)]
        # read after the notes: a job is noted first and queued then
        waiting = {task.id for task in self.huey.pending() + self.huey.scheduled()}
        return [job for job in noted if job not in waiting]

    def queue_again(self, job: str) -> None:
        """A job whose worker died; one that killed as many workers as it has attempts is noted as failed."""
        note = self.huey.get(UNFINISHED + job, peek=True)
        if note is None:
            return
        name, arguments, *deaths = note
        died = (deaths[0] if deaths else 0) + 1
        if died >= find_job(name).attempts:
            self._note_failure(name, arguments, job, RuntimeError("every worker that took it died"))
        else:
            self._queue(name, arguments, 0, job, died)

    def list_failed(self) -> list[dict[str, Any]]:
        """Jobs whose last attempt failed: {job, arguments, error}."""
        keys = [key for key in map(as_text, self.huey.storage.result_items()) if key.startswith(FAILED)]
        return [self.huey.get(key, peek=True) for key in sorted(keys)]

    def _queue(self, name: str, arguments: dict[str, Any], delay_s: int, job: str | None = None,
               deaths: int = 0) -> None:
        entry = find_job(name)
        task = self._task.s(name, arguments, retries=entry.attempts - 1, id=job,
                            retry_delay=entry.retry_delay_s, delay=delay_s or None)
        # noted first: a job that is noted and not queued is found again, the reverse is lost
        self.huey.put(UNFINISHED + task.id, [name, arguments, deaths])
        self.huey.enqueue(task)

    def _run(self, name: str, arguments: dict[str, Any], task: Task) -> None:
        if self.context is None:
            raise RuntimeError("only a worker runs jobs: its context was not set")
        with self._taken(task.id):
            try:
                find_job(name).function(self.context, **arguments)
            except Exception as error:
                if not task.retries:
                    self._note_failure(name, arguments, task.id, error)
                raise
            self.huey.delete(UNFINISHED + task.id)

    @contextmanager
    def _taken(self, job: str) -> Iterator[None]:
        if self.watch is None:
            yield
            return
        self.watch.take(job)
        try:
            yield
        finally:
            self.watch.release(job)

    def _note_failure(self, name: str, arguments: dict[str, Any], task_id: str, error: Exception) -> None:
        log.error("job failed for the last time: %s", name)
        self.huey.put(FAILED + task_id, {"job": name, "arguments": arguments, "error": repr(error)[:500]})
        self.huey.delete(UNFINISHED + task_id)


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
    filename = str(settings.data / "jobs.sqlite")
    return QueuedJobs(SqliteHuey(NAME, filename=filename, results=False, fsync=True))


def as_text(key: Any) -> str:
    """Redis gives keys as bytes, SQLite as text."""
    return key.decode() if isinstance(key, bytes) else str(key)
