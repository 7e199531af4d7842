"""From the last byte to the verdict: who is asked to judge, what the worker is told, what its verdict does.

Takes an upload that is whole. Gives the worker everything the hub knows of its school at that moment, and takes what it
found. Any step may be repeated by any process: a verdict that was given stays as it is.
"""
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy.orm import Session

from testing_server.exam_day.reception.actions import (
    accept_package, claim_judging, note_verifying, quarantine_upload)
from testing_server.exam_day.reception.jobs import judge_upload
from testing_server.exam_day.reception.queries import Upload, find_upload, list_packages, list_waiting, read_heads
from testing_server.exam_day.reception.rules import UploadUnknown
from testing_server.exam_day.reception.verification import KnownKey, KnownSchool
from testing_server.foundation.access import INTERNAL
from testing_server.foundation.mounts import Mount
from testing_server.foundation.services import services
from testing_server.preparation.campaigns.queries import find_keep_days
from testing_server.preparation.enrolment.queries import list_certificates
from testing_server.preparation.founding.actions import hub_keys
from testing_server.preparation.materials.queries import list_earlier_windows, list_windows, list_withdrawn

api = Blueprint("reception_judging", __name__, url_prefix="/v1/internal")
VERDICT_BYTES = 64 * 1024 ** 2
JUDGED = ("accepted", "replaced", "expired")


def start_judging(upload: str, again: bool = False) -> None:
    """Gives a received upload to the worker, once in a while at most; `again`: at once, by a person's word."""
    offered = services()
    now_ms = offered.clock.now_ms()
    if offered.storage.write(lambda db: claim_judging(db, now_ms, upload, again)):
        offered.jobs.enqueue(judge_upload, upload=upload)


@api.post("/uploads/<upload>/verdict")
def take_verdict(upload: str) -> Response:
    """From the worker: {verdict: verifying | quarantined {reason, detail} | accepted {facts}, content}.

    The answer to "verifying": {known, content, claimed_sha256}, or {done} for an upload that has its verdict.
    """
    body: dict[str, Any] = request.get_json()
    answer = _VERDICTS[body["verdict"]](upload, body)
    offered = services()
    offered.live.changed("packages", offered.clock.now_ms())
    return jsonify(answer)


def _take_verifying(upload: str, body: dict[str, Any]) -> dict[str, Any]:
    offered = services()
    now_ms = offered.clock.now_ms()
    offered.storage.write(lambda db: note_verifying(db, now_ms, upload))
    with offered.storage.read() as session:
        found = find_upload(session, upload)
        if found is None:
            raise UploadUnknown()
        if found.state in JUDGED:
            offered.pieces.discard(upload)
            return {"done": True}
        known = asdict(_describe_known(session, found))
    return {"known": known, "content": found.content, "claimed_sha256": found.claimed_sha256}


def _take_quarantine(upload: str, body: dict[str, Any]) -> dict[str, Any]:
    offered = services()
    now_ms, reason, detail, content = offered.clock.now_ms(), body["reason"], body["detail"], body["content"]
    offered.storage.write(lambda db: quarantine_upload(db, now_ms, upload, reason, detail, content))
    offered.pieces.discard(upload)
    return {}


def _take_acceptance(upload: str, body: dict[str, Any]) -> dict[str, Any]:
    offered, signing, facts = services(), hub_keys().signing, body["facts"]
    now_ms = offered.clock.now_ms()
    keep_days = find_keep_days(offered.settings.data, str(facts["manifest"]["campaign"]))
    offered.storage.write(lambda db: accept_package(db, now_ms, signing, upload, facts, keep_days))
    offered.pieces.discard(upload)
    with offered.storage.read() as session:
        waiting = list_waiting(session, upload)
    for other in waiting:
        start_judging(other, again=True)
    return {}


def _describe_known(session: Session, upload: Upload) -> KnownSchool:
    keys = [KnownKey(one.key_id, one.public_key, one.not_before_ms, one.not_after_ms)
            for one in list_certificates(session, upload.school)]
    return KnownSchool(
        upload.school, keys, list_windows(session, upload.school), read_heads(session, upload.school),
        [one.package for one in list_packages(session, upload.school)], list_withdrawn(session, upload.school),
        list_earlier_windows(session, upload.school), bool(upload.pardon))


_VERDICTS = {"verifying": _take_verifying, "quarantined": _take_quarantine, "accepted": _take_acceptance}
MOUNT = Mount(blueprint=api, access={"take_verdict": frozenset({INTERNAL})},
              body_limits={"take_verdict": VERDICT_BYTES})
