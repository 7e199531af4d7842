"""A limit on how long the sound system may take: PortAudio and sound daemons can hang for ever.

Takes an action and seconds, gives its result or the refusal `DeviceStuck`.
"""

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

from audio.faults import DeviceStuck

T = TypeVar("T")


def run_within(seconds: float, action: Callable[[], T], what: str) -> T:
    """The result of `action`; its exceptions are raised here.

    :raises DeviceStuck: no answer in time. The thread is left behind: nothing can stop a hung driver.
    """
    answers: queue.Queue[tuple[T | None, BaseException | None]] = queue.Queue(maxsize=1)

    def act() -> None:
        try:
            answers.put((action(), None))
        except BaseException as error:  # handed over whole and raised by the waiting thread
            answers.put((None, error))

    threading.Thread(target=act, name=f"patience: {what}", daemon=True).start()
    try:
        result, error = answers.get(timeout=seconds)
    except queue.Empty:
        raise DeviceStuck(f"{what}: no answer in {seconds} s") from None
    if error is not None:
        raise error
    return result  # type: ignore[return-value]
