"""Whether a page of a seat without installation is opened in Safe Exam Browser with the settings of this server's file.

Takes the request and what the school chose; raises the refusal. Only the page is asked for a proof: later requests of a
page do not carry one in every version of the browser.
"""
from __future__ import annotations

from flask import Request
from flask_babel import lazy_gettext as _

from testing_server.exam_day.safe_exam_browser.config_key import HEADER, check_config_key
from testing_server.exam_day.safe_exam_browser.exam_file import obtain_kept, read_config_key
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.settings import Settings


class ExamBrowserRequired(Refusal):
    code = "exam_browser_required"
    status = 403
    message = _("Здесь работают только в Safe Exam Browser.")
    remedy = _("Позовите организатора: место открывают файлом exam.seb с пульта.")


class ExamSettingsChanged(Refusal):
    code = "exam_settings_changed"
    status = 403
    message = _("У этого Safe Exam Browser другие настройки.")
    remedy = _("Позовите организатора: откройте на месте свежий файл exam.seb с пульта.")


def check_exam_browser(settings: Settings, request: Request) -> None:
    """Raises ExamSettingsChanged where a proof is wrong, ExamBrowserRequired where one is due and there is none."""
    proof = request.headers.get(HEADER)
    if proof is not None:
        if not check_config_key(request.url, proof, read_config_key(settings)):
            raise ExamSettingsChanged()
    elif obtain_kept(settings).is_required:
        raise ExamBrowserRequired()
