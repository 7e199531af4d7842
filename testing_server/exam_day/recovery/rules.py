"""Decisions about ledgers and taking over. Pure: times and numbers come in as arguments."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from flask_babel import lazy_gettext as _

from testing_server.exam_day.sittings.rules import ACTIVE
from testing_server.foundation.refusals import Refusal

Place = tuple[int, int]
# After the receipt the hub has everything; before the claim there is nobody to sign for.
KEPT_STATES = ("open", "running", "paused", "closing", "balanced", "packaged", "packaged_with_late", "sent")
# A receipted sitting still orders its workstations to delete their work.
RECEIPTED = "receipted"
LED_STATES = ACTIVE | frozenset(KEPT_STATES) | {RECEIPTED}
# In a room of any usual size everybody keeps the ledger; in a hall of a thousand this many do, in turn.
MOST_KEEPERS = 60
# Workstations look for a server every few seconds: so long after the last new one the room is complete.
QUIET_MS = 15_000


class SeatsNotHeard(Refusal):
    code = "seats_not_heard"
    status = 409
    message = _("После восстановления отозвались ещё не все рабочие места.")
    safe = _("Ответы этих участников лежат на их рабочих местах.")
    remedy = _("Включите названные места и подождите, или спишите каждое с указанием причины на странице «Сервер».")


class AlreadyServing(Refusal):
    code = "already_serving"
    status = 409
    message = _("В этой папке уже есть сервер.")
    remedy = _("Назовите для восстановления новую, пустую папку.")


class NotRecovering(Refusal):
    code = "not_recovering"
    status = 409
    message = _("Этот сервер не восстанавливается: журналы аудиторий ему не нужны.")


class NothingFound(Refusal):
    code = "nothing_found"
    status = 409
    message = _("Ни одно рабочее место ещё не прислало журнал аудитории.")
    safe = _("Рабочие места продолжают работу сами и хранят все ответы.")
    remedy = _("Проверьте, что этот компьютер в той же сети, что и рабочие места, и что они включены.")


@dataclass(frozen=True)
class Gathered:
    """What a recovering server has: when the first and the last workstation was new, which are still awaited, and
    whether somebody who was heard keeps a newer ledger than those that have come."""

    first_ms: int | None
    last_new_ms: int
    heard: frozenset[str]
    wanted: frozenset[str]
    has_newer_elsewhere: bool = False


def choose_keepers(workstation: str, sitting: str, place: Place, known: int) -> bool:
    """Whether this workstation keeps this version of a ledger: all do up to MOST_KEEPERS, then others each time."""
    if known <= MOST_KEEPERS:
        return True
    drawn = int.from_bytes(sha256(f"{workstation}/{sitting}/{place}".encode()).digest()[:4], "big")
    return drawn % known < MOST_KEEPERS


def tell_age(before_ms: int, now_ms: int) -> str:
    """Minutes and seconds between two moments; a time of day would be of somebody's zone."""
    seconds = max(0, now_ms - before_ms) // 1000
    return f"{seconds // 60} мин {seconds % 60} с"


def is_complete(gathered: Gathered, now_ms: int) -> bool:
    """Whether to take over now: everybody whom the ledgers name was heard and handed in, or nobody new came for a
    while."""
    if gathered.first_ms is None:
        return False
    is_all_here = gathered.wanted <= gathered.heard and not gathered.has_newer_elsewhere
    return is_all_here or now_ms - gathered.last_new_ms >= QUIET_MS


def list_unheard(heads: Mapping[str, Mapping[str, int]], acked: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Attempts whose workstation told of events that are not here: {attempt: {lease: highest}} against acked."""
    return [attempt for attempt, leases in heads.items()
            if any(acked.get(attempt, {}).get(lease, 0) < number for lease, number in leases.items())]


def find_highest(claims: Iterable[tuple[str, int]]) -> dict[str, int]:
    """sitting -> the highest generation among (sitting, generation)."""
    highest: dict[str, int] = {}
    for sitting, generation in claims:
        highest[sitting] = max(generation, highest.get(sitting, 0))
    return highest
