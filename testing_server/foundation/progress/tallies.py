"""Counts behind a step: what a stage announces of a school's work, and what the board reads of it.

Takes a session and whole counts of one work, never differences: told twice they are the same.
"""
from collections.abc import Mapping
from dataclasses import astuple, dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from testing_server.foundation.progress.records import TallyRecord
from testing_server.foundation.progress.rules import Step
from testing_server.foundation.storage.inserting import choose_insert


@dataclass(frozen=True)
class Tally:
    """`thirds` are part of `done`, `thirds_left` of `left`."""

    done: int = 0
    left: int = 0
    thirds: int = 0
    thirds_left: int = 0

    @property
    def all(self) -> int:
        """Everything there is to do."""
        return self.done + self.left

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(one + two for one, two in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True)
class TallyKey:
    """Whose counts they are: of one work of a school."""

    school: str
    campaign: str
    step: Step
    work: str


def read_tallies(session: Session, key: TallyKey) -> dict[str, Tally]:
    """Who -> what was told last; nought counts as nothing."""
    rows = session.scalars(_select_rows(key))
    found = {row.who: Tally(row.done, row.left, row.thirds, row.thirds_left) for row in rows}
    return {who: tally for who, tally in found.items() if tally != Tally()}


def post_tallies(session: Session, key: TallyKey, topic: str, told: Mapping[str, Tally], at_ms: int) -> None:
    """`told`: who -> counts, of everybody; whoever is not among them has nothing any more."""
    rows = {row.who: row for row in session.scalars(_select_rows(key))}
    fresh = [{**vars(key), "who": who, "topic": topic, **vars(told[who]), "changed_at_ms": at_ms}
             for who in sorted(told.keys() - rows.keys())]
    if fresh:
        # two processes may tell the same at once
        insert = choose_insert(session)
        session.execute(insert(TallyRecord).on_conflict_do_nothing(), fresh)
    for who, row in sorted(rows.items()):
        tally = told.get(who, Tally())
        if (row.done, row.left, row.thirds, row.thirds_left) != astuple(tally):
            row.done, row.left, row.thirds, row.thirds_left = astuple(tally)
            row.changed_at_ms = at_ms
    session.flush()


def select_sums(campaign: str, step: Step, after_ms: int | None = None) -> Select[str, int, int, int, int]:
    """Part of a larger query: (school, done, left, thirds, thirds_left) of every school counted, or of those of which a
    count changed after that moment."""
    row = TallyRecord
    query = select(
        row.school, func.sum(row.done).label("done"), func.sum(row.left).label("left"),
        func.sum(row.thirds).label("thirds"), func.sum(row.thirds_left).label("thirds_left"),
    ).where(row.campaign == campaign, row.step == step).group_by(row.school)
    # what changed is found by its index: nobody adds up a country every two seconds
    return query if after_ms is None else query.where(
        row.school.in_(select(TallyRecord.school).where(TallyRecord.changed_at_ms > after_ms)))


def select_rows(campaign: str, step: Step) -> Select[str, str, str, str, int, int, int, int]:
    """Part of a larger query: (school, work, topic, who, done, left, thirds, thirds_left)."""
    row = TallyRecord
    return select(row.school, row.work, row.topic, row.who, row.done, row.left, row.thirds, row.thirds_left).where(
        row.campaign == campaign, row.step == step)


def _select_rows(key: TallyKey) -> Select[TallyRecord]:
    return select(TallyRecord).where(
        TallyRecord.school == key.school, TallyRecord.campaign == key.campaign, TallyRecord.step == key.step,
        TallyRecord.work == key.work)
