"""Measuring recordings before anybody asks for them, in the worker. Takes digests of FLAC files of the store."""

from __future__ import annotations

import logging

from testing_server.foundation.files.store import FileMissing
from testing_server.foundation.jobs.registry import JobContext, job
from testing_server.marking.listening.store import ListeningStore

log = logging.getLogger(__name__)


@job
def measure_recordings(context: JobContext, recordings: list[str]) -> None:
    """Repeating it costs nothing; a recording that is no sound is told in the log and at the desk."""
    store = ListeningStore(context.settings.data)
    for sha256 in recordings:
        try:
            store.obtain(sha256, context.files)
        except FileMissing:
            log.error("recording %s cannot be measured", sha256)
