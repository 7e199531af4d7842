"""Workbooks of result forms, right and wrong, and a hub with people who hand them in.

Takes a folder. Gives `Forms`; each builder of BROKEN takes the bytes of the school's own form and spoils it in one way.
"""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
from werkzeug.test import TestResponse

from testing_server.foundation.clock import FakeClock
from testing_server.preparation.codes.records import CandidateCodeRecord
from testing_server.preparation.founding.actions import prepare_hub
from testing_server.preparation.registry.queries import School
from testing_server.roles import list_hub_mounts
from tests.builders import Browser, make_app, services_of
from tests.testing_server.preparation.make_hub import MOMENT_MS, Hub, make_school

CAMPAIGN, MATH = "vpr-2027-spring", "grade-4-math"
PAGE = f"/school/forms/{CAMPAIGN}/{MATH}"
LIST = f"/coordinator/forms/{CAMPAIGN}/{MATH}"
CODES = ("10001", "10002", "10003")
REGION, TOWN = "Владимирская область", "Ковров"
HEADING = 4


@dataclass
class Forms:
    """The whole hub, a school with three codes, its organizer and a coordinator."""

    hub: Hub
    school: School
    other: School
    organizer: Browser
    municipal: Browser

    def fetch(self, address: str = f"{PAGE}/form.xlsx") -> bytes:
        answer = self.organizer.get(address)
        assert answer.status_code == 200, answer.text
        return answer.data

    def send(self, content: bytes, page: str = PAGE) -> TestResponse:
        return upload(self.organizer, page, content)


def make_forms(folder: Path, moment_ms: int = MOMENT_MS) -> Forms:
    clock = FakeClock(moment_ms)
    app = make_app(folder / "hub", list_hub_mounts(), clock=clock)
    hub = Hub(app, clock, prepare_hub(services_of(app)))
    school, other = make_school(hub), make_school(hub, "sch330002", name="Школа № 2")
    hub.offered.storage.write(lambda session: give_codes(session, school))
    return Forms(hub, school, other, hub.browser("organizer", "school_organizer", school=school.id),
                 hub.browser("municipal", "coordinator", territory=f"{REGION}/{TOWN}"))


def give_codes(session: Any, school: School) -> None:
    for place, code in enumerate(CODES, 1):
        session.add(CandidateCodeRecord(campaign=CAMPAIGN, school=school.id, code=code, place=place, is_reserve=False,
                                        issued_at_ms=0))


def upload(browser: Browser, page: str, content: bytes) -> TestResponse:
    return browser.post(page, {"file": (BytesIO(content), "form.xlsx")}, page=page, content_type="multipart/form-data")


def change(content: bytes, edit: Callable[[Any], None]) -> bytes:
    """The workbook after somebody worked at its sheet «Протокол»."""
    book = openpyxl.load_workbook(BytesIO(content))
    edit(book["Протокол"])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def fill(content: bytes, points: Any = 1, variant: str = "91955", rows: int = 2) -> bytes:
    """The first candidates get the same points everywhere; the last one stays empty."""
    def edit(sheet: Any) -> None:
        for row in range(HEADING + 1, HEADING + 1 + rows):
            sheet.cell(row, 2, variant)
            for column in range(3, sheet.max_column + 1):
                sheet.cell(row, column, points)
    return change(content, edit)


def put(**cells: Any) -> Callable[[bytes], bytes]:
    """A filled form with some cells typed over."""
    def edit(sheet: Any) -> None:
        for cell, value in cells.items():
            sheet[cell] = value
    return lambda content: change(fill(content), edit)


def drop_column(content: bytes) -> bytes:
    return change(fill(content), lambda sheet: sheet.delete_cols(5))


def rename(content: bytes) -> bytes:
    """The form of another school."""
    return put(A3=f"Форма сбора результатов: {CAMPAIGN} / {MATH} / sch330002")(content)


# name → (how it is spoiled, what the page must say)
BROKEN: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "untouched": (lambda content: content, "Загружена пустая форма"),
    "only_variants": (lambda content: fill(content, points=None), "Загружена пустая форма"),
    "unknown_code": (put(A5="55555"), "код 55555 вашей школе не выдавался"),
    "code_of_letters": (put(A5="Иванов"), "пять цифр"),
    "no_code": (put(A5=None), "кода участника нет"),
    "code_twice": (put(A6="10001"), "стоит дважды: он уже есть в ячейке A5"),
    "no_variant": (put(B5=None), "не указан номер варианта"),
    "variant_of_letters": (put(B5="первый"), "номер варианта — это цифры"),
    "too_many_points": (put(C5=7), "не больше 1, а стоит 7"),
    "negative": (put(C5=-1), "меньше нуля не бывает"),
    "fraction": (put(E5="1,5"), "только целые"),
    "words": (put(C5="много"), "нужно число"),
    "infinity": (put(C5="Infinity"), "нужно число"),
    "empty_cell": (put(C6=None), "пусто: поставьте балл, 0 или Х"),
    "column_gone": (drop_column, "нет столбцов: 3"),
    "other_school": (rename, "другой школы"),
    "no_workbook": (lambda content: b"PK\x03\x04 rubbish", "не читается как книга Excel"),
    "text": (lambda content: "код;балл\n10001;5".encode("cp1251"), "не читается как книга Excel"),
    "old_excel": (lambda content: bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "старом формате"),
    "cut_short": (lambda content: fill(content)[:-900], "не читается как книга Excel"),
}
# what people do that is no error
TAKEN: dict[str, Callable[[bytes], bytes]] = {
    "plain": fill,
    "russian_x": put(C5="Х", E5="х"),
    "latin_x": put(C5="X", E5="x"),
    "texts_and_spaces": put(C5=" 1 ", D5="0", E5="1,0", G5="1.0"),
    "codes_as_numbers": put(A5=10001, A6=10002),
    "latin_heading": put(C4="1", D4="2 (1)"),
    "nought_everywhere": lambda content: fill(content, points=0),
    "a_line_taken_out": lambda content: change(fill(content), lambda sheet: sheet.delete_rows(7)),
}
