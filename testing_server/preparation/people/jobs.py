"""Making the accounts of a file in the worker: hashing is slow on purpose, a portion at a time is told to the core."""
from __future__ import annotations

from testing_server.foundation.accounts.passwords import hash_password
from testing_server.foundation.jobs import JobContext, job


@job(attempts=5)
def issue_credentials(context: JobContext, batch: str) -> None:
    """Repeatable: passwords follow from the file's secret, so a portion told twice is the same portion."""
    path = f"/v1/internal/credentials/{batch}"
    while portion := context.report_to_core(path, {})["portion"]:
        context.report_to_core(path, {"hashed": {one: hash_password(password) for one, password in portion}})
