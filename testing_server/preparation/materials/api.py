"""Archives over HTTP, for the school's own classroom server. Criteria archives stay here until their hour."""
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify, request, send_file

from task_bank.sealing.archive import ARCHIVE, KEY, PLAIN_ARCHIVE
from testing_server.foundation.access import INTERNAL, SCHOOL
from testing_server.foundation.mounts import Mount
from testing_server.foundation.services import services
from testing_server.foundation.web import current_school
from testing_server.preparation.campaigns.queries import find_campaign
from testing_server.preparation.materials.actions import note_fetched, note_sealing, record_sealing
from testing_server.preparation.materials.queries import (
    Archive, list_archives, list_changed, read_archive, read_key_file)
from testing_server.preparation.materials.sealing import SealingPlan, read_sealed_pair
from testing_server.preparation.release.rules import NoCipherNeeded, NotYet, check_kept, check_opened, check_standing

api = Blueprint("materials_api", __name__, url_prefix="/v1")
STATEMENT = "statement.json"


@api.get("/archives")
def show_archives() -> Response:
    """{archives: [{archive, kind, assessment, title, day, bytes, opens_at_ms, statement, version, lock}], changed}.

    Of the asking school. `changed`: [{archive, version}] of those that have a later statement than the first, withdrawn
    ones among them.
    """
    school = current_school().subject
    with services().storage.read() as session:
        found, changed = list_archives(session, school), list_changed(session, school)
    return jsonify({"archives": [describe_archive(one) for one in found
                                 if one.forgotten_at_ms is None and may_fetch(one)],
                    "changed": [{"archive": one.archive, "version": one.version} for one in changed]})


@api.get("/archives/<archive>")
def fetch_archive(archive: str) -> Response:
    """archive.age, or archive.tar where no cipher locks it; by Range where asked."""
    return send_archive_file(archive, current_school().subject, ARCHIVE)


@api.get("/archives/<archive>/key.age")
def fetch_key(archive: str) -> Response:
    """The archive's identity, locked by its cipher."""
    return send_archive_file(archive, current_school().subject, KEY)


@api.get("/archives/<archive>/statement")
def fetch_statement(archive: str) -> Response:
    """The signed statement of the archive."""
    return send_archive_file(archive, current_school().subject, STATEMENT)


@api.post("/internal/sealings/<sealing>")
def note_progress(sealing: str) -> Response:
    """From the worker: {state, done, reason} while it goes on, {plan, pair} at the end; {state} as it is known here."""
    offered, body = services(), request.get_json()
    now_ms = offered.clock.now_ms()
    if "pair" in body:
        school, state = record_pair(SealingPlan(**body["plan"]), body["pair"]), "ready"
    else:
        told, done, reason = body["state"], int(body["done"]), body.get("reason", "")
        school, state = offered.storage.write(lambda db: note_sealing(db, now_ms, sealing, told, done, reason))
    offered.live.changed(f"sealing:{school}", now_ms)
    offered.live.changed("sealings", now_ms)
    return jsonify({"state": state})


def record_pair(plan: SealingPlan, pair: dict[str, Any]) -> str:
    """Both archives become known; returns their school."""
    offered = services()
    campaign, sealed = find_campaign(offered.settings.data, plan.campaign), read_sealed_pair(pair)
    now_ms = offered.clock.now_ms()
    offered.storage.write(lambda db: record_sealing(db, now_ms, plan, sealed, campaign))
    return plan.school


def send_archive_file(archive: str, school: str, name: str) -> Response:
    """A file of an archive of that school: the archive itself, its key as it is now, or its newest statement.

    Raises ArchiveUnknown, NotYet; Withdrawn and ArchiveForgotten for all but the statement; NoCipherNeeded for a key
    there is none of.
    """
    offered, now_ms = services(), services().clock.now_ms()
    with offered.storage.read() as session:
        found, key_age = read_archive(session, archive, school), read_key_file(session, archive)
    check_fetchable(found, now_ms)
    if name == STATEMENT:
        return _send_bytes(found.statement, name, "application/json")
    check_standing(found.state, found.reason)
    check_kept(found.forgotten_at_ms)
    folder: Path = offered.settings.data.absolute() / "archives" / found.archive
    if name == KEY:
        if found.lock == "none":
            raise NoCipherNeeded()
        return _send_bytes(key_age or (folder / KEY).read_bytes(), name, "application/octet-stream")
    if found.fetched_at_ms is None:
        offered.storage.write(lambda db: note_fetched(db, now_ms, archive, f"school:{school}"))
    name = PLAIN_ARCHIVE if found.lock == "none" else ARCHIVE
    return send_file(folder / name, mimetype="application/octet-stream", as_attachment=True, download_name=name,
                     conditional=True, etag=f"{found.archive}-{name}", max_age=0)


def _send_bytes(data: bytes, name: str, kind: str) -> Response:
    return Response(data, mimetype=kind, headers={
        "Content-Disposition": f"attachment; filename={name}", "Cache-Control": "no-cache"})


def check_fetchable(archive: Archive, now_ms: int) -> None:
    """Materials may be fetched days ahead, criteria only after their hour. Raises NotYet."""
    if archive.kind != "materials":
        check_opened(now_ms, archive.opens_at_ms)


def may_fetch(archive: Archive) -> bool:
    """check_fetchable as a word."""
    try:
        check_fetchable(archive, services().clock.now_ms())
    except NotYet:
        return False
    return True


def describe_archive(one: Archive) -> dict[str, object]:
    """One line of the list."""
    return {"archive": one.archive, "kind": one.kind, "assessment": one.assessment, "title": one.title,
            "day": one.day, "bytes": one.size_bytes, "opens_at_ms": one.opens_at_ms,
            "statement": one.statement.decode(), "version": one.version, "lock": one.lock}


MOUNT = Mount(blueprint=api, access={
    "show_archives": frozenset({SCHOOL}), "fetch_archive": frozenset({SCHOOL}), "fetch_key": frozenset({SCHOOL}),
    "fetch_statement": frozenset({SCHOOL}), "note_progress": frozenset({INTERNAL})})
