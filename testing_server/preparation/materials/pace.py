"""How fast sealing goes, when it will be done, and whether that is in time. Pure: takes counts and instants."""
from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal

MINUTE_MS = 60_000
LONGEST_REASON = 500


class MaterialsLate(Refusal):
    code = "materials_late"
    status = 409
    message = _("По правилам кампании эти архивы уже должны быть у школ.")
    safe = _("Ничего не поставлено в очередь.")
    remedy = _("Выберите день позже. Если день менять нельзя, напишите причину опоздания и предупредите школы: "
               "причина останется в журнале и у архива.")

    def __init__(self, due_ms: int) -> None:
        super().__init__(details={"due_ms": due_ms})
        self.due_ms = due_ms


@dataclass(frozen=True)
class Pace:
    """`per_minute`: schools sealed a minute lately, in tenths; `done_ms`: when the whole queue will be done."""

    WINDOW_MS: ClassVar[int] = 10 * MINUTE_MS

    per_minute_tenths: int
    done_ms: int

    @property
    def shown(self) -> str:
        """"12" or "0,4"."""
        whole, tenth = divmod(self.per_minute_tenths, 10)
        return str(whole) if whole >= 10 or not tenth else f"{whole},{tenth}"


def measure_pace(done: int, first_ms: int | None, now_ms: int, left: int) -> Pace | None:
    """From what was finished in the last ten minutes; None where that is nothing yet."""
    if not done or first_ms is None:
        return None
    # the first of them was finished at the beginning of this stretch, so it counts no time of its own
    took_ms = max(now_ms - first_ms, 1000)
    tenths = max(round(done * 10 * MINUTE_MS / took_ms), 1)
    return Pace(tenths, now_ms + round(left * took_ms / done))


class SoftwareLate(MaterialsLate):
    code = "software_late"
    message = _("По правилам кампании программы и материалы тренировки уже должны быть у школ.")
    safe = _("Файл не выложен.")
    remedy = _("Если выложить всё же надо, напишите причину и предупредите школы: причина останется в журнале и у "
               "файла.")


def check_in_time(now_ms: int, due_ms: int | None, late_reason: str,
                  refusal: type[MaterialsLate] = MaterialsLate) -> str:
    """Why what is published now is late by the campaign's rule, "" where it is in time; `due_ms`: None for no rule.

    Raises the refusal where no reason is named.
    """
    if due_ms is None or now_ms < due_ms:
        return ""
    reason = " ".join(late_reason.split())[:LONGEST_REASON]
    if not reason:
        raise refusal(due_ms)
    return reason
