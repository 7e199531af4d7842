"""Handing in a result form. One verb, one transaction, one audit line; a form with a finding is not taken at all."""
from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from testing_server.foundation.audit import append_audit
from testing_server.foundation.progress import post_progress
from testing_server.outcomes.forms.queries import KeptForm, list_known, read_form
from testing_server.outcomes.forms.records import ResultFormRecord
from testing_server.outcomes.forms.rules import (
    FormFromMarking, FormRow, FormsClosed, NoForm, ReadForm, check_form)
from testing_server.outcomes.forms.workbooks import FormHead, read_result_form
from testing_server.outcomes.forms.works import FormWork, describe_due
from testing_server.preparation.applications.workbooks import BadWorkbook
from testing_server.preparation.campaigns.rules import FormTiming, judge_form
from testing_server.preparation.registry.queries import School

UPLOADED, EXPERT, MARKING = "uploaded", "expert", "marking"


@dataclass(frozen=True)
class Sender:
    """Who hands in, and how the points came to be (UPLOADED, EXPERT or MARKING); `protocol`: SHA-256 for MARKING."""

    by: str
    source: str = UPLOADED
    protocol: str = ""


def hand_in_form(session: Session, now_ms: int, *, work: FormWork, school: School, content: bytes,
                 sender: Sender) -> KeptForm:
    """A filled-in workbook. The same points again make no new version.

    Raises FormsClosed, FormFromMarking, NoForm, OtherForm, EmptyForm, BadWorkbook, NotAWorkbook and its kin.
    """
    timing = judge_form(work.campaign, work.id, school.zone, now_ms)
    if timing.word == "closed":
        raise FormsClosed()
    if work.shape is None:
        raise NoForm()
    kept = read_form(session, work, school.id)
    if kept is not None and kept.source == MARKING:
        raise FormFromMarking()
    head = FormHead(work.campaign.id, work.id, work.title, school)
    sheet, typed = read_result_form(content, head, work.shape)
    read = check_form(sheet, typed, work.shape, list_known(session, work, school))
    if read.findings:
        raise BadWorkbook(read.findings, read.more)
    return _keep(session, now_ms, work, school, read, timing, sender)


def send_marked_form(session: Session, now_ms: int, *, work: FormWork, school: School, rows: list[FormRow],
                     sender: Sender) -> KeptForm:
    """Points of a signed protocol, without retyping. Never refused for the hour: the hub made it itself."""
    timing = judge_form(work.campaign, work.id, school.zone, now_ms)
    return _keep(session, now_ms, work, school, ReadForm("", rows), timing, sender)


def describe_head(work: FormWork, school: School) -> FormHead:
    """What is said above the table of a school's form."""
    return FormHead(work.campaign.id, work.id, work.title, school, describe_due(work, school.zone))


def _keep(session: Session, now_ms: int, work: FormWork, school: School, read: ReadForm, timing: FormTiming,
          sender: Sender) -> KeptForm:
    kept = read_form(session, work, school.id)
    if kept is not None and list(kept.rows) == read.rows and kept.protocol == sender.protocol:
        return kept
    key = (ResultFormRecord.campaign == work.campaign.id, ResultFormRecord.work == work.id,
           ResultFormRecord.school == school.id)
    version = (session.scalar(select(func.max(ResultFormRecord.version)).where(*key)) or 0) + 1
    session.execute(update(ResultFormRecord).where(*key).values(is_newest=False))
    session.add(ResultFormRecord(
        campaign=work.campaign.id, work=work.id, school=school.id, version=version, content=_write(read),
        rows=len(read.rows), source=sender.source, protocol=sender.protocol, timing=timing.word,
        results_from=timing.results_from.isoformat() if timing.results_from else "", by=sender.by, at_ms=now_ms,
        is_newest=True))
    session.flush()
    append_audit(session, now_ms, f"school:{school.id}", sender.by, "result_form_handed_in", work.campaign.id,
                 {"work": work.id, "version": version, "rows": len(read.rows), "timing": timing.word, **asdict(sender)})
    post_progress(session, school.id, work.campaign.id, work.id, "forms", "ready", now_ms)
    found = read_form(session, work, school.id)
    assert found is not None
    return found


def _write(read: ReadForm) -> str:
    content: dict[str, Any] = {
        "rows": [row.as_json() for row in read.rows], "absent": read.absent,
        "warnings": [{"cell": one.cell, "message": str(one.message)} for one in read.warnings]}
    return json.dumps(content, ensure_ascii=False, sort_keys=True)
