"""Codes and logins of candidates and how they are deleted: the lists that name nobody are made of nothing else."""
from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, select
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from testing_server.foundation.audit import append_audit
from testing_server.preparation.codes.records import CandidateCodeRecord, CandidateLoginRecord
from testing_server.preparation.retention.keepers import Amount, Keeper, register_keeper


def weigh_codes(session: Session, campaign: str, before_ms: int) -> dict[str, Amount]:
    """Codes given out by then, those of the reserve too, and every login of theirs; no file belongs to one."""
    codes = _count(session, CandidateCodeRecord.school, _select_codes(campaign, before_ms))
    logins = _count(session, CandidateLoginRecord.school, _select_logins(campaign, before_ms))
    return {school: Amount(codes.get(school, 0) + logins.get(school, 0)) for school in {*codes, *logins}}


def forget_codes(session: Session, now_ms: int, campaign: str, school: str, before_ms: int,
                 by: str) -> Collection[str]:
    """Logins before the codes they belong to."""
    logins = _delete(session, CandidateLoginRecord, *_select_logins(campaign, before_ms),
                     CandidateLoginRecord.school == school)
    codes = _delete(session, CandidateCodeRecord, *_select_codes(campaign, before_ms),
                    CandidateCodeRecord.school == school)
    if codes or logins:
        append_audit(session, now_ms, f"school:{school}", by, "codes_deleted", campaign,
                     {"codes": codes, "logins": logins})
    return ()


def _select_codes(campaign: str, before_ms: int) -> tuple[ColumnElement[bool], ...]:
    return CandidateCodeRecord.campaign == campaign, CandidateCodeRecord.issued_at_ms <= before_ms


def _select_logins(campaign: str, before_ms: int) -> tuple[ColumnElement[bool], ...]:
    """Of codes given out by then: a login has no time of its own."""
    own = exists().where(*_select_codes(campaign, before_ms), CandidateCodeRecord.school == CandidateLoginRecord.school,
                         CandidateCodeRecord.code == CandidateLoginRecord.code)
    return CandidateLoginRecord.campaign == campaign, own


def _count(session: Session, school: Any, chosen: tuple[ColumnElement[bool], ...]) -> dict[str, int]:
    rows = session.execute(select(school, func.count()).where(*chosen).group_by(school))
    return {place: count for place, count in rows}


def _delete(session: Session, record: type[CandidateCodeRecord] | type[CandidateLoginRecord],
            *chosen: ColumnElement[bool]) -> int:
    gone: CursorResult[Any] = session.execute(  # type: ignore[assignment]
        delete(record).where(*chosen).execution_options(synchronize_session=False))
    return gone.rowcount


def register_keepers() -> None:
    """Once, with the mounts."""
    register_keeper(Keeper("codes", "codes", weigh_codes, forget_codes))
