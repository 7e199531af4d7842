"""Decisions about the room: where workstations stand, which variant belongs where, who comes in which wave. Pure."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal

MOST_ROWS, MOST_PLACES = 20, 20
Cell = tuple[int, int]


class BadPlan(Refusal):
    code = "bad_plan"
    status = 422
    message = _("План аудитории составлен неверно: место стоит за пределами рядов или два места на одном.")
    remedy = _("Обновите страницу и расставьте места ещё раз. Рядов и мест в ряду бывает от 1 до 20.")


class BadSeating(Refusal):
    code = "bad_seating"
    status = 422
    message = _("В рассадке один код на двух местах, чужой код или места нет в аудитории.")
    remedy = _("Обновите страницу и рассадите ещё раз.")


class NoSeats(Refusal):
    code = "no_seats"
    status = 409
    message = _("Смены считать не из чего: ни одного рабочего места ещё нет.")
    remedy = _("Включите рабочие места и введите их шесть цифр, потом готовьте смены.")


@dataclass(frozen=True)
class Plan:
    """`cells`: seat -> (row, place), both from 1; row 1 is nearest to the board."""

    rows: int
    places: int
    cells: Mapping[str, Cell]

    def seat_at(self, row: int, place: int) -> str:
        """The seat that stands there, "" for an empty cell."""
        return next((seat for seat, cell in self.cells.items() if cell == (row, place)), "")


def read_plan(rows: Any, places: Any, cells: Mapping[str, Any]) -> Plan:
    """A plan as a page sends it. Raises BadPlan."""
    if not (_is_between(rows, MOST_ROWS) and _is_between(places, MOST_PLACES)):
        raise BadPlan()
    read: dict[str, Cell] = {}
    for seat, cell in cells.items():
        if not (isinstance(cell, list | tuple) and len(cell) == 2 and _is_between(cell[0], rows)
                and _is_between(cell[1], places)):
            raise BadPlan(details={"seat": seat[:40]})
        read[seat] = (cell[0], cell[1])
    if len(set(read.values())) < len(read):
        raise BadPlan()
    return Plan(rows, places, read)


def _is_between(value: Any, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def lay_out(seats: Sequence[str], known: Plan | None) -> Plan:
    """Every seat with a cell: known ones stay, new ones fill the first empty cells, the room grows where it must.

    `seats` in the order people count them. Seats that are gone leave their cells.
    """
    plan = known or Plan(max(1, ceil(len(seats) / 6)), 6, {})
    cells = {seat: cell for seat, cell in plan.cells.items() if seat in seats}
    rows, taken = plan.rows, set(cells.values())
    for seat in (one for one in seats if one not in cells):
        cell = next(((row, place) for row in range(1, rows + 1) for place in range(1, plan.places + 1)
                     if (row, place) not in taken), (rows + 1, 1))
        rows, cells[seat] = max(rows, cell[0]), cell
        taken.add(cell)
    return Plan(rows, plan.places, cells)


def find_near(plan: Plan, seat: str) -> set[str]:
    """Seats whose screens can be seen from here: beside, before, behind and across the corner."""
    if seat not in plan.cells:
        return set()
    row, place = plan.cells[seat]
    return {other for other, (r, p) in plan.cells.items()
            if other != seat and abs(r - row) <= 1 and abs(p - place) <= 1}


def find_place_variant(plan: Plan, seat: str, variants: Sequence[str]) -> str:
    """The variant that belongs to a place, "" for a seat that is not in the plan.

    One step along the row, two steps (one, with fewer than four variants) for the next row: with four variants and
    more no two of the eight places around have the same, with two or three nobody beside, before or behind has.
    Those beside get variants next to each other, which have the fewest items in common (see choose_variant).
    """
    if seat not in plan.cells or not variants:
        return ""
    row, place = plan.cells[seat]
    return variants[(place + row * (2 if len(variants) >= 4 else 1)) % len(variants)]


def read_seating(chosen: Mapping[str, str], seats: Sequence[str], codes: Sequence[str]) -> dict[str, str]:
    """code -> seat, from seat -> code as a page sends it ("" = nobody). Raises BadSeating."""
    placed = {code: seat for seat, code in chosen.items() if code}
    given = [code for code in chosen.values() if code]
    if len(placed) < len(given) or not set(placed) <= set(codes) or not set(placed.values()) <= set(seats):
        raise BadSeating()
    return placed


def fill_seats(placed: Mapping[str, str], seats: Sequence[str], codes: Sequence[str]) -> dict[str, str]:
    """code -> seat: who has a seat keeps it, the others get the free ones in order; who is left over has none."""
    free = [seat for seat in seats if seat not in placed.values()]
    waiting = [code for code in codes if code not in placed]
    return {**placed, **dict(zip(waiting, free, strict=False))}


@dataclass(frozen=True)
class Wave:
    """A group that sits at once. `number` from 1; instants in Unix ms."""

    number: int
    codes: Sequence[str]
    begins_at_ms: int


def plan_waves(codes: Sequence[str], seats: int, first_ms: int, duration_s: int, turnover_s: int) -> list[Wave]:
    """As few waves as the headsets allow, of sizes that differ by at most one; the next begins when all have left.

    Raises NoSeats.
    """
    if seats < 1:
        raise NoSeats()
    count = max(1, ceil(len(codes) / seats))
    step_ms = (duration_s + turnover_s) * 1000
    return [Wave(number + 1, codes[len(codes) * number // count:len(codes) * (number + 1) // count],
                 first_ms + number * step_ms) for number in range(count)]


def keep_inside(rows: int, places: int, cells: Mapping[str, Any]) -> dict[str, Any]:
    """Cells of a room that became smaller: who stood outside waits for a new place."""
    def is_inside(cell: Any) -> bool:
        return not (isinstance(cell, list) and len(cell) == 2 and all(isinstance(one, int) for one in cell)
                    and (cell[0] > rows or cell[1] > places))
    return {seat: cell for seat, cell in cells.items() if is_inside(cell)}


def count_same_around(plan: Plan, seat: str, variants: Mapping[str, str]) -> int:
    """How many of the places around have this seat's variant; `variants`: seat -> variant."""
    return sum(variants.get(near) == variants[seat] for near in find_near(plan, seat))
