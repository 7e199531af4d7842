"""Posting progress. Takes a session; keeps the newest word for each step and work, and the school's line of all."""
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from testing_server.foundation.progress.records import ProgressLineRecord, ProgressRecord, SchoolContactRecord
from testing_server.foundation.progress.rules import State, Step, change_line, join_states

ALL_CAMPAIGNS = ""
CONTACT_EVERY_MS = 30_000


def post_progress(session: Session, school: str, campaign: str, work: str, step: str, state: str, at_ms: int) -> None:
    """The newest word on a step of a school; an older one never replaces a newer, a repeated one changes nothing.

    `campaign`: "" for what holds in every campaign. `work`: which of several, as an assessment or a sitting ("" for a
    step that is one whole); what was posted of the same work while its campaign was not known moves to the campaign.
    `at_ms`: the hub's own moment of writing (Unix ms). Raises ValueError for a step or state that rules.py does not
    name. Two postings for one school wait for each other until their transactions end.
    """
    step, state = Step(step), State(state)
    _lock_line(session, school, campaign)
    if campaign != ALL_CAMPAIGNS and work:
        _leave_all_campaigns(session, school, work, step)
    row = session.get(ProgressRecord, (school, campaign, step, work))
    if row is None:
        session.add(ProgressRecord(school=school, campaign=campaign, step=step, work=work, state=state, at_ms=at_ms))
    elif at_ms >= row.at_ms:
        row.state, row.at_ms = state, at_ms
    session.flush()
    _write_lines(session, school, step, at_ms)


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


def _leave_all_campaigns(session: Session, school: str, work: str, step: Step) -> None:
    session.execute(delete(ProgressRecord).where(
        ProgressRecord.school == school, ProgressRecord.campaign == ALL_CAMPAIGNS, ProgressRecord.step == step,
        ProgressRecord.work == work))


def _write_lines(session: Session, school: str, step: Step, at_ms: int) -> None:
    """The letter of the step anew in every line of the school: what is said of all campaigns stands in each."""
    said = session.execute(select(ProgressRecord.campaign, ProgressRecord.state).where(
        ProgressRecord.school == school, ProgressRecord.step == step)).all()
    lines = session.scalars(select(ProgressLineRecord).where(ProgressLineRecord.school == school))
    for row in lines:
        state = join_states(word for of, word in said if of in (row.campaign, ALL_CAMPAIGNS))
        line = change_line(row.line, step, state)
        if line != row.line:
            row.line, row.changed_at_ms = line, max(row.changed_at_ms, at_ms)
    session.flush()


def _lock_line(session: Session, school: str, campaign: str) -> None:
    """Locks all lines of the school, in one order; a campaign's line begins as that of all campaigns."""
    if session.get(ProgressLineRecord, (school, ALL_CAMPAIGNS), with_for_update=True) is None:
        _insert_new(session, ProgressLineRecord, [{"school": school, "campaign": ALL_CAMPAIGNS, "line": "",
                                                   "changed_at_ms": 0}])
    whole = session.get_one(ProgressLineRecord, (school, ALL_CAMPAIGNS), with_for_update=True)
    if session.get(ProgressLineRecord, (school, campaign)) is None:
        session.add(ProgressLineRecord(school=school, campaign=campaign, line=whole.line, changed_at_ms=0))
        session.flush()


def _insert_new(session: Session, record: type[ProgressLineRecord] | type[SchoolContactRecord],
                rows: Sequence[Mapping[str, object]]) -> None:
    # two writers may be the first at once: the second waits for the first and then finds its row
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(insert(record).on_conflict_do_nothing(), rows)
