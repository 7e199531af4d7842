"""What the verbs of the audit say to people. Takes a verb; gives a lazy text, or the verb itself."""
from typing import Any

from flask_babel import lazy_gettext as _

VERBS = {
    "account_created": _("Заведена учётная запись"), "account_closed": _("Закрыта учётная запись"),
    "password_changed": _("Сменён пароль"), "signed_in": _("Вход"), "sign_in_failed": _("Неудачный вход"),
    "school_created": _("Добавлена школа"), "school_enrolled": _("Школа подключена"),
    "enrolment_code_made": _("Выдан код подключения"), "codes_issued": _("Выданы коды участников"),
    "logins_issued": _("Выданы логины дня"), "day_planned": _("Назначен день работы"),
    "roster_issued": _("Выдан список дня"), "sealing_ordered": _("Заказаны материалы"),
    "materials_sealed": _("Материалы готовы"), "archive_fetched": _("Архив скачан"), "cipher_given": _("Шифр выдан"),
    "archive_withdrawn": _("Архив отозван"), "archive_moved": _("Архив перенесён на другой день"),
    "package_released": _("Пакет принят решением координатора"), "package_verified_again": _("Пакет проверен ещё раз"),
    "package_accepted": _("Пакет принят"), "package_quarantined": _("Пакет отложен"),
    "schools_reminded": _("Школам напомнили"), "reminder_read": _("Напоминание прочитано"),
    "marking_opened": _("Открыта проверка"), "protocol_frozen": _("Подписан протокол"),
    "key_corrected": _("Исправлен ключ"), "audit_read": _("Прочитан журнал"),
}


def name_verb(verb: str) -> Any:
    """What to show for a verb."""
    return VERBS.get(verb, verb.replace("_", " "))
