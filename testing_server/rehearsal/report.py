"""What the demonstration says while it runs, and the table it ends with: sent, kept, marked, where the form lies."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from rich.console import Console
from rich.table import Table

from testing_server.rehearsal.experts import MarkingTally
from testing_server.rehearsal.processes import Teller

HEADING_ROW = 4
FOLLOWED = {"item": "задание {position}", "spoke": "речь {seconds} с: {verdict}", "finished": "закончил",
            "done": "всё доставлено"}


class Told:
    """Lines and tables on the terminal; safe to call from several threads."""

    def __init__(self, console: Console, follows: bool = True) -> None:
        self._console, self._follows = console, follows
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        """One line."""
        with self._lock:
            self._console.print(text, highlight=False)

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """A step with the seconds it took."""
        began = time.monotonic()
        self.say(f"… {text}")
        yield
        self.say(f"✓ {text} ({time.monotonic() - began:.0f} с)")

    def follow(self, seat: str, step: dict[str, Any]) -> None:
        """What a robot candidate does, in short."""
        form = FOLLOWED.get(step["step"])
        if form and self._follows:
            self.say(f"    место {seat}: {form.format(**step)}")

    def show_table(self, title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table."""
        table = Table(title=title)
        for heading in headings:
            table.add_column(heading, overflow="fold")
        for row in rows:
            table.add_row(*row)
        with self._lock:
            self._console.print(table, highlight=False)


@dataclass
class Report:
    """Counts of the line: what robots sent, what the hub signed for, what was marked; every check by name."""

    told: Told
    candidates: int = 0
    events: int = 0
    recordings: set[tuple[str, int, int]] = field(default_factory=set)
    kept_attempts: int = 0
    kept_events: int = 0
    answers_marked: int = 0
    recordings_heard: int = 0
    forms: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def check(self, what: str, is_right: bool) -> None:
        """Notes what is not as it must be."""
        if not is_right:
            self.faults.append(what)

    def count_robot(self, name: str, done: dict[str, Any], robot: Teller) -> None:
        """One candidate's own figures."""
        spoken = robot.find("spoke")
        self.candidates += 1
        self.events += int(done["events"])
        self.recordings |= {(name, step["lease"], step["number"]) for step in spoken}
        for step in spoken:
            self.check(f"{name}: запись {step['seconds']} с, вердикт {step['verdict']}",
                       step["verdict"] in ("heard", "clipped", "noisy"))

    def count_marks(self, tallies: list[MarkingTally]) -> None:
        """What the experts did."""
        self.answers_marked = sum(tally.answers for tally in tallies)
        self.recordings_heard = sum(tally.recordings for tally in tallies)
        self.check(f"эксперты услышали {self.recordings_heard} записей из {len(self.recordings)}",
                   self.recordings_heard == len(self.recordings))

    def close(self, folder: Path) -> int:
        """Prints the table; 0 when everything sent was kept and marked, else 1."""
        self.check(f"сохранено событий {self.kept_events} из {self.events}", self.kept_events == self.events)
        self.check(f"работ принято {self.kept_attempts} из {self.candidates}", self.kept_attempts == self.candidates)
        lost = self.events - self.kept_events
        self.told.show_table("Итог показа", ("Что", "Отправлено", "Сохранено", "Потеряно"), [
            ("работы участников", str(self.candidates), str(self.kept_attempts),
             str(self.candidates - self.kept_attempts)),
            ("события", str(self.events), str(self.kept_events), str(lost)),
            ("записи речи", str(len(self.recordings)), str(self.recordings_heard),
             str(len(self.recordings) - self.recordings_heard)),
        ])
        self.told.say(f"Проверено экспертами ответов: {self.answers_marked}")
        for form in self.forms:
            self.told.say(f"Форма сбора результатов: {form}")
        for fault in self.faults:
            self.told.say(f"НЕ ТАК: {fault}")
        self.told.say(f"lost: {lost}")
        return 1 if self.faults else 0


def check_receipt(report: Report, package: dict[str, Any]) -> None:
    """What the hub signed for: attempts and the heads of their journals."""
    receipt = package["receipt"]
    report.check(f"квитанция: {receipt.get('verdict')}", receipt.get("verdict") == "accepted")
    for attempt in receipt.get("attempts", []):
        report.kept_attempts += 1
        report.kept_events += sum(int(head["number"]) for head in attempt["heads"])


def check_forms(report: Report, folder: Path, forms: dict[str, bytes], seats: dict[str, int]) -> None:
    """Keeps each form as a file and looks inside: one row for every candidate, a mark in the last column."""
    for name, data in forms.items():
        path = folder / f"{name}.xlsx"
        path.write_bytes(data)
        report.forms.append(str(path))
        sheet = load_workbook(BytesIO(data))["Протокол"]
        rows = list(sheet.iter_rows(min_row=HEADING_ROW + 1, values_only=True))
        report.check(f"{name}: строк {len(rows)}, участников {seats[name]}", len(rows) == seats[name])
        report.check(f"{name}: отметка есть у каждого", all(row[-1] in (2, 3, 4, 5) for row in rows))
