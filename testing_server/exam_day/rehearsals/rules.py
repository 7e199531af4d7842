"""What may be rehearsed from the console, and what a rehearsal needs of this machine. Pure."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _

from testing_server.contracts.rehearsals import FaultKind
from testing_server.foundation.refusals import Refusal

# A robot is the whole agent (0.1 GB); the two servers, and what this server itself needs.
SEAT_MB, SERVERS_MB = 130, 1_500
SEATS_OF_A_PROCESSOR, MOST_SEATS = 20, 60


class SittingStands(Refusal):
    code = "sitting_stands"
    status = 409
    message = _("Сейчас открыт сеанс: репетиция отняла бы у него память и процессор.")
    safe = _("Сеанс идёт как шёл.")
    remedy = _("Проведите репетицию до открытия сеанса или после его закрытия.")


class RehearsalGoesOn(Refusal):
    code = "rehearsal_goes_on"
    status = 409
    message = _("Репетиция уже идёт.")
    remedy = _("Дождитесь её конца или остановите её.")


class SeatsRefused(Refusal):
    code = "seats_refused"
    status = 422
    message = _("Столько роботов этот компьютер не выдержит.")
    remedy = _("Возьмите меньше мест: сколько можно, написано у поля.")


class NoFaults(Refusal):
    code = "no_faults"
    status = 422
    message = _("Не выбран ни один сбой.")
    remedy = _("Отметьте хотя бы один: без сбоев репетиция ничего не доказывает.")


@dataclass(frozen=True)
class Wanted:
    """What the organizer picked; `archive` "" = demonstration material."""

    seats: int
    faults: tuple[FaultKind, ...]
    archive: str


def count_most_seats(free_mb: int, processors: int) -> int:
    """How many robots fit beside the servers, at least one."""
    by_memory = max(0, free_mb - SERVERS_MB) // SEAT_MB
    return max(1, min(by_memory, processors * SEATS_OF_A_PROCESSOR, MOST_SEATS))


def read_wanted(seats: str, faults: Sequence[str], archive: str, most: int) -> Wanted:
    """What a form says. Raises SeatsRefused, NoFaults."""
    if not (seats.isascii() and seats.isdecimal() and len(seats) < 5 and 1 <= int(seats) <= most):
        raise SeatsRefused(details={"most": most})
    known = tuple(kind for kind in FaultKind if kind.value in faults)
    if not known:
        raise NoFaults()
    return Wanted(int(seats), known, archive)
