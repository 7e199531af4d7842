"""Claims that are met: a higher one ends this server's lead of the sitting for good. Envelopes in, records out."""
from __future__ import annotations

import logging
from collections.abc import Iterable

from sqlalchemy.orm import Session

from testing_server.contracts.claims import Claim, read_claim
from testing_server.contracts.refusals import BadStatement
from testing_server.exam_day.recovery.records import ClaimRecord
from testing_server.exam_day.sittings.actions import move_sitting
from testing_server.exam_day.sittings.records import SittingRecord
from testing_server.exam_day.sittings.rules import FENCED

log = logging.getLogger(__name__)
ENDED = frozenset({FENCED, "purged", "cancelled"})


def read_claims(envelopes: Iterable[str], school_key: bytes | None) -> list[tuple[Claim, str]]:
    """Those the school's key signed; others are not worth a word to whoever brought them."""
    found = []
    for envelope in envelopes if school_key else ():
        try:
            found.append((read_claim(envelope.encode(), school_key or b""), envelope))
        except BadStatement as error:
            log.info("a claim is not taken: %s", error)
    return found


def meet_claims(session: Session, now_ms: int, claims: Iterable[tuple[Claim, str]]) -> list[str]:
    """Step back from every sitting that a higher claim leads; returns those sittings."""
    fenced = []
    for claim, envelope in claims:
        sitting = session.get(SittingRecord, claim.sitting)
        if sitting is None or claim.generation <= sitting.generation:
            continue
        session.merge(ClaimRecord(sitting=claim.sitting, generation=claim.generation, envelope=envelope,
                                  met_at_ms=now_ms))
        if sitting.state not in ENDED:
            move_sitting(session, now_ms, sitting, FENCED, "server", generation=claim.generation,
                         instance=claim.instance)
            fenced.append(sitting.id)
    return fenced


def is_news(session: Session, claims: Iterable[tuple[Claim, str]]) -> bool:
    """Whether any of them is above what this server knows: most hellos bring none."""
    for claim, _ in claims:
        sitting = session.get(SittingRecord, claim.sitting)
        if sitting is not None and claim.generation > sitting.generation and session.get(
                ClaimRecord, (claim.sitting, claim.generation)) is None:
            return True
    return False
