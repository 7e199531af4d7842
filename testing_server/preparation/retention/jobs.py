"""Deleting in the worker: school after school, then files. Takes an order; tells the core, which deletes rows."""
from __future__ import annotations

from testing_server.foundation.jobs import JobContext, job
from testing_server.preparation.retention.keepers import remove_companions

# the core says 503 while packages are verified: the next try comes after this
RETRY_S, TRIES = 30, 20_000


@job(attempts=TRIES, retry_delay_s=RETRY_S)
def delete_data(context: JobContext, deletion: str) -> None:
    """Repeatable from any point: what is gone is not listed again, a file that is gone is removed once more."""
    path = f"/v1/internal/deletions/{deletion}"
    for school in context.report_to_core(path, {"verb": "list"})["schools"]:
        context.report_to_core(path, {"verb": "forget", "school": school})
    while digests := context.report_to_core(path, {"verb": "release"})["files"]:
        for sha256 in digests:
            context.files.delete(sha256)
            remove_companions(context.settings.data, sha256)
        context.report_to_core(path, {"verb": "removed", "files": digests})
    context.report_to_core(path, {"verb": "done"})
