"""Words of the time line, the protocol and the closing pages. Takes codes; gives lazy texts."""
from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

LANES: dict[str, Any] = {
    "task": _("Задания"), "answer": _("Ответы"), "sound": _("Звук"), "link": _("Связь"), "command": _("Команды"),
    "seat": _("Место"),
}
ACTS: dict[str, Any] = {
    "seated": _("Сел за место"), "absent": _("Отмечено отсутствие"), "present": _("Отметка об отсутствии снята"),
    "spoiled": _("Работа признана испорченной"), "reopen": _("Возвращён к работе"),
    "transferred": _("Перенесён в другой сеанс"), "evacuated": _("Эвакуация: пауза у всех"),
    "evacuation_ended": _("Эвакуация закончилась"),
    "missing_explained": _("Записана причина"), "recording_written_off": _("Запись речи списана"),
    "answer_file_written_off": _("Файл ответа списан"), "incident_recorded": _("Нештатная ситуация"),
    "recording_differs": _("Звук не сошёлся с отпечатком"), "purge_answered": _("Рабочее место ответило на очистку"),
    "taken_over": _("Принят из другого сеанса"),
    "seat_written_off": _("Место списано"),
}
INCIDENTS: dict[str, Any] = {
    "outage": _("перерыв в работе места"), "sound": _("неполадка звука"), "organizer": _("записал организатор"),
    "spoiled": _("работа испорчена"), "transferred": _("перенесён в другой сеанс"),
    "evacuation": _("эвакуация"), "no_headset": _("гарнитуры закончились"),
    "materials_withdrawn": _("материалы отозваны"), "materials_moved": _("работа перенесена"),
    "event_conflict": _("журнал места разошёлся с сервером, оба варианта сохранены"),
    "extra_hearing": _("лишнее прослушивание"), "call": _("вызов организатора"),
    "late_claim": _("два сервера"), "clock": _("часы"),
    "after_criteria": _("сеанс начат, когда критерии работы были уже открыты"),
}
STAGES_SHOWN: dict[str, Any] = {
    "answer": _("задание на экране"), "read": _("время на чтение"), "listen": _("прослушивание"),
    "choose": _("выбор"), "prepare": _("подготовка к речи"), "speak": _("речь"), "after": _("после речи"),
    "break": _("перерыв"),
}
END_REASONS: dict[str, Any] = {
    "candidate": _("завершил участник"), "time": _("время вышло"), "organizer": _("завершил организатор"),
    "spoiled": _("испорчена"),
}
# why a lease was granted or a pause given, where no person wrote it
REASONS: dict[str, Any] = {
    "start": _("вход участника"), "move": _("пересадка"), "recover": _("продолжение"), "evacuation": _("эвакуация"),
}
WORKSTATION = _("рабочее место")
SERVER = _("сервер")
