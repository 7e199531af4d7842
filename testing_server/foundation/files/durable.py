"""What a failed fsync means: the end of the process, at once.

Takes an open file. After a failed fsync the kernel may have dropped the pages, and a second one would say that all is
well: nothing may be acknowledged by this process any more. The next start goes by what is listed as durable.
"""
import logging
import os

log = logging.getLogger(__name__)
EXIT_AFTER_FSYNC_ERROR = 74


def sync_or_end(descriptor: int) -> None:
    """fsync; does not come back when it fails."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        end_process(error)


def end_process(reason: BaseException) -> None:
    """Without a farewell: whatever would be written now might not be true."""
    log.critical("fsync failed, the process ends at once and verifies at the next start: %s", reason)
    os._exit(EXIT_AFTER_FSYNC_ERROR)
