"""A recording process for tests: records until it is told to stop or killed, prints everything as JSON lines.

Arguments: path of the PCM, then `microphone` or a sound file. A line on its input stops it.
"""

import json
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from audio.recorder import FileSource, MicrophoneSource, Recorder
from audio.sources import Source


def tell(kind: str, **facts: Any) -> None:
    print(json.dumps({"kind": kind, "at": time.monotonic(), **facts}), flush=True)


def open_source(name: str) -> Source:
    return MicrophoneSource() if name == "microphone" else FileSource(Path(name))


def main(path: str, name: str) -> None:
    source = open_source(name)
    recorder = Recorder(
        source, Path(path),
        on_part=lambda part: tell("part", **asdict(part)),
        on_fault=lambda fault: tell("fault", fault=fault.kind, is_over=fault.is_over),
        on_gap=lambda gap: tell("gap", **asdict(gap)),
    )
    recorder.start()
    tell("started", rate=source.rate, device=source.name, threads=threading.active_count())
    sys.stdin.readline()
    recorded = recorder.stop()
    tell("recorded", bytes=recorded.bytes, sha256=recorded.sha256, verdict=recorded.verdict,
         gaps=[asdict(gap) for gap in recorded.gaps])


if __name__ == "__main__":
    main(*sys.argv[1:])
