"""How long an export is kept and when it is taken for given up. Pure: takes moments; gives words."""
from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal

# a workbook of so many schools takes less than half a second: nobody need wait for a worker
AT_ONCE = 500
KEPT_DAYS = 3
KEPT_MS = KEPT_DAYS * 86_400_000
# the worker tells every second; a queue before it may be long
SILENT_MS = 5 * 60_000
WAITED_MS = 60 * 60_000
MOST_AT_ONCE = 5
WAITING, RUNNING, READY, STOPPED = "waiting", "running", "ready", "stopped"
UNFINISHED = (WAITING, RUNNING)


class TooManyExports(Refusal):
    code = "too_many_exports"
    status = 429
    message = _("Вам уже готовится несколько файлов.")
    remedy = _("Дождитесь их: они в списке на этой странице.")


class ExportNotReady(Refusal):
    code = "export_not_ready"
    status = 409
    message = _("Этот файл ещё не готов.")
    remedy = _("Дождитесь, пока страница предложит его скачать.")


def is_given_up(state: str, changed_at_ms: int, now_ms: int) -> bool:
    """Whether nobody can be at it any more: it may be asked for again."""
    patience_ms = {WAITING: WAITED_MS, RUNNING: SILENT_MS}.get(state)
    return state == STOPPED or patience_ms is not None and now_ms - changed_at_ms > patience_ms


def is_over(asked_at_ms: int, now_ms: int) -> bool:
    """Whether its days are over: from then on it is offered to nobody, deleted or not."""
    return now_ms >= asked_at_ms + KEPT_MS
