"""No process outlives its parent: after a killed supervisor nothing may hold the ports or write the files.

Takes the parent's process number. On Linux the kernel ends the child together with the
thread that started it; elsewhere the child only looks once, at its start.
"""
import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
PARENT = "TESTING_SERVER_PARENT"
# which of several processes of a kind this one is, for its log
PROCESS = "TESTING_SERVER_PROCESS"


def end_with_parent(parent: int) -> None:
    """From now on this process is killed when process `parent`, which started it, ends.

    SIGKILL and not a request: a new supervisor may already be starting, and two cores must never write one file.
    What was confirmed is on the disk.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        # it ended before anybody could be told
        os._exit(1)
