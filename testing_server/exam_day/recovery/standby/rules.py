"""Decisions about keeping up. Pure: numbers and times come in as arguments."""
from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal

# A standby asks every second: after so long it is not known to hold anything new.
AWAY_AFTER_MS = 15_000
# Code of what stands in the way -> how the page ends "The leading server …".
LINE_TROUBLES = {
    "away": _("не отвечает"), "handover_refused": _("не узнаёт ключ этой школы"),
    "key_locked": _("ключ школы здесь закрыт: введите его пароль на странице «Подключение и ключ»"),
    "storage_full": _("на диске этого сервера нет места")}


class StandingBy(Refusal):
    code = "standing_by"
    status = 503
    message = _("Этот сервер запасной: сеансы ведёт другой.")
    safe = _("Ответы хранят рабочие места и ведущий сервер.")
    remedy = _("Работайте с ведущим сервером. Если он сломался, нажмите «Вести сеансы» в пульте этого.")
    retry_after_s = 5


class HandoverRefused(Refusal):
    code = "handover_refused"
    status = 403
    message = _("Запасной сервер не доказал, что у него ключ этой школы.")
    remedy = _("Запустите запасной сервер с файлом school.key этой же школы.")


@dataclass(frozen=True)
class Reached:
    """How far a standby is: the last event and the last part it holds, by this server's rows; when it said so."""

    event: int
    part: int
    heard_ms: int
    address: str = ""

    def is_away(self, monotonic_ms: int) -> bool:
        """Whether it has been silent for long."""
        return monotonic_ms - self.heard_ms > AWAY_AFTER_MS


def read_place(text: str) -> tuple[int, int]:
    """"events.aside" of a query; (0, 0) for an empty or broken one: everything is handed over again."""
    event, _, aside = text.partition(".")
    return (int(event), int(aside)) if event.isdecimal() and aside.isdecimal() else (0, 0)


def write_place(event: int, aside: int) -> str:
    """The reverse of read_place."""
    return f"{event}.{aside}"
