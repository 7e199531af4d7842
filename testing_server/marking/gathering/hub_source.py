"""A hub's source: accepted packages (reception), criteria released at their hour (release), the hub's own key."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from msgspec import to_builtins
from sqlalchemy import select

from testing_server.contracts.refusals import BadStatement
from testing_server.contracts.statements import sign_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.exam_day.reception.queries import AcceptedAttempt, accepted_attempts
from testing_server.foundation.services import Services
from testing_server.marking.gathering.actions import WorkToMark
from testing_server.marking.gathering.rules import CriteriaBook, HeardRecording, SubmittedAttempt
from testing_server.marking.gathering.sorting import queue_attempts, read_book, sort_attempts
from testing_server.marking.rescoring.queries import Correction, list_applied
from testing_server.marking.review.records import MarkingAttemptRecord, MarkingWorkRecord
from testing_server.marking.review.settling import MarkingRules, read_rules
from testing_server.preparation.campaigns.queries import find_campaign
from testing_server.preparation.campaigns.rules import find_rules
from testing_server.preparation.founding.actions import obtain_keys_of
from testing_server.preparation.hub_keys import read_hub_keys
from testing_server.preparation.registry.queries import read_school
from testing_server.preparation.release.actions import open_criteria
from testing_server.preparation.release.rules import ArchiveForgotten, ArchiveUnknown, NotYet

log = logging.getLogger(__name__)
# These took no part: there is nothing of theirs to mark.
LEFT_OUT = frozenset({"assigned", "absent", "spoiled", "transferred"})


def gather_works(offered: Services) -> int:
    """Brings accepted attempts whose criteria hour has come into the queue; returns how many are new."""
    added = 0
    for archive, attempts in _list_new_attempts(offered).items():
        try:
            folder = open_criteria(offered, archive)
        except NotYet:
            continue
        except ArchiveForgotten:
            log.error("packages name the archive %s, whose files were deleted by their term", archive)
            continue
        except ArchiveUnknown:
            log.error("packages name the archive %s, which this hub did not seal", archive)
            continue
        work = _describe_work(offered, archive, attempts[0], folder)
        added += queue_attempts(offered, work, sort_attempts(work.book, map(describe_attempt, attempts)))
    return added


def _list_new_attempts(offered: Services) -> dict[str, list[AcceptedAttempt]]:
    with offered.storage.read() as session:
        known = set(session.scalars(select(MarkingAttemptRecord.attempt)))
        frozen = set(session.scalars(select(MarkingWorkRecord.archive).where(MarkingWorkRecord.state != "open")))
        accepted = accepted_attempts(session)
    found: dict[str, list[AcceptedAttempt]] = {}
    for one in accepted:
        if one.attempt not in known and one.archive not in frozen and one.state not in LEFT_OUT:
            found.setdefault(one.archive, []).append(one)
    return found


def _describe_work(offered: Services, archive: str, attempt: AcceptedAttempt, folder: Path) -> WorkToMark:
    with offered.storage.read() as session:
        region = read_school(session, attempt.school).region
        applied = list_applied(session, attempt.assessment, region)
    return WorkToMark(archive, attempt.school, attempt.campaign, read_marking_rules(offered, attempt),
                      use_corrections(read_book(folder), applied), region)


def read_marking_rules(offered: Services, attempt: AcceptedAttempt) -> MarkingRules:
    """How the campaign has this work marked."""
    campaign = find_campaign(offered.settings.data, attempt.campaign)
    return read_rules(to_builtins(find_rules(campaign, attempt.assessment).marking))


def describe_attempt(accepted: AcceptedAttempt) -> SubmittedAttempt:
    """What marking needs of an accepted attempt; recordings made after a move do not count."""
    recordings = [HeardRecording(one.item, one.response, one.flac_sha256, one.seconds, one.verdict)
                  for one in accepted.recordings if one.counted and one.flac_sha256]
    return SubmittedAttempt(accepted.attempt, accepted.code, accepted.variant, accepted.package,
                            accepted.responses, recordings)


def use_corrections(book: CriteriaBook, applied: Mapping[str, Correction]) -> CriteriaBook:
    """The book with the keys that were corrected since it was sealed: late answers are scored as the others were."""
    items = {item: applied[item].xml if item in applied else xml for item, xml in book.items.items()}
    return replace(book, items=items, corrections={item: one.id for item, one in applied.items()})


def open_criteria_folder(offered: Services, archive: str) -> Path:
    """Raises NotYet, ArchiveUnknown."""
    return open_criteria(offered, archive)


def sign_protocol(offered: Services, payload: dict[str, Any]) -> bytes:
    """The hub's signature under a protocol."""
    return sign_statement(payload, PAYLOAD_TYPES["marking_protocol"], obtain_keys_of(offered).signing)


def verify_protocol(offered: Services, envelope: bytes) -> str | None:
    """The id of the hub key whose signature fits these bytes; None when none does."""
    keys = obtain_keys_of(offered)
    try:
        return read_hub_keys(keys.statement, keys.root_fingerprint).verify(envelope, "marking_protocol").key_id
    except BadStatement as error:
        log.error("a kept protocol does not verify: %s", error)
        return None
