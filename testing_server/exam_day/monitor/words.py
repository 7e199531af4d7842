"""Words of the coordinators' pages: steps, states, seats, sound, columns. Takes nothing; gives lazy texts."""
from typing import Any

from flask_babel import lazy_gettext as _

from testing_server.exam_day.monitor.board_rules import FILTERS
from testing_server.foundation.progress import STEPS, Step

STEP_NAMES = {
    Step.APPLICATION: _("Заявка"), Step.SCHEDULE: _("График"), Step.MATERIALS: _("Материалы"),
    Step.TRAINING: _("Тренировка"), Step.CODES: _("Коды"), Step.CIPHERS: _("Шифры"), Step.SITTINGS: _("Сеансы"),
    Step.FINISHED: _("Проведено"), Step.PACKAGES: _("Пакеты"), Step.FORMS: _("Формы"),
    Step.QUESTIONNAIRES: _("Анкеты"), Step.MARKING: _("Проверка"),
}
BOARD_WORDS = {
    "school": _("Территория, школа"), "contact": _("Последняя связь"), "sum": _(
        "{step}: готово у {ready} из {whole}, внимание: {trouble}"), "nothing": _("ничего не сообщалось"),
    "sittings": _("Сеансы школы сейчас"), "never": _("не было"), "now": _("сейчас"), "minutes": _("{n} мин назад"),
    "all": _("Школ: {n}"), "shown": _("Показано {n} из {all}"), "nobody": _("По этому запросу школ нет."),
    "tile": _("готово {percent} % · школ: {schools}"), "troubles": _("внимание: {n}"),
    "marked": _("{step}: отмечено {done} из {all}, ждут третьей проверки: {thirds}"), "third": _("3-х: {n}"),
}
STATE_WORDS = {"waiting": _("ждёт"), "ready": _("готово"), "running": _("идёт"), "attention": _("внимание"),
               "stopped": _("остановлено"), "offline": _("нет связи")}
ATTEMPT_WORDS = {
    "assigned": _("не вошёл"), "seated": _("вошёл"), "checked": _("звук проверен"), "started": _("пишет"),
    "paused": _("пауза"), "interrupted": _("прерван"), "finished": _("закончил"), "reopened": _("продолжает"),
    "absent": _("отсутствует"), "spoiled": _("аннулирован"), "transferred": _("перенесён"),
}
VERDICT_WORDS = {
    "heard": _("слышно"), "silent": _("тишина"), "too_quiet": _("слишком тихо"), "clipped": _("перегрузка"),
    "noisy": _("шумно"), "neighbour": _("слышно соседа"), "wrong_device": _("не тот микрофон"),
    "no_data": _("нет записи"),
}
COLUMN_WORDS = {
    "sitting": _("Школа, аудитория"), "state": _("Состояние"), "working": _("пишут"), "interrupted": _("прерваны"),
    "finished": _("закончили"), "absent": _("отсутствуют"), "incidents": _("Происшествия"),
    "contact": _("Последняя связь"), "online": _("на связи"),
    "silent": _("Сервер в школе давно не выходил на связь. Сеанс идёт и без неё; позвоните в школу."),
    "forecast": _("Прогноз окончания"), "ago": _("{n} с назад"),
    "ago_min": _("{n} мин назад"), "nobody": _("По этому запросу сеансов нет."),
    "left": _("осталось"), "rest": _("перерыв"),
    "away": _("Связь с сервером прервалась, показано последнее. Обновится само."),
    "shown": _("Показано {n} из {all}"), "seat": _("место"), "task": _("задание"),
}


def read_board_texts() -> dict[str, Any]:
    """Words for the board's script, in the person's language."""
    words = {name: str(text) for name, text in BOARD_WORDS.items()}
    return {**words, "steps": [{"id": step.value, "title": str(STEP_NAMES[step])} for step in STEPS],
            "states": {word: str(text) for word, text in STATE_WORDS.items()}, "filters": FILTERS}


def read_texts() -> dict[str, dict[str, str]]:
    """Words for the live pages' script, in the person's language."""
    groups = {"states": STATE_WORDS, "attempts": ATTEMPT_WORDS, "verdicts": VERDICT_WORDS, "columns": COLUMN_WORDS}
    return {name: {word: str(text) for word, text in group.items()} for name, group in groups.items()}
