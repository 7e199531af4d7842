"""Reading result forms. Takes a session; gives versions, what is known of the candidates, and who has not handed in."""
from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from testing_server.contracts.statements import read_unverified
from testing_server.exam_day.reception.queries import accepted_attempts
from testing_server.outcomes.forms.records import ResultFormRecord
from testing_server.outcomes.forms.rules import FormRow, KnownCandidates
from testing_server.outcomes.forms.works import FormWork, list_owing_schools
from testing_server.preparation.codes.queries import read_codes
from testing_server.preparation.materials.queries import list_archives
from testing_server.preparation.registry.queries import School

LEFT_OUT = frozenset({"assigned", "absent", "spoiled", "transferred"})


@dataclass(frozen=True)
class KeptForm:
    """One version. `at_ms`: Unix ms; `warnings`: [{"cell", "message"}] it was taken with."""

    campaign: str
    work: str
    school: str
    version: int
    rows: tuple[FormRow, ...]
    absent: tuple[str, ...]
    warnings: tuple[dict[str, str], ...]
    source: str
    protocol: str
    timing: str
    results_from: str
    by: str
    at_ms: int


@dataclass(frozen=True)
class SchoolForm:
    """A school and the line of its newest form. `state`: waiting, ready or attention (late)."""

    school: School
    state: str
    rows: int = 0
    by: str = ""
    source: str = ""
    at_ms: int | None = None


def read_form(session: Session, work: FormWork, school: str, version: int | None = None) -> KeptForm | None:
    """The newest version, or the one named; None where there is none."""
    query = _select(work, school)
    query = query.where(ResultFormRecord.is_newest.is_(True)) if version is None else query.where(
        ResultFormRecord.version == version)
    row = session.scalar(query)
    return _describe(row) if row else None


def read_history(session: Session, work: FormWork, school: str) -> list[KeptForm]:
    """All versions, the newest first."""
    return [_describe(row) for row in session.scalars(
        _select(work, school).order_by(ResultFormRecord.version.desc()))]


def list_newest(session: Session, school: str) -> dict[tuple[str, str], KeptForm]:
    """(campaign, work) → the newest form of a school."""
    rows = session.scalars(select(ResultFormRecord).where(
        ResultFormRecord.school == school, ResultFormRecord.is_newest.is_(True)))
    return {(row.campaign, row.work): _describe(row) for row in rows}


def list_forms(session: Session, work: FormWork, schools: list[School]) -> list[SchoolForm]:
    """Every school that owes the form, those that have not handed in too; and whoever handed in unasked."""
    told = {row.school: row for row in session.execute(select(
        ResultFormRecord.school, ResultFormRecord.rows, ResultFormRecord.by, ResultFormRecord.source,
        ResultFormRecord.at_ms, ResultFormRecord.timing).where(
            ResultFormRecord.campaign == work.campaign.id, ResultFormRecord.work == work.id,
            ResultFormRecord.is_newest.is_(True)))}
    owing = {one.id for one in list_owing_schools(session, work, schools)}
    return [_describe_line(one, told.get(one.id)) for one in schools if one.id in owing or one.id in told]


def list_known(session: Session, work: FormWork, school: School) -> KnownCandidates:
    """Codes issued, variants sealed for the school, and which code did which variant."""
    codes = read_codes(session, work.campaign.id, school.id)
    worked = _read_worked(session, work, school.id)
    return KnownCandidates(frozenset({*codes.codes, *codes.reserve, *worked}), _read_variants(session, work, school.id),
                           worked)


def list_blank_rows(session: Session, work: FormWork, school: School) -> list[FormRow]:
    """Lines of a form to be filled: who worked at a computer, then the other codes of the list."""
    worked = _read_worked(session, work, school.id)
    codes = read_codes(session, work.campaign.id, school.id).codes
    listed = [FormRow(code, worked.get(code, ""), {}) for code in codes]
    extra = [FormRow(code, variant, {}) for code, variant in sorted(worked.items()) if code not in codes]
    return [*listed, *extra]


def _read_worked(session: Session, work: FormWork, school: str) -> dict[str, str]:
    attempts = accepted_attempts(session, campaign=work.campaign.id, school=school)
    return {one.code: one.variant for one in attempts
            if one.assessment in work.assessments and one.state not in LEFT_OUT}


def _read_variants(session: Session, work: FormWork, school: str) -> frozenset[str]:
    found: set[str] = set()
    for one in list_archives(session, school, kind="materials"):
        if one.campaign == work.campaign.id and one.assessment in work.assessments:
            found.update(_read_numbers(one.statement))
    return frozenset(found)


def _read_numbers(statement: bytes) -> list[str]:
    """Variants that a statement of ours names; none where it is no statement."""
    try:
        payload: dict[str, Any] = json.loads(read_unverified(statement).payload)
    except ValueError:
        return []
    return [str(one) for one in payload.get("variants", ())]


def _select(work: FormWork, school: str) -> Select[ResultFormRecord]:
    return select(ResultFormRecord).where(
        ResultFormRecord.campaign == work.campaign.id, ResultFormRecord.work == work.id,
        ResultFormRecord.school == school)


def _describe_line(school: School, told: Any) -> SchoolForm:
    if told is None:
        return SchoolForm(school, "waiting")
    state = "ready" if told.timing == "timely" else "attention"
    return SchoolForm(school, state, told.rows, told.by, told.source, told.at_ms)


def _describe(row: ResultFormRecord) -> KeptForm:
    content = json.loads(row.content)
    return KeptForm(
        row.campaign, row.work, row.school, row.version, tuple(FormRow(**one) for one in content["rows"]),
        tuple(content["absent"]), tuple(content["warnings"]), row.source, row.protocol, row.timing, row.results_from,
        row.by, row.at_ms)


def count_handed_in(session: Session, schools: set[str]) -> dict[tuple[str, str], int]:
    """(campaign, work) → how many of these schools have handed in a form."""
    rows = session.execute(select(ResultFormRecord.campaign, ResultFormRecord.work, ResultFormRecord.school).where(
        ResultFormRecord.is_newest.is_(True)))
    counts: defaultdict[tuple[str, str], int] = defaultdict(int)
    for campaign, work, school in rows:
        counts[campaign, work] += school in schools
    return dict(counts)


def count_states(forms: list[SchoolForm]) -> dict[str, int]:
    """State → schools."""
    counts: defaultdict[str, int] = defaultdict(int)
    for one in forms:
        counts[one.state] += 1
    return dict(counts)
