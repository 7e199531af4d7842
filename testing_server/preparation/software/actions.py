"""Offering a file to the schools of a campaign and taking it back. One verb, one transaction, one audit line."""
from __future__ import annotations

import hashlib
from typing import get_args

import gevent
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from testing_server.foundation.audit import append_audit
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import Services
from testing_server.preparation.campaigns.rules import MOSCOW, Campaign, compute_software_due
from testing_server.preparation.materials.pace import SoftwareLate, check_in_time
from testing_server.preparation.software.queries import LyingFile, UnknownFile, find_lying, list_zones
from testing_server.preparation.software.records import OfferedFileRecord
from testing_server.preparation.software.rules import Kind


class BadKind(Refusal):
    code = "bad_kind"
    status = 422
    message = _("Не сказано, программы это или материалы тренировки.")


def offer_file(offered: Services, campaign: Campaign, name: str, kind: str, late_reason: str, by: str) -> None:
    """From now on schools may download it; once more for a file that was replaced.

    Raises UnknownFile, BadKind, SoftwareLate.
    """
    if kind not in get_args(Kind):
        raise BadKind()
    lying, now_ms = find_lying(offered.settings.data, name), offered.clock.now_ms()
    with offered.storage.read() as session:
        due_ms = find_due(session, campaign)
    late = check_in_time(now_ms, due_ms, late_reason, SoftwareLate)
    # a gigabyte is read in another thread, so that nobody else waits for it
    sha256 = gevent.get_hub().threadpool.apply(hash_file, (lying,))

    def act(session: Session) -> None:
        session.merge(OfferedFileRecord(
            campaign=campaign.id, name=name, kind=kind, size_bytes=lying.size_bytes, sha256=sha256, by=by,
            offered_at_ms=now_ms, due_ms=due_ms, late_reason=late))
        append_audit(session, now_ms, "hub", by, "software_offered", f"{campaign.id}:{name}",
                     {"kind": kind, "sha256": sha256, "due_ms": due_ms, "late": late})
    offered.storage.write(act)


def take_back(session: Session, now_ms: int, campaign: str, name: str, by: str) -> None:
    """Schools see it no longer; the file stays where it lies. Raises UnknownFile."""
    row = session.get(OfferedFileRecord, (campaign, name))
    if row is None:
        raise UnknownFile()
    session.delete(row)
    append_audit(session, now_ms, "hub", by, "software_taken_back", f"{campaign}:{name}", {"sha256": row.sha256})


def find_due(session: Session, campaign: Campaign) -> int | None:
    """Until when this hub must have offered it: the day ends in the east first. None for no rule."""
    dues = [compute_software_due(campaign, zone) for zone in list_zones(session) or [MOSCOW]]
    return min((due for due in dues if due is not None), default=None)


def hash_file(lying: LyingFile) -> str:
    """SHA-256, hex."""
    with lying.path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
