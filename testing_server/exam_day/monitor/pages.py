"""Pages of the coordinator: the board of the territory, the day live, one sitting."""
from flask import Blueprint, render_template, request
from flask_babel import lazy_gettext as _
from flask_login import current_user

from testing_server.exam_day.monitor.api import BOARD, COORDINATOR
from testing_server.exam_day.monitor.queries import find_live_sitting, read_board
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.refusals import NotAllowed, NotFound
from testing_server.foundation.services import services

pages = Blueprint("board", __name__)
STAGE_NAMES = {
    "application": _("Заявка"), "schedule": _("График"), "materials": _("Материалы"),
    "training": _("Программа и тренировка"), "codes": _("Коды"), "ciphers": _("Шифры"), "sittings": _("Сеансы"),
    "finished": _("Проведено"), "packages": _("Пакеты"), "forms": _("Формы"), "questionnaires": _("Анкеты"),
    "marking": _("Проверка"),
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
    "contact": _("Последняя связь"), "forecast": _("Прогноз окончания"), "ago": _("{n} с назад"),
    "ago_min": _("{n} мин назад"), "nobody": _("По этому запросу сеансов нет."),
    "left": _("осталось"), "rest": _("перерыв"),
    "away": _("Связь с сервером прервалась, показано последнее. Обновится само."),
    "shown": _("Показано {n} из {all}"), "seat": _("место"), "task": _("задание"),
}


@pages.get("/coordinator")
def show_board() -> str:
    narrow, territory = request.args.get("territory", ""), current_user.territory
    if territory and narrow and not is_within(narrow, territory):
        raise NotAllowed()
    with services().storage.read() as session:
        board = read_board(session, territory, narrow)
    return render_template("exam_day/board.html", board=board, narrow=narrow, names=STAGE_NAMES)


@pages.get("/coordinator/live")
def show_live() -> str:
    return render_template("exam_day/live_board.html", texts=read_texts(), scope=BOARD)


@pages.get("/coordinator/live/<school>/<sitting>")
def show_sitting(school: str, sitting: str) -> str:
    offered = services()
    with offered.storage.read() as session:
        found = find_live_sitting(session, current_user.territory, school, sitting, offered.clock.now_ms())
    if found is None:
        raise NotFound()
    return render_template("exam_day/live_sitting.html", sitting=found, texts=read_texts(),
                           scope=f"{BOARD}:{school}/{sitting}")


def is_within(narrow: str, territory: str) -> bool:
    """Whether what a coordinator asks for lies in the own territory."""
    return narrow == territory or narrow.startswith(f"{territory}/")


def read_texts() -> dict[str, dict[str, str]]:
    """Words for the page's script, in the person's language."""
    groups = {"states": STATE_WORDS, "attempts": ATTEMPT_WORDS, "verdicts": VERDICT_WORDS, "columns": COLUMN_WORDS}
    return {name: {word: str(text) for word, text in group.items()} for name, group in groups.items()}


MOUNT = Mount(
    blueprint=pages, access={"show_board": COORDINATOR, "show_live": COORDINATOR, "show_sitting": COORDINATOR},
    menu=(MenuEntry("show_board", _("Доска")), MenuEntry("show_live", _("День сейчас"))))
