"""`python -m kiosk_client.keeper …`: keeps the workstation running where the system does not (Windows).

Takes the words of the command line; starts the program with them again whenever it ends by a fault. An end that was
asked for (code 0) is an end.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence

AGAIN_SECONDS = 2.0


def keep_running(words: Sequence[str], start: Callable[[Sequence[str]], int] = subprocess.call,
                 wait: Callable[[float], None] = time.sleep) -> int:
    """Until it ends by itself with 0."""
    while True:
        code = start([sys.executable, "-m", "kiosk_client", *words])
        if code == 0:
            return code
        wait(AGAIN_SECONDS)


if __name__ == "__main__":
    sys.exit(keep_running(sys.argv[1:]))
