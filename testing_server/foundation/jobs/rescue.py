"""Jobs of workers that were killed: found by their silence and queued again, once.

Takes the Redis that all workers share. Every worker says each second that it lives and which jobs it took; any of them
queues again what a silent one had taken. With a queue in a file there is one worker, and its next start does that.
"""
from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from testing_server.foundation.jobs.queue import QueuedJobs

log = logging.getLogger(__name__)
PREFIX = "testing-server.workers"
BEAT_S = 1.0
# so long nothing was heard of a worker that is taken for dead; one that only slept does its job a second time
SILENT_MS = 8_000
# a job that left the queue and was noted by nobody: taken by a worker killed in that very moment, unless it is seen so
# at one look only
LOOK_S = 2.0


class Watch:
    """What one worker says of itself, and what it sees of the others."""

    def __init__(self, redis: Any) -> None:
        self._redis, self._name = redis, uuid.uuid4().hex
        self._unnoted: set[str] = set()

    def beat(self) -> None:
        """This worker lives."""
        self._redis.set(f"{PREFIX}:alive:{self._name}", 1, px=SILENT_MS)

    def take(self, job: str) -> None:
        """This worker has begun a job."""
        self._redis.hset(f"{PREFIX}:taken", job, self._name)

    def release(self, job: str) -> None:
        """The job has an end, good or bad."""
        self._redis.hdel(f"{PREFIX}:taken", job)

    def lock(self) -> bool:
        """Whether this worker is the one that looks now."""
        return bool(self._redis.set(f"{PREFIX}:looking", self._name, nx=True, px=int(LOOK_S * 1000)))

    def find_abandoned(self, unfinished: Iterable[str]) -> list[str]:
        """Of jobs that are neither done nor waiting: those whose worker is silent, or that nobody had at two looks."""
        taken = {job.decode(): worker.decode() for job, worker in self._redis.hgetall(f"{PREFIX}:taken").items()}
        unfinished = list(unfinished)
        unnoted = {job for job in unfinished if job not in taken}
        silent = {job for job in unfinished if job in taken and not self._lives(taken[job])}
        abandoned, self._unnoted = silent | (unnoted & self._unnoted), unnoted
        return [job for job in unfinished if job in abandoned]

    def _lives(self, worker: str) -> bool:
        return bool(self._redis.exists(f"{PREFIX}:alive:{worker}"))


def look_after_jobs(jobs: QueuedJobs, watch: Watch, stopped: threading.Event) -> None:
    """Until `stopped`: says that this worker lives and queues again what others left."""
    rounds = 0
    while not stopped.wait(BEAT_S if rounds else 0):
        rounds += 1
        try:
            watch.beat()
            if rounds % int(LOOK_S / BEAT_S) == 0 and watch.lock():
                rescue_jobs(jobs, watch)
        except Exception as error:
            # Redis is away: the jobs are, too, and come back with it
            log.warning("the queue of jobs does not answer: %s", error)


def rescue_jobs(jobs: QueuedJobs, watch: Watch) -> int:
    """Queues again what killed workers had; returns how many. A waiting job keeps its name, so that two who look at
    once make one note of it."""
    abandoned = watch.find_abandoned(jobs.list_unfinished())
    # asked again: what was between queue and worker at the first look may be done by now
    still: Collection[str] = set(jobs.list_unfinished()) if abandoned else ()
    found = [job for job in abandoned if job in still]
    for job in found:
        log.warning("job %s was left by a worker that is gone and is queued again", job)
        watch.release(job)
        jobs.queue_again(job)
    return len(found)
