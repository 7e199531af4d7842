"""The sheet of a certificate: one page of paper drawn from a statement, the same bytes for the same statement.

Always in Russian: it is a document, and a sheet in another language would not be the one that was signed for.
"""
from __future__ import annotations

import io
from datetime import UTC, datetime

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from testing_server.contracts.rehearsals import (
    Count, Outcome, Rehearsal, Trial, Verdict, name_certificate, show_number)
from testing_server.exam_day.printing.sheet import WIDTH_MM, Sheet
from testing_server.foundation.fonts import register_pdf_fonts

MARGIN, ROW_MM, MOST_ROWS = 15.0, 6.4, 22
RIGHT = WIDTH_MM - MARGIN
VERDICTS = {
    Verdict.KEPT: ("Всё обещанное сохранено", "Ни одного подтверждённого ответа и ни одной записи не потеряно; "
                   "все роботы закончили работу."),
    Verdict.LOST: ("ПОТЕРЯНО ОБЕЩАННОЕ", "На диске сервера нет того, что было подтверждено. Проводить работу на этом "
                   "сервере нельзя."),
    Verdict.UNFINISHED: ("Репетиция не доведена до конца",
                         "Обещанное не потеряно, но не всё дошло или не все закончили. Причины — ниже."),
}
KINDS = {
    "server-kill": "сервер убит и запущен снова", "seat-kill": "рабочее место убито и запущено снова",
    "link-cut": "кабель места вынут", "disk-full": "диск заполнен", "mic-mute": "микрофон выключен",
    "clock-jump": "часы переведены на сутки", "server-lost": "сервер потерян, работает другой",
}
OUTCOMES = {Outcome.ENDURED: "выдержан", Outcome.STUCK: "НЕ ВЫДЕРЖАН", Outcome.NOT_TRIED: "не пробовали"}
COUNTS = {"answers": "ответы, показанные как сохранённые", "events": "события журналов", "recordings": "записи речи",
          "works": "работы участников", "facts": "команды, происшествия и журнал сеанса"}
COUNT_COLUMNS, TRIAL_COLUMNS = (MARGIN, 110, 138, 166), (MARGIN, 78, 104, 132, 153, 174)


def draw_certificate(rehearsal: Rehearsal, envelope: bytes, signer: str) -> bytes:
    """One page of A4."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    canvas.setTitle("Свидетельство о генеральной репетиции")
    sheet = Sheet(canvas, register_pdf_fonts())
    y = _draw_head(sheet, rehearsal)
    y = _draw_counts(sheet, rehearsal.counts, y + 7)
    y = _draw_trials(sheet, rehearsal.trials, y + 7)
    _draw_notes(sheet, rehearsal, y + 7)
    _draw_foot(sheet, rehearsal, envelope, signer)
    canvas.save()
    return out.getvalue()


def _draw_head(sheet: Sheet, rehearsal: Rehearsal) -> float:
    title, meaning = VERDICTS[Verdict(rehearsal.verdict)]
    material = "демонстрационные материалы" if rehearsal.material == "demonstration" else \
        f"архив {rehearsal.material[:12]}"
    sheet.text(MARGIN, 20, "Свидетельство о генеральной репетиции", 16, sheet.fonts.bold)
    sheet.text(MARGIN, 28, rehearsal.school_name or "Школа не названа", 11, width=RIGHT - MARGIN)
    sheet.text(MARGIN, 34, f"{rehearsal.title}; {material}; мест: {rehearsal.seats}; ход времени ×{rehearsal.pace}", 9,
               width=RIGHT - MARGIN)
    sheet.text(MARGIN, 40, f"{show_moment(rehearsal.began_at_ms)} — {show_moment(rehearsal.ended_at_ms)} "
               "(всемирное время)", 9)
    sheet.line(MARGIN, 44, RIGHT, 44)
    sheet.text(MARGIN, 52, title, 14, sheet.fonts.bold)
    sheet.text(MARGIN, 58, meaning, 9, width=RIGHT - MARGIN)
    return 60


def _draw_row(sheet: Sheet, y: float, columns: tuple[float, ...], cells: tuple[str, ...],
              is_head: bool = False) -> None:
    ends = (*columns[1:], RIGHT)
    for x, end, cell in zip(columns, ends, cells, strict=True):
        sheet.text(x, y, cell, 8.5, sheet.fonts.bold if is_head else "", width=end - x - 2)


def _draw_counts(sheet: Sheet, counts: list[Count], y: float) -> float:
    _draw_row(sheet, y, COUNT_COLUMNS, ("Что", "Отправлено", "Сохранено", "Потеряно"), is_head=True)
    for count in counts[:MOST_ROWS]:
        y += ROW_MM
        _draw_row(sheet, y, COUNT_COLUMNS, (COUNTS.get(count.what, count.what), str(count.sent), str(count.kept),
                                            str(count.lost)))
    return y


def _draw_trials(sheet: Sheet, trials: list[Trial], y: float) -> float:
    _draw_row(sheet, y, TRIAL_COLUMNS, ("Сбой", "Где", "Исход", "Длился", "Вернулись", "На пульте"), is_head=True)
    for trial in trials[:MOST_ROWS]:
        y += ROW_MM
        where = {"server": "сервер", "": "—"}.get(trial.where, f"место {trial.where}")
        _draw_row(sheet, y, TRIAL_COLUMNS, (KINDS.get(trial.kind, trial.kind), where, OUTCOMES[Outcome(trial.outcome)],
                                            show_s(trial.away_ms or None), show_s(trial.return_ms),
                                            show_s(trial.noticed_ms)))
        if trial.reason:
            y += ROW_MM - 2
            sheet.text(MARGIN + 4, y, trial.reason, 7.5, width=RIGHT - MARGIN - 4)
    return y


def _draw_notes(sheet: Sheet, rehearsal: Rehearsal, y: float) -> None:
    speed = rehearsal.speed
    notes = [
        f"С диска места на диск сервера, вместе со сбоями: обычно {show_s(speed.median_ms)}, "
        f"95 из 100 — {show_s(speed.p95_ms)}, дольше всего {show_s(speed.longest_ms)}.",
        "Роботы работали на компьютере сервера с настоящей программой рабочего места; компьютеры класса, их гарнитуры"
        if rehearsal.one_machine else "Роботы работали на компьютерах класса.",
        "и сеть этим не проверены. «Не пробовали» не значит «выдержан»." if rehearsal.one_machine else "",
        *rehearsal.troubles[:4]]
    for note in notes:
        sheet.text(MARGIN, y, note, 8, width=RIGHT - MARGIN)
        y += 4.5


def _draw_foot(sheet: Sheet, rehearsal: Rehearsal, envelope: bytes, signer: str) -> None:
    name = name_certificate(envelope)
    sheet.line(MARGIN, 262, RIGHT, 262)
    sheet.qr(MARGIN, 265, 24, f"testing-server rehearsal {name} {signer} {rehearsal.verdict}")
    for line, text in enumerate((
            f"Номер: {show_number(name)}", f"SHA-256 подписанного: {name[:32]}", f"{'':22}{name[32:]}",
            f"Ключ подписи: {signer}", f"Проверить: testing-server verify-certificate ФАЙЛ   (версия "
            f"{rehearsal.software})")):
        sheet.text(MARGIN + 30, 269 + line * 4.6, text, 8, sheet.fonts.mono if line in (1, 2, 3) else "")


def show_moment(at_ms: int) -> str:
    """As printed, in universal time."""
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%d.%m.%Y %H:%M}"


def show_s(ms: int | None) -> str:
    """Seconds with one digit, "—" for nothing."""
    return "—" if ms is None else f"{ms / 1000:.1f} с".replace(".", ",")
