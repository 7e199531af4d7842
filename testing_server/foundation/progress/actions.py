"""Posting progress. Takes a session; keeps the newest word for each step and work, and the school's line of all."""
from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.orm import Session

from testing_server.foundation.progress.records import ProgressLineRecord, ProgressRecord, SchoolContactRecord
from testing_server.foundation.progress.rules import State, Step, change_line, join_states
from testing_server.foundation.storage.inserting import choose_insert

ALL_CAMPAIGNS = ""
CONTACT_EVERY_MS = 30_000
# campaign -> line, of one school
_Lines: TypeAlias = dict[str, ProgressLineRecord]
# (school, step) -> (campaign, work) -> what is said
_Said: TypeAlias = dict[tuple[str, Step], dict[tuple[str, str], ProgressRecord]]


@dataclass(frozen=True)
class Word:
    """What is said of a step; see post_progress for each."""

    school: str
    campaign: str
    work: str
    step: str
    state: str


def post_progress(session: Session, school: str, campaign: str, work: str, step: str, state: str, at_ms: int) -> None:
    """The newest word on a step of a school; an older one never replaces a newer, a repeated one changes nothing.

    `campaign`: "" for what holds in every campaign. `work`: which of several, as an assessment or a sitting ("" for a
    step that is one whole); what was posted of the same work while its campaign was not known moves to the campaign.
    `at_ms`: the hub's own moment of writing (Unix ms). Raises ValueError for a step or state that rules.py does not
    name. Two postings for one school wait for each other until their transactions end.
    """
    post_words(session, [Word(school, campaign, work, step, state)], at_ms)


def post_words(session: Session, words: Sequence[Word], at_ms: int) -> None:
    """The same for many words with a few statements; schools are locked in the order of their ids."""
    for word in words:
        Step(word.step), State(word.state)
    schools = sorted({word.school for word in words})
    lines = _lock_lines(session, schools, words)
    _leave_all_campaigns(session, words)
    said = _write_words(session, schools, words, at_ms)
    for school, step in {(word.school, Step(word.step)): None for word in words}:
        _write_letter(lines[school], said[school, step], step, at_ms)
    session.flush()


def note_contact(session: Session, school: str, at_ms: int) -> None:
    """The school was heard of now; written at most every CONTACT_EVERY_MS."""
    note_contacts(session, {school}, at_ms)


def note_contacts(session: Session, schools: Collection[str], at_ms: int) -> None:
    """The same for many schools with three statements at the most."""
    known = {school: last_ms for school, last_ms in session.execute(
        select(SchoolContactRecord.school, SchoolContactRecord.at_ms).where(SchoolContactRecord.school.in_(schools)))}
    fresh = [{"school": school, "at_ms": at_ms} for school in sorted(schools) if school not in known]
    due = sorted(school for school, last_ms in known.items() if at_ms - last_ms >= CONTACT_EVERY_MS)
    if fresh:
        _insert_new(session, SchoolContactRecord, fresh)
    if due:
        session.execute(update(SchoolContactRecord).where(SchoolContactRecord.school.in_(due)).values(at_ms=at_ms))


def _lock_lines(session: Session, schools: Sequence[str], words: Sequence[Word]) -> dict[str, _Lines]:
    """All lines of the schools, locked in one order; a campaign's line begins as that of all campaigns."""
    found = _read_whole_lines(session, schools)
    if fresh := [school for school in schools if school not in found]:
        _insert_new(session, ProgressLineRecord, [
            {"school": school, "campaign": ALL_CAMPAIGNS, "line": "", "changed_at_ms": 0} for school in fresh])
        found |= _read_whole_lines(session, fresh)
    for row in session.scalars(select(ProgressLineRecord).where(
            ProgressLineRecord.school.in_(schools), ProgressLineRecord.campaign != ALL_CAMPAIGNS)
            .execution_options(populate_existing=True)):
        found[row.school][row.campaign] = row
    for word in words:
        lines = found[word.school]
        if word.campaign not in lines:
            lines[word.campaign] = ProgressLineRecord(
                school=word.school, campaign=word.campaign, line=lines[ALL_CAMPAIGNS].line, changed_at_ms=0)
            session.add(lines[word.campaign])
    return found


def _read_whole_lines(session: Session, schools: Sequence[str]) -> dict[str, _Lines]:
    rows = session.scalars(select(ProgressLineRecord).where(
        ProgressLineRecord.school.in_(schools), ProgressLineRecord.campaign == ALL_CAMPAIGNS)
        .order_by(ProgressLineRecord.school).with_for_update().execution_options(populate_existing=True))
    return {row.school: {ALL_CAMPAIGNS: row} for row in rows}


def _leave_all_campaigns(session: Session, words: Sequence[Word]) -> None:
    """What was said of these works while their campaign was not known is taken back."""
    for step in sorted({Step(word.step) for word in words}):
        known = [(word.school, word.work) for word in words
                 if word.step == step and word.work and word.campaign != ALL_CAMPAIGNS]
        if known:
            session.execute(delete(ProgressRecord).where(
                ProgressRecord.school.in_({school for school, _work in known}), ProgressRecord.step == step,
                ProgressRecord.campaign == ALL_CAMPAIGNS,
                tuple_(ProgressRecord.school, ProgressRecord.work).in_(known)))


def _write_words(session: Session, schools: Sequence[str], words: Sequence[Word], at_ms: int) -> _Said:
    """Gives all that is said now of the steps of these words."""
    said: _Said = {(word.school, Step(word.step)): {} for word in words}
    for row in session.scalars(select(ProgressRecord).where(
            ProgressRecord.school.in_(schools), ProgressRecord.step.in_({step for _school, step in said}))):
        said.setdefault((row.school, Step(row.step)), {})[row.campaign, row.work] = row
    for word in words:
        rows, key = said[word.school, Step(word.step)], (word.campaign, word.work)
        if key not in rows:
            rows[key] = ProgressRecord(school=word.school, campaign=word.campaign, step=Step(word.step),
                                       work=word.work, state=State(word.state), at_ms=at_ms)
            session.add(rows[key])
        elif at_ms >= rows[key].at_ms:
            rows[key].state, rows[key].at_ms = State(word.state), at_ms
    return said


def _write_letter(lines: _Lines, said: Mapping[tuple[str, str], ProgressRecord], step: Step, at_ms: int) -> None:
    """The letter of the step anew in every line of the school: what is said of all campaigns stands in each."""
    for row in lines.values():
        state = join_states(one.state for (campaign, _work), one in said.items()
                            if campaign in (row.campaign, ALL_CAMPAIGNS))
        line = change_line(row.line, step, state)
        if line != row.line:
            row.line, row.changed_at_ms = line, max(row.changed_at_ms, at_ms)


def _insert_new(session: Session, record: type[ProgressLineRecord] | type[SchoolContactRecord],
                rows: Sequence[Mapping[str, object]]) -> None:
    # two writers may be the first at once: the second waits for the first and then finds its row
    insert = choose_insert(session)
    session.execute(insert(record).on_conflict_do_nothing(), rows)
