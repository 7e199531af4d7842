"""The core of a classroom server as a benchmark starts it: the product's own, or the same without one of its parts.

Takes BENCHMARK_MODE from the environment: "product", "no_database" (answers are handed to the committer's thread and
acknowledged, no statement is made), "nothing_kept" (acknowledged at once, the thread is left out too) or
"commit_per_request" (every request its own session and its own commit). Started through gevent's runner like the
product's core, and changed only after gunicorn's fork, where the product's core imports what it serves.
"""
from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from testing_server import roles
from testing_server.processes import processes


def make_no_statements() -> None:
    """The same server without a database: its thread takes every group of batches and gives them back as stored."""
    from testing_server.exam_day.responses import intake
    from testing_server.exam_day.responses.appending import Batch, Kept
    from testing_server.foundation.storage import committer
    from testing_server.foundation.storage.grouped import run_grouped

    def give_back(_database: Any, batches: list[Batch]) -> list[Kept]:
        return [Kept(batch.lines[-1].event.number, 0, "open", "none") for batch in batches]

    def commit_nothing(database: Any, group: Any) -> None:
        run_grouped(database, group)

    intake.append_many = give_back  # type: ignore[assignment]
    committer.commit_grouped = commit_nothing


def forget_answers() -> None:
    """Every batch is answered as if it were stored, in the turn it came in."""
    from testing_server.exam_day.responses import pages
    from testing_server.exam_day.responses.actions import Appended
    from testing_server.exam_day.responses.appending import Kept
    from testing_server.foundation.storage import Storage

    def write_grouped(self: Storage, write_many: Any, item: Any, weight: int = 1) -> Any:
        return Kept(item.lines[-1].event.number, 0, "open", "none")

    def append_events(session: Any, now_ms: int, attempt_id: str, lease_number: int, workstation: str,
                      lines: Any) -> Appended:
        return Appended(lines[-1].event.number, [], 0, "open", 0, "none")

    Storage.write_grouped = write_grouped  # type: ignore[method-assign]
    pages.append_events = append_events


def commit_each() -> None:
    """How it is usually done: Flask, a session of SQLAlchemy and a commit for every request."""
    from testing_server.exam_day.responses import pages
    from testing_server.foundation.storage import committer
    committer.GROUP_LIMIT = 1
    pages.MOUNT = replace(pages.MOUNT, express=None)


def serve(mode: str) -> None:
    """Until SIGTERM."""
    make = roles.make_role_app

    def make_changed(*told: Any) -> Any:
        MODES[mode]()
        return make(*told)

    roles.make_role_app = make_changed  # type: ignore[assignment]
    processes(["core"])


MODES = {"product": lambda: None, "no_database": make_no_statements, "nothing_kept": forget_answers,
         "commit_per_request": commit_each}

if __name__ == "__main__":
    serve(os.environ.get("BENCHMARK_MODE", "product"))
