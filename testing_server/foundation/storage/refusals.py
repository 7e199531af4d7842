"""What storage answers when it cannot keep what it was given. Takes nothing; gives refusals by reason."""
from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal


class Busy(Refusal):
    code = "busy"
    status = 503
    message = _("Сервер занят: слишком много записей ждут очереди.")
    safe = _("Рабочие места хранят ответы у себя и отправят их снова.")
    remedy = _("Подождите секунду, действие можно повторить.")
    retry_after_s = 1


class StorageFull(Refusal):
    code = "storage_full"
    status = 507
    message = _("На диске сервера кончилось место, запись не принята.")
    safe = _("Всё подтверждённое раньше цело, рабочие места хранят ответы у себя.")
    remedy = _("Освободите место на диске сервера и повторите.")


class StorageReadonly(Refusal):
    code = "storage_readonly"
    status = 503
    message = _("Диск сервера перестал принимать записи.")
    safe = _("Всё подтверждённое раньше цело, рабочие места хранят ответы у себя.")
    remedy = _("Перенесите сервер на другой компьютер или диск и продолжите там.")


class StorageClosed(Refusal):
    code = "busy"
    status = 503
    message = _("Сервер останавливается и больше не принимает записей.")
    safe = _("Рабочие места хранят ответы у себя и отправят их после запуска.")
    remedy = _("Дождитесь запуска сервера и повторите.")
    retry_after_s = 2
