"""First set-up and enrolment. Takes what the organizer typed; leaves a key file, a school record, an account."""
from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.exam_day.school.keyring import KeyRing
from testing_server.exam_day.school.records import SchoolRecord
from testing_server.foundation.audit import append_audit
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.settings import Settings
from testing_server.preparation.hub_link import HubLink
from testing_server.preparation.school_key import SchoolKey, make_school_key

CHAIN = "room"
SHORTEST_PASSPHRASE = 10


class WeakPassphrase(Refusal):
    code = "weak_passphrase"
    status = 422
    message = _("Пароль ключа школы короче десяти знаков.")
    remedy = _("Придумайте пароль из нескольких слов и запишите его там же, где хранится флешка с ключом.")


class AlreadySetUp(Refusal):
    code = "already_set_up"
    status = 409
    message = _("Этот сервер уже настроен.")
    remedy = _("Войдите под своим логином.")


class NameMissing(Refusal):
    code = "name_missing"
    status = 422
    message = _("Не указано название школы.")


@dataclass(frozen=True)
class SetUp:
    """What the first page asks: the school's name as printed, the room's label."""

    school_name: str
    room: str

    @property
    def name(self) -> str:
        """The school's name with single spaces."""
        return " ".join(self.school_name.split())[:300]

    def check(self) -> None:
        """Raises NameMissing."""
        if not self.name:
            raise NameMissing()


def make_own_key(keys: KeyRing, settings: Settings, name: str, now_ms: int, passphrase: str) -> SchoolKey:
    """A school key whose LAN authority is the one TLS of this server already stands on; saved and unlocked.

    Kiosks pin the authority at pairing: a second one would make them strangers. Raises WeakPassphrase, AlreadySetUp.
    """
    if keys.exists:
        raise AlreadySetUp()
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise WeakPassphrase()
    key = make_school_key(name, datetime.fromtimestamp(now_ms / 1000, UTC))
    certificate, private = settings.keys_folder / "authority.pem", settings.keys_folder / "authority.key"
    if certificate.exists() and private.exists():
        key = replace(key, authority_cert_pem=certificate.read_bytes(), authority_key_pem=private.read_bytes())
    keys.save(key, passphrase)
    return key


def save_school(session: Session, now_ms: int, asked: SetUp, by: str) -> SchoolRecord:
    """The one row; an id of its own until the hub gives the real one. Raises NameMissing."""
    asked.check()
    record = session.scalar(select(SchoolRecord)) or SchoolRecord(
        id=f"local-{uuid.uuid4()}", zone="", hub_url="", certificate="", hub_keys="", root_fingerprint="",
        made_at_ms=now_ms)
    record.name, record.room = asked.name, " ".join(asked.room.split())[:120]
    session.add(record)
    append_audit(session, now_ms, CHAIN, by, "school_set_up", record.id)
    return record


@dataclass(frozen=True)
class Enrolment:
    """What the hub answered and where it is."""

    hub_url: str
    root_fingerprint: str
    certificate: bytes
    hub_keys: bytes
    payload: dict[str, Any]


def enrol_at_hub(hub_url: str, root_fingerprint: str, login: str, one_time_code: str, key: SchoolKey) -> Enrolment:
    """Make the school's key known to its hub. Raises HubRefused, HubAway, AnswerNotTrusted, PlainHubRefused."""
    link = HubLink(hub_url.strip(), root_fingerprint.strip().lower())
    try:
        enrolled = link.enrol(login.strip(), one_time_code.strip(), key)
        return Enrolment(hub_url.strip(), root_fingerprint.strip().lower(), enrolled.certificate, enrolled.hub_keys,
                         link.read_certificate())
    finally:
        link.close()


def save_hub_keys(session: Session, now_ms: int, envelope: str) -> None:
    """A later statement of the hub's own keys, already verified from its root."""
    record = session.scalars(select(SchoolRecord)).one()
    record.hub_keys = envelope
    append_audit(session, now_ms, CHAIN, "hub", "hub_keys_taken", record.id)


def save_enrolment(session: Session, now_ms: int, enrolment: Enrolment, by: str) -> SchoolRecord:
    """The certificate and the hub's keys; the school's id and zone are now the hub's."""
    record = session.scalars(select(SchoolRecord)).one()
    record.id, record.zone = enrolment.payload["school"], enrolment.payload.get("zone", "")
    record.name = enrolment.payload.get("name") or record.name
    record.hub_url, record.root_fingerprint = enrolment.hub_url, enrolment.root_fingerprint
    record.certificate, record.hub_keys = enrolment.certificate.decode(), enrolment.hub_keys.decode()
    append_audit(session, now_ms, CHAIN, by, "school_enrolled", record.id)
    return record
