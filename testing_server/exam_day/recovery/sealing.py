"""Sealing a room ledger and opening it again. Pure: keys and facts come in, envelope bytes go out.

Signed by the claiming server's own ledger key, which its claim vouches for; encrypted to the school, so that whoever
keeps a copy can neither read nor change it.
"""
from __future__ import annotations

import lzma
from dataclasses import dataclass
from typing import Any

import msgspec
import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask_babel import lazy_gettext as _

from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.claims import Claim, peek_claim, read_claim
from testing_server.contracts.ledgers import (
    FORMAT, LedgerHeader, peek_ledger, read_ledger_payload, write_ledger_payload)
from testing_server.contracts.refusals import BadStatement
from testing_server.contracts.statements import key_id_of, sign_bytes, verify_statement
from testing_server.contracts.versions import PAYLOAD_TYPES, PROTOCOL, common_version
from testing_server.foundation.refusals import Refusal
from testing_server.preparation.school_key import SchoolKey

Facts = dict[str, Any]
# Hints of change, not facts of the room: they alone make no new version.
RESTLESS = frozenset({"version"})
LZMA_PRESET = 1


class LedgerRefused(Refusal):
    code = "ledger_refused"
    status = 422
    message = _("Журнал аудитории не открывается этим ключом школы или повреждён.")
    safe = _("Ответы хранятся на рабочих местах и от журнала не зависят.")
    remedy = _("Проверьте, что это ключ той же школы. Подойдёт и журнал с другого рабочего места.")


class LedgerTooNew(Refusal):
    code = "ledger_too_new"
    status = 409
    message = _("Журнал аудитории написан более новой программой, чем эта.")
    remedy = _("Установите на этот компьютер ту же версию программы, что была на сервере.")


@dataclass(frozen=True)
class OpenedLedger:
    """A ledger whose signature, claim and encryption fitted."""

    header: LedgerHeader
    claim: Claim
    facts: Facts
    envelope: bytes


def seal_ledger(claim: str, version: int, now_ms: int, facts: Facts, signing: Ed25519PrivateKey) -> bytes:
    """The envelope. `claim`: envelope of the sitting's present claim, which names recipient and signer."""
    said = peek_claim(claim.encode())
    header = LedgerHeader(format=FORMAT, sitting=said.sitting, generation=said.generation, version=version,
                          made_at_ms=now_ms, protocol=PROTOCOL, claim=claim)
    plain = lzma.compress(msgspec.json.encode(facts), preset=LZMA_PRESET)
    sealed = pyrage.encrypt(plain, [pyrage.x25519.Recipient.from_str(said.recipient)])
    return sign_bytes(write_ledger_payload(header, sealed), PAYLOAD_TYPES["ledger"], signing)


def open_ledger(envelope: bytes, key: SchoolKey) -> OpenedLedger:
    """Everything checked from the school's key on. Raises LedgerRefused, LedgerTooNew."""
    try:
        header = peek_ledger(envelope)
        if common_version((PROTOCOL, PROTOCOL), (header.protocol, header.protocol)) is None:
            raise LedgerTooNew(details={"protocol": header.protocol})
        claim = read_claim(header.claim.encode(), key.signing.public_key().public_bytes_raw())
        signer = bytes.fromhex(claim.ledger_key)
        payload = verify_statement(envelope, {key_id_of(signer): signer}, PAYLOAD_TYPES["ledger"]).payload
        header, sealed = read_ledger_payload(payload)
        if (header.sitting, header.generation) != (claim.sitting, claim.generation):
            raise BadStatement("the ledger is not of its claim")
        plain = lzma.decompress(pyrage.decrypt(sealed, [key.recipient]))
        return OpenedLedger(header, claim, msgspec.json.decode(plain), envelope)
    except (BadStatement, ValueError, lzma.LZMAError, pyrage.DecryptError, msgspec.DecodeError) as error:
        raise LedgerRefused(details={"found": str(error)[:200]}) from error


def digest_facts(facts: Facts) -> str:
    """Changes whenever something happened in the room, and only then."""
    steady = {table: [{name: value for name, value in row.items() if name not in RESTLESS} for row in rows]
              for table, rows in facts.items()}
    return sha256_hex(msgspec.json.encode(steady, order="deterministic"))
