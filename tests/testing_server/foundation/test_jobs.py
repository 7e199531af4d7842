"""Jobs are run by the worker, repeated when they fail, and found again when a worker dies."""
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from huey import MemoryHuey

from testing_server.foundation.clock import FakeClock
from testing_server.foundation.files import FolderStore
from testing_server.foundation.jobs import FakeJobs, JobContext, job
from testing_server.foundation.jobs.queue import QueuedJobs, make_jobs
from testing_server.foundation.jobs.registry import UnknownJob, find_job
from testing_server.foundation.jobs.reporting import CoreRefused, ReportToCore
from tests.builders import make_settings

SOURCES = Path(__file__).parents[3]
DONE: list[str] = []
FAILURES: list[str] = []


@job
def note(context: JobContext, word: str) -> None:
    DONE.append(word)


@job(attempts=2, retry_delay_s=0)
def fail(context: JobContext, word: str) -> None:
    FAILURES.append(word)
    raise RuntimeError(f"cannot {word}")


@pytest.fixture(autouse=True)
def forget() -> None:
    DONE.clear()
    FAILURES.clear()


def make_context(folder: Path) -> JobContext:
    return JobContext(make_settings(folder), FakeClock(), FolderStore(folder / "files"), lambda path, body: None)


def take_all(jobs: QueuedJobs) -> None:
    while (task := jobs.huey.dequeue()) is not None:
        jobs.huey.execute(task)


@pytest.fixture
def jobs(tmp_path: Path) -> QueuedJobs:
    made = make_jobs(make_settings(tmp_path))
    made.context = make_context(tmp_path)
    return made


def test_job_is_run_with_its_arguments(jobs: QueuedJobs) -> None:
    jobs.enqueue(note, word="heard")
    take_all(jobs)
    assert DONE == ["heard"] and jobs.requeue_interrupted() == 0


def test_unmarked_function_is_refused(jobs: QueuedJobs) -> None:
    with pytest.raises(UnknownJob):
        jobs.enqueue(make_context)


def test_failing_job_is_repeated_then_noted(jobs: QueuedJobs) -> None:
    jobs.enqueue(fail, word="encode")
    take_all(jobs)
    assert FAILURES == ["encode"] * 2
    assert jobs.list_failed()[0]["error"] == "RuntimeError('cannot encode')"
    assert jobs.requeue_interrupted() == 0


def test_job_of_a_killed_worker_is_found_again(jobs: QueuedJobs, tmp_path: Path) -> None:
    jobs.enqueue(note, word="half done")
    jobs.huey.dequeue()
    successor = make_jobs(make_settings(tmp_path))
    successor.context = make_context(tmp_path)
    assert successor.requeue_interrupted() == 1
    take_all(successor)
    assert DONE == ["half done"]


def test_waiting_jobs_are_not_doubled(jobs: QueuedJobs) -> None:
    jobs.enqueue(note, word="now")
    jobs.enqueue(note, word="later", delay_s=60)
    assert jobs.requeue_interrupted() == 0


def test_process_without_context_runs_nothing() -> None:
    jobs = QueuedJobs(MemoryHuey())
    jobs.enqueue(note, word="where")
    take_all(jobs)
    assert DONE == []


def test_fake_jobs_wait_to_be_run(tmp_path: Path) -> None:
    jobs = FakeJobs()
    jobs.enqueue(note, word="first")
    assert DONE == []
    jobs.run_all(make_context(tmp_path))
    assert DONE == ["first"] and jobs.waiting == []


def test_report_shows_the_secret_and_reads_the_answer(tmp_path: Path) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200 if request.url.path == "/v1/verdicts" else 500, json={"kept": 1})

    report = ReportToCore(make_settings(tmp_path, console_port=4000), "secret")
    report._client = httpx.Client(base_url=report._client.base_url, headers=report._client.headers,
                                  transport=httpx.MockTransport(answer))
    assert report("/v1/verdicts", {"verdict": "heard"}) == {"kept": 1}
    assert asked[0].headers["Authorization"] == "Internal secret" and asked[0].url.port == 4000
    with pytest.raises(CoreRefused, match="500"):
        report("/v1/other", {})


def list_every_job() -> list[str]:
    """Names of all functions that are marked as jobs, read from the sources."""
    found = []
    for path in (SOURCES / "testing_server").rglob("*.py"):
        home = ".".join(path.relative_to(SOURCES).with_suffix("").parts)
        found += [f"{home}.{name}" for name in re.findall(r"^@job\b.*\ndef (\w+)", path.read_text(), re.MULTILINE)]
    return found


def test_a_worker_that_has_imported_nothing_finds_every_job() -> None:
    names = list_every_job()
    assert "testing_server.marking.listening.jobs.measure_recordings" in names and len(names) > 10
    script = ("import sys\nfrom testing_server.foundation.jobs.registry import find_job\n"
              "for name in sys.argv[1:]: find_job(name)")
    subprocess.run([sys.executable, "-c", script, *names], check=True, timeout=120)


@pytest.mark.parametrize("name", ["", "nothing", "os.system", "testing_server.nothing.at_all",
                                  "testing_server.foundation.jobs.registry.find_job"])
def test_what_is_no_job_is_not_run(name: str) -> None:
    with pytest.raises(UnknownJob):
        find_job(name)
