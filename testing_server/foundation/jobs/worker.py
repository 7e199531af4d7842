"""The worker process. Takes settings; runs jobs one after another until SIGTERM."""
import threading

from testing_server.foundation.clock import Clock
from testing_server.foundation.files.choosing import make_files
from testing_server.foundation.jobs.queue import make_jobs
from testing_server.foundation.jobs.registry import JobContext
from testing_server.foundation.jobs.reporting import ReportToCore
from testing_server.foundation.jobs.rescue import Watch, look_after_jobs
from testing_server.foundation.keys import obtain_key
from testing_server.foundation.settings import Settings

THREADS = 2
POLL_S = 0.2


def run_worker(settings: Settings, clock: Clock, threads: int = THREADS) -> None:
    """The modules that hold the `@job` functions must have been imported by the caller."""
    jobs = make_jobs(settings)
    jobs.context = make_context(settings, clock)
    stopped = threading.Event()
    if settings.redis_url:
        jobs.watch = Watch(jobs.huey.storage.conn)
        jobs.watch.beat()
        threading.Thread(target=look_after_jobs, args=(jobs, jobs.watch, stopped), daemon=True).start()
    else:
        # alone at its queue: what is unfinished now was left by a worker that died
        jobs.requeue_interrupted()
    consumer = jobs.huey.create_consumer(
        workers=threads, periodic=False, initial_delay=POLL_S, max_delay=1, check_worker_health=True)
    try:
        consumer.run()
    finally:
        stopped.set()


def make_context(settings: Settings, clock: Clock) -> JobContext:
    """What every job of this process gets first."""
    secret = obtain_key(settings.run_folder, "internal.key").hex()
    return JobContext(settings=settings, clock=clock, files=make_files(settings),
                      report_to_core=ReportToCore(settings, secret))
