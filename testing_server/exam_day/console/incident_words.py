"""An incident in one line, for the live page, a seat's page and the report. Takes its kind and text; gives words.

What a workstation raises has a code instead of a text: the page of a Russian room shows no word of a program.
"""
from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from testing_server.contracts.calls import CALL, find_reason
from testing_server.exam_day.console.after_words import INCIDENTS
from testing_server.exam_day.console.rules import SOUND, name_device_trouble
from testing_server.exam_day.console.times import show_span

# written by people or by the server in whole sentences
WRITTEN = frozenset({"organizer", "extra_hearing", "evacuation"})
OUTAGE, CONFLICT = "outage", "event_conflict"
CALLS: dict[str, Any] = {
    "hand": _("участник поднял руку"), "no_sound": _("не слышно запись"), "microphone": _("не работает микрофон"),
    "task": _("задание не открывается или видно не полностью"), "computer": _("неполадка с компьютером"),
    "leave": _("участник попросил выйти"), "unwell": _("участнику плохо"),
}
DEVICES: dict[str, Any] = {
    "device": _("микрофон перестал работать"), "device_off": _("микрофон выключен на проводе или наушнике"),
    "device_muted": _("микрофон выключен в компьютере"), "device_unplugged": _("микрофон не подключён"),
    "device_other": _("звук пошёл с другого микрофона"), "device_ended": _("гарнитура отключилась"),
    "device_stalled": _("гарнитура не передавала звук"), "device_busy": _("микрофон был занят другой программой"),
    "device_stuck": _("звуковая система компьютера не отвечала"),
    "device_refused": _("браузер не пустил к микрофону"), "device_disk": _("диск места не принимал запись"),
    "device_maybe_muted": _("микрофон молчал, пока шла запись"),
}


def tell_incident(kind: str, text: str) -> str:
    """One line, with a capital. A kind of a newer workstation is told by its own text."""
    if kind in WRITTEN or kind.startswith("materials_"):
        return text
    known, details = INCIDENTS.get(kind), _DETAILS.get(kind, str)(text)
    told = f"{known}: {details}" if known and details else str(known or details)
    return told[:1].upper() + told[1:]


def tell_raised(body: Mapping[str, Any]) -> str:
    """The same of a workstation's event."""
    return tell_incident(str(body["kind"]), find_reason(body) if body["kind"] == CALL else str(body["text"]))


def _tell_outage(text: str) -> str:
    """"45 s without work at this seat", or "sound: muted" where it was the microphone."""
    if seconds := re.match(r"(\d+) s ", text):
        return gettext("не работали %(span)s", span=show_span(int(seconds[1])))
    return str(DEVICES[name_device_trouble(text.partition(": ")[2])])


_DETAILS: dict[str, Callable[[str], str]] = {
    CALL: lambda text: str(CALLS[find_reason({"reason": text})]),
    SOUND: lambda text: str(DEVICES[name_device_trouble(text)]),
    OUTAGE: _tell_outage, CONFLICT: lambda text: "",
}
