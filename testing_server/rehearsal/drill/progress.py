"""What a drill says while it runs: lines for a person at a terminal, or JSON lines for the console's page."""
from __future__ import annotations

import json
import sys
import threading
import time
from typing import Any

import msgspec
from rich.console import Console

from testing_server.contracts.rehearsals import Outcome, Trial

STEPS = {
    "raising": "Серверы репетиции запускаются, материалы открываются",
    "seating": "Роботы занимают места: {done} из {whole}",
    "working": "Работа началась: {seats} мест, ход времени ×{pace}",
    "fault": "Сбой {done} из {whole}: {kind}",
    "finishing": "Сбои сделаны, роботы заканчивают: {done} из {whole}",
    "comparing": "Сеанс закрыт, диски мест и сервера сверяются",
}


class Progress:
    """Safe to call from several threads. `is_json`: one JSON object a line."""

    def __init__(self, is_json: bool, console: Console | None = None) -> None:
        self._is_json, self._console = is_json, console or Console(soft_wrap=True)
        self._began, self._lock, self._last = time.monotonic(), threading.Lock(), ""

    def tell(self, step: str, **values: Any) -> None:
        """A step of STEPS."""
        self._write({"step": step, **values}, STEPS[step].format(**values))

    def tell_trial(self, trial: Trial) -> None:
        """What became of a fault."""
        self._write({"step": "trial", "trial": msgspec.to_builtins(trial)}, f"  {show_trial(trial)}")

    def _write(self, data: dict[str, Any], line: str) -> None:
        with self._lock:
            if self._is_json:
                sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")
                sys.stdout.flush()
            elif line != self._last:
                self._console.print(f"{time.monotonic() - self._began:6.0f} с  {line}", highlight=False)
            self._last = line


def show_trial(trial: Trial) -> str:
    """One line."""
    if trial.outcome == Outcome.NOT_TRIED:
        return f"{trial.kind}: не пробовали ({trial.reason})"
    seen = f", пульт показал через {show_s(trial.noticed_ms)}" if trial.noticed_ms is not None else ""
    if trial.outcome == Outcome.STUCK:
        return f"{trial.kind} ({trial.where}): {trial.reason}{seen}"
    return (f"{trial.kind} ({trial.where}): длился {show_s(trial.away_ms)}, все снова работают через "
            f"{show_s(trial.return_ms)}{seen}")


def show_s(ms: int | None) -> str:
    """Seconds with one digit, "—" for nothing."""
    return "—" if ms is None else f"{ms / 1000:.1f} с".replace(".", ",")
