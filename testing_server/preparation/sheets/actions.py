"""Keeping a version of a sheet. Takes a session inside somebody's action, which writes the audit line."""
from __future__ import annotations

import json
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


def keep_sheet(session: Session, now_ms: int, campaign: str, kind: str, school: str, content: dict[str, Any],
               author: Author, *, verb: str = "filled", confirmed: int = 0, seen: int | None = None) -> Sheet:
    """A new version; the same content said again makes none, unless it has more steps behind it.

    `seen`: the version its writer looked at (0: none yet), None where that does not matter. Raises SheetChanged.
    """
    newest = session.scalar(select(SheetRecord).where(
        SheetRecord.campaign == campaign, SheetRecord.kind == kind, SheetRecord.school == school,
        SheetRecord.is_newest.is_(True)).with_for_update())
    version = newest.version if newest else 0
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    # before the question of who was first: a button pressed twice is no quarrel
    if newest is not None and newest.content == text and newest.confirmed >= confirmed:
        return describe_sheet(newest)
    if seen is not None and seen != version:
        raise SheetChanged(details={"seen": seen, "newest": version})
    if newest is not None:
        newest.is_newest = False
    row = SheetRecord(campaign=campaign, kind=kind, school=school, version=version + 1, content=text, verb=verb,
                      level=author.level, by=author.by, at_ms=now_ms, confirmed=confirmed, is_newest=True,
                      shape=compute_shape(content))
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        # of a first version there is no row to lock: on PostgreSQL two may write it at once
        raise SheetChanged(details={"newest": version + 1}) from error
    return describe_sheet(row)
