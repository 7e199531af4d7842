"""With Redis: jobs and rates are shared by several processes, hints cross from one to another."""
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from flask import Flask

from testing_server.foundation.jobs import JobContext, job
from testing_server.foundation.jobs.queue import make_jobs
from testing_server.foundation.supervision import find_free_port
from tests.builders import make_settings, open_browser
from tests.testing_server.foundation.test_jobs import make_context

DONE: list[str] = []


@job
def note_shared(context: JobContext, word: str) -> None:
    DONE.append(word)


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if shutil.which("redis-server") is None:
        pytest.skip("Redis is not installed: make setup installs it where apt may be used")
    port = find_free_port()
    server = subprocess.Popen(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""],
                              cwd=tmp_path_factory.mktemp("redis"), stdout=subprocess.DEVNULL)
    url = f"redis://127.0.0.1:{port}/0"
    wait_for_server(url)
    yield url
    server.terminate()
    server.wait(10)


def wait_for_server(url: str) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            redis.Redis.from_url(url).ping()
            return
        except redis.ConnectionError:
            assert time.monotonic() < deadline, "Redis did not start"
            time.sleep(0.05)


def test_job_is_taken_by_another_process_and_found_after_its_death(redis_url: str, tmp_path: Path) -> None:
    settings = make_settings(tmp_path, redis_url=redis_url)
    make_jobs(settings).enqueue(note_shared, word="shared")
    worker = make_jobs(settings)
    worker.context = make_context(tmp_path)
    worker.huey.dequeue()
    assert worker.requeue_interrupted() == 1
    worker.huey.execute(worker.huey.dequeue())
    assert DONE == ["shared"]


def test_tries_are_counted_together(redis_url: str, open_app: Callable[..., Flask]) -> None:
    browsers = [open_browser(open_app(redis_url=redis_url)) for _process in range(2)]
    tries = [browsers[number % 2].sign_in("vera").status_code for number in range(12)]
    assert tries == [401] * 10 + [429] * 2
