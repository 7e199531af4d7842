"""The phrase of the sound check on its way to the organizer's table. Takes the recorder's PCM; sends FLAC.

Nothing waits for it and nothing fails with it: a seat is as ready without.
"""

from __future__ import annotations

import io
import logging

import numpy as np
import soundfile

from kiosk_client.connection import Connection
from kiosk_client.refusals import SeatRefusal

LONGEST_SECONDS = 15

log = logging.getLogger(__name__)


def send_test_recording(connection: Connection, checked: tuple[bytes, int] | None) -> None:
    """`checked`: PCM s16le mono and its rate, None where nothing was said."""
    if checked is None or not checked[0]:
        return
    try:
        connection.link.ask("PUT", f"/v1/workstations/{connection.paired.workstation}/test-recording", dict,
                            make_flac(*checked))
    except SeatRefusal as refusal:
        log.info("the test recording was not sent: %s %s", refusal.code, refusal.details)


def make_flac(pcm: bytes, rate: int) -> bytes:
    """The first LONGEST_SECONDS as FLAC."""
    samples = np.frombuffer(pcm[:len(pcm) // 2 * 2], dtype="<i2")[:LONGEST_SECONDS * rate]
    target = io.BytesIO()
    soundfile.write(target, samples, rate, format="FLAC", subtype="PCM_16")
    return target.getvalue()
