"""Words of rehearsals for pages of room and hub, in the person's language."""
from __future__ import annotations

from flask_babel import lazy_gettext as _

KINDS = {
    "server-kill": _("Сервер убит и запущен снова"), "seat-kill": _("Рабочее место убито и запущено снова"),
    "link-cut": _("Кабель места вынут"), "disk-full": _("Диск заполнен: у места и у сервера"),
    "mic-mute": _("Микрофон выключен во время речи"), "clock-jump": _("Часы мест и сервера переведены на сутки"),
    "server-lost": _("Сервер потерян, работу продолжает другой"),
}
OUTCOMES = {"endured": ("ready", _("выдержан")), "stuck": ("stopped", _("не выдержан")),
            "not_tried": ("waiting", _("не пробовали"))}
VERDICTS = {"kept": ("ready", _("всё обещанное сохранено")), "lost": ("stopped", _("потеряно обещанное")),
            "unfinished": ("attention", _("не доведена до конца"))}
STATES = {"running": ("running", _("идёт")), "found": ("attention", _("ждёт подписи: откройте ключ школы")),
          "ended": ("stopped", _("прервана, свидетельства нет"))}
COUNTS = {"answers": _("ответы, показанные как сохранённые"), "events": _("события журналов"),
          "recordings": _("записи речи"), "works": _("работы участников"),
          "facts": _("команды, происшествия и журнал сеанса")}
STEPS = {
    "raising": _("Запускаются свои серверы репетиции, открываются материалы"),
    "seating": _("Роботы занимают места"), "working": _("Роботы работают"), "fault": _("Делается сбой"),
    "finishing": _("Сбои сделаны, роботы заканчивают работу"), "comparing": _("Диски мест и сервера сверяются"),
}
