"""What needs a person, in sentences: what is the matter and what to do next. Takes concerns; gives texts for people."""
from flask_babel import gettext, lazy_gettext as _

from testing_server.exam_day.monitor.concerns import Concern, Kind
from testing_server.preparation.campaigns.rules import MOSCOW, describe_instant

TITLES = {
    Kind.CIPHER: _("Шифр не получен, а работа уже может начаться"),
    Kind.SILENT: _("Школа молчит в день работы"), Kind.INCIDENT: _("Происшествия на сеансах"),
    Kind.PACKAGE: _("Пакет с ответами не пришёл"), Kind.FORM: _("Форма результатов не загружена"),
}
ACTS = {
    Kind.CIPHER: _("Позвоните в школу; без связи шифр выдают по телефону два координатора."),
    Kind.SILENT: _("Позвоните в школу: сеанс идёт и без связи, но знать об этом должен человек."),
    Kind.INCIDENT: _(
        "Откройте сеанс и спросите организатора, что нужно: пересадить, добавить время, резервный день."),
    Kind.PACKAGE: _("Попросите закрыть сеанс и отправить пакет; без связи его привозят на носителе."),
    Kind.FORM: _("Напомните школе загрузить форму; после срока она идёт по правилу опоздавших."),
}


def describe_concern(concern: Concern, zone: str) -> str:
    """One sentence. `zone`: of the school."""
    local = describe_instant(concern.at_ms, zone)
    if concern.kind is Kind.CIPHER:
        return gettext("«%(what)s»: шифр не получен, окно открылось %(at)s по времени школы.", what=concern.what,
                       at=local)
    if concern.kind is Kind.SILENT:
        return gettext("На связи не была с %(at)s по времени школы.", at=local) if concern.at_ms else gettext(
            "На связи не была ни разу.")
    if concern.kind is Kind.INCIDENT:
        return _describe_incident(concern)
    if concern.kind is Kind.PACKAGE:
        return _describe_package(concern, local)
    return _describe_form(concern)


def _describe_incident(concern: Concern) -> str:
    if concern.is_late:
        return gettext("Аудитория %(room)s: есть прерванные места или записи, которых не слышно.", room=concern.what)
    return gettext("Аудитория %(room)s: записано происшествий: %(count)s.", room=concern.what, count=concern.count)


def _describe_package(concern: Concern, local: str) -> str:
    if concern.what:
        return gettext("Аудитория %(room)s закончила %(at)s, пакета нет.", room=concern.what, at=local)
    return gettext("Окно закрылось %(at)s, о сеансах ничего не сообщалось, пакетов нет.", at=local)


def _describe_form(concern: Concern) -> str:
    due = describe_instant(concern.at_ms, MOSCOW)
    if concern.is_late:
        return gettext("«%(what)s»: срок истёк %(at)s по Москве.", what=concern.what, at=due)
    return gettext("«%(what)s»: срок %(at)s по Москве.", what=concern.what, at=due)
