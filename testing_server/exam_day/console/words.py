"""Words of the console in the language of the person. Takes codes; gives lazy texts."""
from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from testing_server.exam_day.console.rules import tells_saved
from testing_server.exam_day.console.sound_words import SOUND_TROUBLES
from testing_server.exam_day.console.times import show_clock, show_span

ATTEMPT_STATES: dict[str, Any] = {
    "assigned": _("не пришёл"), "seated": _("за столом"), "checked": _("готов начать"), "started": _("работает"),
    "paused": _("пауза"), "interrupted": _("нет связи"), "finished": _("завершил"), "reopened": _("возвращён к работе"),
    "absent": _("отсутствует"), "spoiled": _("работа испорчена"), "transferred": _("перенесён в другой сеанс"),
}
SITTING_STATES: dict[str, Any] = {
    "draft": _("подготовлен"), "ready": _("готов"), "open": _("открыт, идёт рассадка"), "running": _("идёт"),
    "paused": _("пауза"), "closing": _("закрывается"), "balanced": _("итог сведён"), "packaged": _("пакет собран"),
    "sent": _("пакет отправлен"), "receipted": _("квитанция получена"),
    "packaged_with_late": _("пришли поздние ответы"),
    "purged": _("очищен"), "cancelled": _("отменён"), "fenced": _("ведёт другой сервер"),
}
SITTING_STYLES = {
    "draft": "waiting", "ready": "ready", "open": "running", "running": "running", "paused": "stopped",
    "closing": "attention", "balanced": "attention", "packaged": "attention", "sent": "running", "receipted": "ready",
    "packaged_with_late": "attention", "purged": "waiting", "cancelled": "stopped", "fenced": "stopped",
}
STAGES: dict[str, Any] = {
    "answer": _("отвечает"), "read": _("читает вопросы"), "listen": _("слушает"), "choose": _("выбирает"),
    "prepare": _("готовится"), "speak": _("говорит"), "after": _("закончил речь"), "break": _("перерыв"),
}
VERDICTS: dict[str, Any] = {
    "heard": _("слышно"), "silent": _("тишина"), "too_quiet": _("слишком тихо"), "clipped": _("громко, с искажениями"),
    "noisy": _("шум"), "neighbour": _("слышен сосед"), "wrong_device": _("другой микрофон"), "no_data": _("нет звука"),
    "": _("ещё не оценено"),
}
TROUBLES: dict[str, Any] = {
    "silent": _("Рабочее место не отвечает. Ответы хранятся на нём; подойдите или пересадите участника."),
    "called": _("Участник поднял руку. Подойдите к нему."),
    "call_no_sound": _("Участник зовёт: не слышно запись. Проверьте наушники и громкость."),
    "call_microphone": _("Участник зовёт: не работает микрофон. Проверьте гарнитуру или пересадите участника."),
    "call_task": _("Участник зовёт: задание не открывается или видно не полностью."),
    "call_computer": _("Участник зовёт: неполадка с компьютером. Ответы сохранены, участника можно пересадить."),
    "call_leave": _("Участник просит разрешения выйти."),
    "call_unwell": _("Участнику плохо. Подойдите к нему сейчас."),
    "away": _("Участник вышел из аудитории. Задания на экране закрыты; он вернётся по своему логину или по вашей "
              "отметке."),
    **SOUND_TROUBLES,
    "conflict": _("Диск рабочего места потерял часть журнала. Оба варианта сохранены, проверьте ответы."),
    "moved": _("Прежнее место снова пишет за участника. Эти события сохранены, но не засчитаны."),
    "extra_hearing": _("Запись прозвучала больше, чем разрешено. Посмотрите нештатные ситуации: решает организатор."),
    "no_sound": _("Последнюю запись не слышно. Проверьте микрофон, пока участник на месте."),
    "disk": _("На рабочем месте мало места на диске. Освободите место или пересадите участника."),
    "battery": _("Батарея кончается, а компьютер не в сети. Подключите зарядку сейчас."),
    "clock": _("Часы рабочего места сильно отличаются от часов сервера. Проверьте их."),
    "sound_check": _("Проверка звука не пройдена. Поправьте наушники и микрофон."),
    "reset": _("Компьютер стирает записанное при перезагрузке. Разморозьте диск или замените компьютер."),
    "machine": _("Проверка компьютера нашла то, с чем работать нельзя."),
    "unconfirmed": _("Команда ещё не подтверждена рабочим местом."),
    "finished_unheard": _("Участник завершил, а записанного не слышно. Не отпускайте его: верните к работе, чтобы "
                          "повторить задание, или запишите нештатную ситуацию с его кодом."),
    "late": _("Готов, но ещё не начал: опоздал или пропустил начало."),
}


def tell_trouble(trouble: str, seat: str, saved_at_ms: int | None, saved_speech_s: int | None, zone: str) -> str:
    """The one sentence of a troubled seat: which seat, what is wrong and what to do, up to when the work is kept.

    `saved_at_ms`: up to then all is here; `saved_speech_s`: of the spoken answer in hand, which is told instead.
    """
    if not trouble:
        return ""
    what = str(TROUBLES[trouble])
    told = gettext("Место %(seat)s: %(what)s", seat=seat, what=lower_first(what)) if seat else what
    return f"{told} {tell_saved(saved_at_ms, saved_speech_s, zone)}".strip() if tells_saved(trouble) else told


def tell_saved(saved_at_ms: int | None, saved_speech_s: int | None, zone: str) -> str:
    """Up to when the work is kept on this server, "" while nothing is."""
    if saved_speech_s:
        return gettext("Речь сохранена до %(span)s.", span=show_span(saved_speech_s))
    if saved_at_ms is None:
        return ""
    return gettext("Ответы сохранены до %(clock)s.", clock=show_clock(saved_at_ms, zone)[:5])


def lower_first(sentence: str) -> str:
    """For going on after a colon; a word in capitals stays."""
    return sentence if sentence[:2].isupper() else sentence[:1].lower() + sentence[1:]


ACTS: dict[str, Any] = {"move": _("Пересадить"), "look": _("Открыть место"), "start": _("Начать"),
                        "tell_again": _("Отправить ещё раз"), "let_out": _("Отпустить"), "return": _("Вернулся")}
COMMANDS: dict[str, Any] = {
    "start": _("начало"), "pause": _("пауза"), "resume": _("продолжение"), "extra_time": _("добавленное время"),
    "credit": _("возврат времени"), "next_item": _("следующее задание"), "repeat_item": _("повтор задания"),
    "move": _("пересадка"), "finish": _("завершение"), "message": _("сообщение"), "purge": _("очистка"),
    "needs": _("особые условия"), "tell_again": _("повторная отправка"),
    "leave_room": _("выход из аудитории"), "return_to_room": _("возвращение в аудиторию"),
}
SCREEN_CHANGES: dict[str, Any] = {
    "size": _("другой размер окна"), "full_screen": _("вышел из полного экрана или вернулся"),
    "screens": _("подключён или отключён второй экран"),
}
ARCHIVE_STATES: dict[str, Any] = {
    "offered": _("есть на региональном сервере"), "fetching": _("скачивается"), "kept": _("на этом сервере, закрыт"),
    "opening": _("открывается, варианты проверяются"), "opened": _("открыт и проверен"), "damaged": _("повреждён"),
}
ARCHIVE_STYLES = {"offered": "waiting", "fetching": "running", "kept": "waiting", "opening": "running",
                  "opened": "ready", "damaged": "stopped"}
# of criteria there is nothing to check here
CRITERIA_STATES: dict[str, Any] = {"opening": _("открывается"), "opened": _("открыт для проверки")}
WITHDRAWN_TEXT = _("отозван регионом")
ARCHIVE_TROUBLES: dict[str, Any] = {
    "no_room": _("На диске сервера не хватает места: нужно вдвое больше размера архива. Освободите место и откройте "
                 "архив ещё раз; он цел."),
    "hub_away": _("Региональный сервер не отвечает. Скачивание продолжится с того же места, когда вы нажмёте ещё раз."),
    "key_locked": _("Ключ школы закрыт. Откройте его на странице «Подключение» и скачайте архив ещё раз."),
    "digest_mismatch": _("Скачанный файл повреждён и отброшен. Скачайте архив ещё раз."),
    "answer_not_trusted": _("Ответ не подписан региональным сервером. Позвоните координатору."),
    "withdrawn": _("Регион отозвал эти материалы. Новые появятся в списке архивов."),
    "disk": _("На диске сервера не хватает места. Освободите его и скачайте архив ещё раз."),
}
PACKAGE_STATES: dict[str, Any] = {
    "making": _("собирается"), "made": _("собран"), "sending": _("отправляется"), "sent": _("доставлен, проверяется"),
    "receipted": _("принят, квитанция получена"), "quarantined": _("отложен региональным сервером"),
    "failed": _("не собран"),
}
PACKAGE_STYLES = {"making": "running", "made": "waiting", "sending": "running", "sent": "running",
                  "receipted": "ready", "quarantined": "stopped", "failed": "stopped"}
CHECK_WORDS: dict[str, Any] = {"stop": _("исправить"), "attention": _("обратить внимание"), "good": _("в порядке")}
CHECK_STYLES = {"stop": "stopped", "attention": "attention", "good": "ready"}
FIT_SUBJECTS: dict[str, Any] = {
    "disk": _("Диск"), "memory": _("Память"), "battery": _("Батарея"), "link": _("Связь"), "headsets": _("Места"),
    "window": _("Время"),
}
FIT_WORDS: dict[str, Any] = {
    "lost": _("нет, речь потеряется"), "no": _("нет"), "attention": _("впритык"), "unknown": _("не измерено"),
    "good": _("поместится"),
}
FIT_STYLES = {"lost": "stopped", "no": "stopped", "attention": "attention", "unknown": "waiting", "good": "ready"}
PURGE_RESULTS: dict[str, Any] = {
    "": _("ещё не ответило"), "done": _("удалено"), "still_at_work": _("участник ещё работает"),
    "not_delivered": _("не всё передано на сервер"), "hub_unknown": _("место не знает регионального сервера"),
    "bad_receipt": _("квитанция не от регионального сервера"), "not_in_receipt": _("этой работы нет в квитанции"),
    "too_early": _("срок хранения ещё не вышел: удалит само"),
    "events_not_covered": _("на месте есть ответы, которых нет в квитанции"),
    "sound_not_covered": _("на месте есть речь, которой нет в квитанции"),
    "files_not_covered": _("на месте есть файлы, которых нет в квитанции"),
}
PURGE_STYLES = {"": "waiting", "done": "ready", "too_early": "waiting"}
PURGE_REMEDIES: dict[str, Any] = {
    "": _("Включите место и подключите к сети этого сервера."),
    "still_at_work": _("Завершите работу на этом месте и повторите приказ."),
    "not_delivered": _("Оставьте место включённым: недостающее придёт само. Потом соберите новый пакет."),
    "hub_unknown": _("Перезапустите место в сети этого сервера и повторите приказ."),
    "bad_receipt": _("Место верит другому региональному серверу. Если сервер сменился, сопрягите место заново."),
    "not_in_receipt": _("Соберите новый пакет, дождитесь квитанции и повторите приказ."),
    "events_not_covered": _("Соберите новый пакет, дождитесь квитанции и повторите приказ."),
    "sound_not_covered": _("Оставьте место включённым: если недостающее придёт, соберите новый пакет. "
                           "Списанную запись удаляет технический специалист."),
    "files_not_covered": _("Оставьте место включённым: если недостающее придёт, соберите новый пакет. "
                           "Списанный файл удаляет технический специалист."),
}
WORKSTATION_STATES: dict[str, Any] = {
    "paired": _("ждёт проверки"), "ready": _("готово"), "blocked": _("закрыто организатором"),
    "silent": _("нет связи"), "occupied": _("занято"),
}
WORKSTATION_STYLES = {"paired": "waiting", "ready": "ready", "blocked": "stopped", "silent": "offline",
                      "occupied": "running"}
EVENT_KINDS: dict[str, Any] = {
    "lease_opened": _("Место открыто"), "answer_set": _("Ответ"), "answer_cleared": _("Ответ снят"),
    "item_entered": _("Открыто задание"), "item_left": _("Закрыто задание"), "timer_started": _("Пошло время"),
    "break_started": _("Начался перерыв"), "break_ended": _("Закончился перерыв"),
    "room_left": _("Вышел из аудитории"), "room_returned": _("Вернулся в аудиторию"),
    "sound_checked": _("Проверка звука"),
    "play_started": _("Началось прослушивание"), "play_ended": _("Прослушано"),
    "recording_started": _("Началась запись речи"), "recording_gap": _("Разрыв записи"),
    "recording_committed": _("Запись речи сохранена"), "directive_applied": _("Команда выполнена"),
    "incident_raised": _("Нештатная ситуация"), "focus_lost": _("Окно потеряло фокус"),
    "screen_changed": _("Изменился экран"),
    "clock_jump": _("Скачок часов"), "device_changed": _("Сменилось устройство"),
    "attempt_finished": _("Работа завершена"),
}
