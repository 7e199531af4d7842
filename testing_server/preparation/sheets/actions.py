"""Keeping versions of sheets. Takes a session inside somebody's action, which writes the audit line."""
from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from testing_server.foundation.refusals import Refusal
from testing_server.preparation.sheets.queries import Sheet, describe_sheet
from testing_server.preparation.sheets.records import SheetRecord
from testing_server.preparation.sheets.rules import compute_shape


class SheetChanged(Refusal):
    """Two people at one sheet: the second one has not seen what the first one wrote."""

    code = "sheet_changed"
    status = 409
    message = _("Пока вы заполняли, это уже изменил кто-то другой.")
    safe = _("Сохранено то, что прислали раньше; ваше не записано.")
    remedy = _("Откройте страницу заново, посмотрите историю и внесите своё ещё раз.")


@dataclass(frozen=True)
class Author:
    """Who writes: a login, and the level it acts at."""

    by: str
    level: str


@dataclass(frozen=True)
class Draft:
    """What a sheet is to say from now on."""

    school: str
    content: dict[str, Any]
    verb: str
    confirmed: int


def keep_sheet(session: Session, now_ms: int, campaign: str, kind: str, school: str, content: dict[str, Any],
               author: Author, *, verb: str = "filled", confirmed: int = 0, seen: int | None = None) -> Sheet:
    """A new version; the same content said again makes none, unless it has more steps behind it.

    `seen`: the version its writer looked at (0: none yet), None where that does not matter. Raises SheetChanged.
    """
    newest = next(iter(_lock_newest(session, campaign, kind, [school])), None)
    version = newest.version if newest else 0
    draft = Draft(school, content, verb, confirmed)
    # before the question of who was first: a button pressed twice is no quarrel
    if newest is not None and _says_nothing_new(newest, draft):
        return describe_sheet(newest)
    if seen is not None and seen != version:
        raise SheetChanged(details={"seen": seen, "newest": version})
    row = _add_version(session, now_ms, campaign, kind, newest, draft, author)
    _flush(session)
    return describe_sheet(row)


def keep_sheets(session: Session, now_ms: int, campaign: str, kind: str, drafts: Sequence[Draft],
                author: Author) -> dict[str, int]:
    """The same for many schools with a few statements; school -> steps behind what stands now. Raises SheetChanged."""
    stands = {row.school: row for row in _lock_newest(session, campaign, kind, [one.school for one in drafts])}
    for draft in drafts:
        newest = stands.get(draft.school)
        if newest is None or not _says_nothing_new(newest, draft):
            stands[draft.school] = _add_version(session, now_ms, campaign, kind, newest, draft, author)
    _flush(session)
    return {school: row.confirmed for school, row in stands.items()}


def lock_sheets(session: Session, campaign: str, kind: str, schools: Sequence[str]) -> None:
    """What is read of these sheets from now on stands until the transaction ends."""
    _lock_newest(session, campaign, kind, schools)


def _lock_newest(session: Session, campaign: str, kind: str, schools: Sequence[str]) -> list[SheetRecord]:
    """In one order, so that two who lock many wait for each other."""
    return list(session.scalars(select(SheetRecord).where(
        SheetRecord.campaign == campaign, SheetRecord.kind == kind, SheetRecord.school.in_(schools),
        SheetRecord.is_newest.is_(True)).order_by(SheetRecord.school).with_for_update()))


def _says_nothing_new(newest: SheetRecord, draft: Draft) -> bool:
    return newest.content == _write_content(draft) and newest.confirmed >= draft.confirmed


def _write_content(draft: Draft) -> str:
    return json.dumps(draft.content, ensure_ascii=False, sort_keys=True)


def _add_version(session: Session, now_ms: int, campaign: str, kind: str, newest: SheetRecord | None, draft: Draft,
                 author: Author) -> SheetRecord:
    if newest is not None:
        newest.is_newest = False
    row = SheetRecord(campaign=campaign, kind=kind, school=draft.school, version=newest.version + 1 if newest else 1,
                      content=_write_content(draft), verb=draft.verb, level=author.level, by=author.by, at_ms=now_ms,
                      confirmed=draft.confirmed, is_newest=True, shape=compute_shape(draft.content))
    session.add(row)
    return row


def _flush(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        # of a first version there is no row to lock: on PostgreSQL two may write it at once
        raise SheetChanged() from error
