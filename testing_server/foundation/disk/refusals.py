"""What a server with little room left answers to what can wait. Takes nothing; gives refusals by reason."""
from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal


class DiskScarce(Refusal):
    code = "disk_scarce"
    status = 507
    message = _("На диске сервера меньше 500 МБ: это действие отложено, место оставлено ответам и звуку.")
    safe = _("Ответы и звук принимаются как обычно.")
    remedy = _("Освободите место на диске сервера или отдайте запас на странице «Сегодня», потом повторите.")


class SoundWaits(Refusal):
    """As when the disk itself refuses: workstations know this code and keep the sound until it is taken."""

    code = "storage_full"
    status = 507
    message = _("На диске сервера осталось место только для ответов.")
    safe = _("Звук цел на рабочих местах и придёт, когда появится место.")
    remedy = _("Освободите место на диске сервера или отдайте запас на странице «Сегодня».")
