"""Experts' lists: typed or uploaded, one line a person and subject. One verb, one transaction, one audit line."""
from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from testing_server.foundation.audit import append_audit
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.workbooks.cells import parse_choice
from testing_server.foundation.workbooks.reading import Column, Table, read_table
from testing_server.foundation.workbooks.writing import Sheet, SheetColumn, write_form
from testing_server.preparation.people.queries import ListedExpert
from testing_server.preparation.people.records import ListedExpertRecord
from testing_server.preparation.people.rules import STATUSES, SUBJECTS, NotBelow, name_subject
from testing_server.preparation.registry.rules import is_within

CHAIN = "hub"
SHEET = "Эксперты"
INSTRUCTION = (
    "Список экспертов по предметам",
    "1. Один человек и один предмет — одна строка. Кто проверяет два предмета, тот стоит дважды.",
    "2. Предмет выберите из списка: " + ", ".join(SUBJECTS.values()) + ".",
    "3. Статус: " + ", ".join(STATUSES.values()) + ". Пусто — основной.",
    "4. «Логин школы» — где эксперт работает: работы этой школы ему не достанутся. Не в школе — оставьте пустым.",
    "5. «Логин эксперта» — его учётная запись на этом сервере, если она уже есть.",
    "6. Загрузка добавляет и обновляет строки, никого не удаляет. При ошибке в любой ячейке не меняется ничего.",
)


class ListWrong(Refusal):
    code = "experts_list_wrong"
    status = 422
    message = _("В списке есть ошибки, ничего не записано.")
    safe = _("Прежний список цел.")
    remedy = _("Исправьте названные ячейки и загрузите файл снова.")


@dataclass(frozen=True)
class ExpertLine:
    """What is typed or stands in one line of a workbook."""

    name: str
    subject: str
    status: str
    region: str
    municipality: str
    school_login: str
    account: str


COLUMNS = (
    Column("name", "Фамилия, имя, отчество", width=40),
    Column("subject", "Предмет", parse_choice({name: key for key, name in SUBJECTS.items()}), width=24),
    Column("status", "Статус", parse_choice({name: key for key, name in STATUSES.items()}), required=False,
           empty="ordinary", width=14),
    Column("region", "Регион", width=32),
    Column("municipality", "Муниципалитет", required=False, width=32),
    Column("school_login", "Логин школы", required=False, width=16),
    Column("account", "Логин эксперта", required=False, width=20),
)


def read_expert_list(content: bytes, territory: str | None) -> tuple[list[ExpertLine], Table]:
    """Lines, and the table with what is wrong by cell. Raises NotAWorkbook."""
    table = read_table(content, COLUMNS, SHEET)
    for row in table.rows:
        if not is_within(territory, _place(row.values["region"], row.values["municipality"])):
            table.add_finding(row.cells["region"], _("эксперт не из вашей территории: %(region)s",
                                                     region=row.values["region"]))
    return [ExpertLine(**row.values) for row in table.rows], table


def list_people(session: Session, now_ms: int, lines: Sequence[ExpertLine], territory: str | None, by: str) -> int:
    """Adds and updates; returns how many lines are new. Raises NotBelow, ListWrong."""
    fresh = 0
    for line in lines:
        if not is_within(territory, _place(line.region, line.municipality)):
            raise NotBelow()
        if not line.name.strip() or line.subject not in SUBJECTS or line.status not in STATUSES:
            raise ListWrong()
        fresh += _keep(session, now_ms, line, by)
    append_audit(session, now_ms, CHAIN, by, "experts_listed", territory or "", {"lines": len(lines), "new": fresh})
    return fresh


def strike_expert(session: Session, now_ms: int, expert: str, territory: str | None, by: str) -> None:
    """Takes one line out. Raises NotBelow for one of elsewhere; one that is gone is no error."""
    row = session.get(ListedExpertRecord, expert)
    if row is None:
        return
    if not is_within(territory, _place(row.region, row.municipality)):
        raise NotBelow()
    session.execute(delete(ListedExpertRecord).where(ListedExpertRecord.id == expert))
    append_audit(session, now_ms, CHAIN, by, "expert_struck", expert, {"subject": row.subject})


def write_expert_list(experts: Sequence[ListedExpert]) -> bytes:
    """The list as it is, to be completed and sent back."""
    choices = {"subject": tuple(SUBJECTS.values()), "status": tuple(STATUSES.values())}
    columns = [SheetColumn(one.heading, one.width, choices.get(one.key, ())) for one in COLUMNS]
    rows = [[one.name, name_subject(one.subject), STATUSES.get(one.status, one.status), one.region, one.municipality,
             one.school_login, one.account] for one in experts]
    return write_form(INSTRUCTION, [Sheet(SHEET, columns, rows)])


def _keep(session: Session, now_ms: int, line: ExpertLine, by: str) -> bool:
    record = ListedExpertRecord
    name, region = line.name.strip()[:200], line.region.strip()[:200]
    row = session.scalars(select(record).where(
        record.region == region, record.subject == line.subject, record.name == name,
        record.school_login == line.school_login.strip().lower()[:40]).limit(1)).first()
    is_new = row is None
    if row is None:
        row = record(id=str(uuid.uuid4()), region=region, subject=line.subject, name=name,
                     school_login=line.school_login.strip().lower()[:40])
        session.add(row)
    row.municipality, row.status = line.municipality.strip()[:200], line.status
    row.account, row.listed_by, row.listed_at_ms = line.account.strip().lower()[:80], by, now_ms
    session.flush()
    return is_new


def _place(region: str, municipality: str) -> str:
    return f"{region.strip()}/{municipality.strip()}" if municipality.strip() else region.strip()
