"""Words of the console in the language of the person. Takes codes; gives lazy texts."""
from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

ATTEMPT_STATES: dict[str, Any] = {
    "assigned": _("не пришёл"), "seated": _("за столом"), "checked": _("готов начать"), "started": _("работает"),
    "paused": _("пауза"), "interrupted": _("нет связи"), "finished": _("завершил"), "reopened": _("возвращён к работе"),
    "absent": _("отсутствует"), "spoiled": _("работа испорчена"),
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
    "device": _("Микрофон перестал работать. Проверьте гарнитуру или пересадите участника."),
    "conflict": _("Диск рабочего места потерял часть журнала. Оба варианта сохранены, проверьте ответы."),
    "moved": _("Прежнее место снова пишет за участника. Эти события сохранены, но не засчитаны."),
    "extra_hearing": _("Запись прозвучала больше, чем разрешено. Посмотрите нештатные ситуации: решает организатор."),
    "no_sound": _("Последнюю запись не слышно. Проверьте микрофон, пока участник на месте."),
    "disk": _("На рабочем месте мало места на диске. Освободите место или пересадите участника."),
    "clock": _("Часы рабочего места сильно отличаются от часов сервера. Проверьте их."),
    "sound_check": _("Проверка звука не пройдена. Поправьте наушники и микрофон."),
    "reset": _("Компьютер стирает записанное при перезагрузке. Разморозьте диск или замените компьютер."),
    "machine": _("Проверка компьютера нашла то, с чем работать нельзя."),
    "unconfirmed": _("Команда ещё не подтверждена рабочим местом."),
    "late": _("Готов, но ещё не начал: опоздал или пропустил начало."),
}
ACTS: dict[str, Any] = {"move": _("Пересадить"), "look": _("Открыть место"), "start": _("Начать"),
                        "let_out": _("Отпустить"), "return": _("Вернулся")}
COMMANDS: dict[str, Any] = {
    "start": _("начало"), "pause": _("пауза"), "resume": _("продолжение"), "extra_time": _("добавленное время"),
    "credit": _("возврат времени"), "next_item": _("следующее задание"), "repeat_item": _("повтор задания"),
    "move": _("пересадка"), "finish": _("завершение"), "message": _("сообщение"), "purge": _("очистка"),
    "needs": _("особые условия"), "leave_room": _("выход из аудитории"), "return_to_room": _("возвращение в аудиторию"),
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
