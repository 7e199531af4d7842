"""Ordering, following and recording sealings. One verb, one transaction, one audit line."""
import uuid
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.foundation.audit import Act, append_acts, append_audit
from testing_server.foundation.progress import State, Step, Word, post_progress, post_words
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import Services
from testing_server.preparation.campaigns.queries import find_campaign
from testing_server.preparation.campaigns.rules import Campaign, compute_opening, compute_publishing, find_rules
from testing_server.preparation.founding.actions import obtain_keys_of
from testing_server.preparation.holders.trust import list_trusted_holders
from testing_server.preparation.materials.pace import check_in_time
from testing_server.preparation.materials.records import ArchiveRecord, SealingRecord
from testing_server.preparation.materials.sealing import (
    ArchiveFacts, SealedPair, SealingKeys, SealingPlan, clear_bench, make_archives, write_title)
from testing_server.preparation.registry.queries import School, find_ordinal, read_school
from testing_server.preparation.rosters.actions import check_day_free, plan_day


class BadDay(Refusal):
    code = "bad_day"
    status = 422
    message = _("День работы указывают как 2026-11-23.")


class BadCount(Refusal):
    code = "bad_count"
    status = 422
    message = _("Вариантов должно быть от одного до тысячи.")


class CountedNeedsCipher(Refusal):
    code = "counted_needs_cipher"
    status = 422
    message = _("Засчитываемую работу нельзя выдать без шифра.")
    remedy = _("Снимите отметку «без шифра» или выберите тренировочную кампанию.")


def plan_sealing(school: School, campaign: Campaign, package: Path, count: int, day: str,
                 now_ms: int, ordinal: int | None = None, encrypted: bool = True) -> SealingPlan:
    """Fixes every instant of a sealing, once; `ordinal`: find_ordinal. Raises BadDay, BadCount, CountedNeedsCipher.

    A work the campaign wants without a cipher gets none, whatever was asked for.
    """
    if not 1 <= count <= 1000:
        raise BadCount()
    rules = find_rules(campaign, package.name)
    if campaign.counted and rules.materials.encrypted and not encrypted:
        raise CountedNeedsCipher()
    when, encrypted = read_day(day), encrypted and rules.materials.encrypted
    opens_at_ms = compute_opening(rules.cipher, when, school.zone, now_ms) if encrypted else now_ms
    return SealingPlan(
        sealing=str(uuid.uuid4()), school=school.id, campaign=campaign.id, package=str(package), count=count, day=day,
        sealed_at_ms=now_ms, cipher_opens_at_ms=opens_at_ms, encrypted=encrypted,
        criteria_opens_at_ms=compute_opening(rules.criteria, when, school.zone, now_ms),
        zone=school.zone, ordinal=ordinal,
        due_ms=compute_publishing(campaign, package.name, when, school.zone) if campaign.counted else None)


def order_sealing(session: Session, now_ms: int, plan: SealingPlan, by: str = "system",
                  late_reason: str = "") -> None:
    """Notes that a school's materials are to be sealed; late ones with their reason. Raises MaterialsLate, DayTaken."""
    late = check_in_time(now_ms, plan.due_ms, late_reason)
    check_day_free(session, plan.school, plan.day, plan.campaign)
    session.add(SealingRecord(id=plan.sealing, school=plan.school, campaign=plan.campaign, package=plan.package,
                              day=plan.day, count=plan.count, state="waiting", asked_at_ms=now_ms,
                              changed_at_ms=now_ms, late_reason=late))
    append_audit(session, now_ms, f"school:{plan.school}", by, "sealing_ordered", plan.sealing,
                 {"campaign": plan.campaign, "day": plan.day, "count": plan.count,
                  **({"late": late, "due_ms": plan.due_ms} if late else {})})


def note_sealing(session: Session, now_ms: int, sealing: str, state: str, done: int,
                 reason: str = "") -> tuple[str, str]:
    """How far a sealing is; one that is ready stays so. Returns its school and what state it is in now."""
    row = session.get_one(SealingRecord, sealing)
    if row.state != "ready":
        row.state, row.done, row.reason, row.changed_at_ms = state, done, reason[:500], now_ms
    return row.school, row.state


def record_sealing(session: Session, now_ms: int, plan: SealingPlan, pair: SealedPair, campaign: Campaign,
                   by: str = "system") -> None:
    """Records both archives, plans the day and marks the order done. Repeating it changes nothing."""
    row = session.get_one(SealingRecord, plan.sealing)
    if row.state == "ready":
        return
    row.state, row.done, row.changed_at_ms = "ready", plan.count, now_ms
    row.seed_locked = bytes.fromhex(pair.seed_locked)
    for one, partner in ((pair.materials, pair.criteria), (pair.criteria, pair.materials)):
        session.add(_describe_archive(plan, pair, one, partner.archive))
    plan_day(session, now_ms, campaign, plan.school, plan.day, by=by)
    # ordered in time and sealed late: the queue was too long, and nobody can be asked for a reason any more
    late = {"due_ms": plan.due_ms} if plan.due_ms is not None and now_ms >= plan.due_ms else {}
    append_audit(session, now_ms, f"school:{plan.school}", by, "materials_sealed", pair.materials.archive,
                 {"criteria": pair.criteria.archive, "assessment": pair.assessment, "variants": pair.variants,
                  "opens_at_ms": pair.materials.opens_at_ms, "criteria_opens_at_ms": pair.criteria.opens_at_ms, **late})
    post_progress(session, plan.school, plan.campaign, pair.assessment, Step.MATERIALS, State.RUNNING, now_ms)


def seal_materials(offered: Services, school: str, campaign: str, package: Path, count: int, day: str,
                   by: str = "system", encrypted: bool = True, late_reason: str = "") -> SealedPair:
    """All of it here and now, for a command line or a demonstration; pages let the worker do it.

    `school`: id. Raises UnknownSchool, UnknownCampaign, BadDay, BadCount, CountedNeedsCipher,
    MaterialsLate, PackageError, BankTooSmall.
    """
    data, keys, now_ms = offered.settings.data, obtain_keys_of(offered), offered.clock.now_ms()
    rules = find_campaign(data, campaign)
    with offered.storage.read() as session:
        found, ordinal = read_school(session, school), find_ordinal(session, school)
    plan = plan_sealing(found, rules, package, count, day, now_ms, ordinal, encrypted)
    offered.storage.write(lambda db: order_sealing(db, now_ms, plan, by, late_reason))
    pair = make_archives(plan, data, SealingKeys(keys.signing, keys.escrow, list_trusted_holders(offered.settings)))
    offered.storage.write(lambda db: record_sealing(db, offered.clock.now_ms(), plan, pair, rules, by))
    clear_bench(data, plan.sealing)
    return pair


def note_fetched(session: Session, now_ms: int, archive: str, by: str) -> None:
    """The first download of an archive."""
    row = session.get_one(ArchiveRecord, archive)
    if row.fetched_at_ms is None:
        row.fetched_at_ms = now_ms
        append_audit(session, now_ms, f"school:{row.school}", by, "archive_fetched", archive, {"kind": row.kind})
        if row.kind == "materials":
            post_progress(session, row.school, row.campaign, row.assessment, Step.MATERIALS, State.READY, now_ms)


def note_released(session: Session, now_ms: int, given: Sequence[tuple[str, str]]) -> list[int]:
    """`given`: (archive, by whom it was asked). The moment each cipher was given for the first time; no cipher is
    written anywhere."""
    rows = {row.archive: row for row in session.scalars(
        select(ArchiveRecord).where(ArchiveRecord.archive.in_({archive for archive, _by in given}))
        .order_by(ArchiveRecord.archive).with_for_update().execution_options(populate_existing=True))}
    first = {}
    for archive, by in given:
        if rows[archive].released_at_ms is None:
            rows[archive].released_at_ms, first[archive] = now_ms, by
    append_acts(session, now_ms, [Act(f"school:{rows[archive].school}", by, "cipher_given", archive,
                                      {"kind": rows[archive].kind}) for archive, by in first.items()])
    # that marking goes on is told by its own queue: a school may fetch its criteria after the protocol is signed
    post_words(session, [Word(rows[archive].school, rows[archive].campaign, rows[archive].assessment, Step.CIPHERS,
                              State.READY) for archive in first if rows[archive].kind == "materials"], now_ms)
    return [rows[archive].released_at_ms or now_ms for archive, _by in given]


def read_day(text: str) -> date:
    """Raises BadDay."""
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise BadDay() from error


def _describe_archive(plan: SealingPlan, pair: SealedPair, facts: ArchiveFacts, partner: str) -> ArchiveRecord:
    return ArchiveRecord(
        archive=facts.archive, sealing=plan.sealing, kind=facts.kind, partner=partner, campaign=plan.campaign,
        school=plan.school, assessment=pair.assessment, title=write_title(pair.title), day=plan.day,
        size_bytes=facts.size_bytes, key_sha256=facts.key_sha256, variants=pair.variants,
        sealed_at_ms=plan.sealed_at_ms, opens_at_ms=facts.opens_at_ms, slot=facts.slot,
        cipher_locked=bytes.fromhex(facts.cipher_locked),
        statement=bytes.fromhex(facts.statement), lock="cipher" if facts.key_sha256 else "none")
