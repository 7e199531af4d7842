"""The school's line to the hub. Takes the school's record and key; gives a signed-in HubLink."""
from __future__ import annotations

from flask_babel import lazy_gettext as _

from testing_server.exam_day.school.queries import School
from testing_server.foundation.refusals import Refusal
from testing_server.preparation.hub_link import HubLink
from testing_server.preparation.school_key import SchoolKey


class NotEnrolled(Refusal):
    code = "not_enrolled"
    status = 409
    message = _("Сервер ещё не подключён к региональному серверу.")
    safe = _("Сеансы и ответы от этого не зависят.")
    remedy = _("Подключите его на странице «Подключение» по файлу координатора или загрузите файлы с флешки.")


def open_hub_link(school: School | None, key: SchoolKey | None = None) -> HubLink:
    """The line, signed in when a key is given. Raises NotEnrolled, HubAway, HubRefused, AnswerNotTrusted."""
    if school is None or not school.hub_url or not school.is_enrolled:
        raise NotEnrolled()
    link = HubLink(school.hub_url, school.root_fingerprint, certificate=school.certificate.encode(),
                   hub_keys=school.hub_keys.encode())
    if key is not None:
        link.open_session(key)
    return link
