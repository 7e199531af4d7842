"""The protocol and the incident report in words. Takes facts of a sitting; gives documents to print: codes only."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext as _

from testing_server.contracts.packages import Balance
from testing_server.contracts.receipt_code import show_receipt_code
from testing_server.exam_day.console.incident_words import tell_incident
from testing_server.exam_day.console.times import show_clock, show_moment, show_span
from testing_server.exam_day.console.words import ATTEMPT_STATES, COMMANDS
from testing_server.exam_day.reports.paper import Document, Grid
from testing_server.exam_day.reports.queries import Candidate, Happening, Papers
from testing_server.exam_day.sittings.records import SittingRecord

# commands that a protocol counts; starting, messages and the like say nothing of how the work went
COUNTED = ("pause", "resume", "extra_time", "credit", "repeat_item", "next_item", "move", "finish", "reopen")


@dataclass(frozen=True)
class About:
    """The sitting as papers name it; `zone`: of the school, for times."""

    sitting: SittingRecord
    title: str
    school: str
    zone: str
    balance: Balance
    software: str
    printed_at_ms: int

    def clock(self, at_ms: int | None) -> str:
        return show_clock(at_ms, self.zone) if at_ms else "—"

    def moment(self, at_ms: int | None) -> str:
        return show_moment(at_ms, self.zone) if at_ms else "—"


def write_protocol(about: About, papers: Papers) -> Document:
    """The protocol of the sitting."""
    heads = (_("Код"), _("Место"), _("Вариант"), _("Итог"), _("Время"), _("Ответы"), _("Речь"), _("Код квитанции"))
    rows = [_tell_candidate(one) for one in papers.candidates]
    reasons = [(one.code, str(ATTEMPT_STATES[one.state]), one.reason) for one in papers.candidates if one.reason]
    grids = [Grid(_("Участники"), heads, (.08, .085, .1, .13, .085, .09, .105, .325), rows, _("Никого."))]
    if reasons:
        grids.append(Grid(_("Причины"), (_("Код"), _("Итог"), _("Причина")), (.1, .25, .65), reasons))
    return _document(about, papers, "protocol", _("Протокол проведения"), tell_protocol_facts(about, papers), grids)


def tell_protocol_facts(about: About, papers: Papers) -> list[tuple[str, str]]:
    """(label, value) lines; the page shows the same before printing."""
    sitting, balance = about.sitting, about.balance
    commands = [f"{COMMANDS[kind] if kind in COMMANDS else _('возвращён к работе')}: {papers.commands[kind]}"
                for kind in COUNTED if papers.commands[kind]]
    return [
        (_("Открыт вход"), about.moment(sitting.opened_at_ms)),
        (_("Начало работы"), about.moment(sitting.started_at_ms)),
        (_("Сеанс закрыт"), about.moment(sitting.closed_at_ms)), (_("Итог"), tell_balance(balance)),
        (_("Пересаживались"), str(balance.moved)), (_("Нештатных ситуаций"), str(len(papers.happenings))),
        (_("Команды организаторов"), "; ".join(commands) or _("только начало работы")),
        (_("Действовали под логинами"), ", ".join(papers.people) or "—"),
        (_("Программа, поколение сеанса"), f"{about.software}, {sitting.generation // 4096}")]


def tell_balance(balance: Balance) -> str:
    """The equation that must close."""
    told = _("выдано %(issued)s = завершили %(finished)s + отсутствовали %(absent)s + испорчено %(spoiled)s",
             issued=balance.issued, finished=balance.finished, absent=balance.absent, spoiled=balance.spoiled)
    told += _(" + перенесено %(transferred)s", transferred=balance.transferred)
    if balance.missing:
        told += _(" + не завершили %(missing)s", missing=len(balance.missing))
    return told


def _tell_candidate(one: Candidate) -> list[str]:
    doubtful = _("%(count)s, сомнительных %(doubtful)s", count=one.recordings, doubtful=one.recordings_doubtful)
    used = show_span(one.seconds_used) if one.seconds_used else "—"
    extra = f" (+{one.extra_s // 60})" if one.extra_s else ""
    return [one.code, " → ".join(one.seats) or "—", one.variant, str(ATTEMPT_STATES[one.state]), used + extra,
            str(one.answered), doubtful if one.recordings_doubtful else str(one.recordings or "—"),
            show_receipt_code(one.receipt) if one.receipt else "—"]


def write_incident_report(about: About, papers: Papers) -> Document:
    """The incident report."""
    heads = (_("Время"), _("Код"), _("Что случилось и что сделано"), _("Записал"))
    grid = Grid(_("Нештатные ситуации"), heads, (.19, .12, .51, .18),
                [_tell_happening(one, about.clock) for one in papers.happenings], _("Нештатных ситуаций не было."))
    facts = [(_("Всего"), str(len(papers.happenings))), (_("Испорчено работ"), str(about.balance.spoiled)),
             (_("Пересаживались"), str(about.balance.moved))]
    return _document(about, papers, "incidents", _("Акт о нештатных ситуациях"), facts, [grid])


def _tell_happening(one: Happening, clock: Callable[[int | None], str]) -> list[str]:
    span = clock(one.at_ms) + (f"–{clock(one.until_ms)}" if one.until_ms else "")
    by = one.by if ":" not in one.by else _("рабочее место")
    return [span, one.code or _("вся аудитория"), tell_happening(one), by]


def tell_happening(one: Happening) -> str:
    """One sentence: what the system saw, or what a person wrote."""
    if one.kind == "link_lost":
        seconds = ((one.until_ms or one.at_ms) - one.at_ms) // 1000
        return _("Связи с местом не было %(span)s. Ответы хранились на месте и дошли.", span=show_span(seconds))
    if one.kind == "move":
        return _("Участник пересажен, ответы и время перешли на новое место.")
    return tell_incident(one.kind, one.text)


def _document(about: About, papers: Papers, name: str, title: str, facts: list[tuple[str, str]],
              grids: list[Grid]) -> Document:
    sitting = about.sitting
    head = [(_("Школа"), about.school), (_("Работа"), about.title), (_("Аудитория"), sitting.room),
            (_("День"), ".".join(reversed(sitting.day.split("-"))))]
    return Document(
        title, f"{about.title}, {sitting.room}", [*head, *facts], grids, _("Замечания организаторов"),
        papers.remarks.get(name, ""), (_("Организатор в аудитории"), _("Ответственный организатор")),
        _("Составлен сервером аудитории %(when)s по записанным событиям; только коды, без имён.",
          when=about.moment(about.printed_at_ms)), _("стр."),
        _("ТРЕНИРОВКА, НЕ ЗАСЧИТЫВАЕТСЯ") if sitting.training else "")
