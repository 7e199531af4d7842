"""The certificate of a rehearsal: a signed statement, and a sheet (PDF) that is nothing but a drawing of it.

The sheet carries the statement behind its last line, where readers of PDF do not look. Verifying reads the statement,
checks its signature, draws the sheet anew and compares: a figure changed on the sheet is found.
"""
from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

from testing_server.contracts.hub_statements import TrustedHub
from testing_server.contracts.rehearsals import MAX_CERTIFICATE_BYTES, Rehearsal, read_rehearsal
from testing_server.contracts.refusals import BadStatement
from testing_server.contracts.statements import key_id_of, read_unverified, verify_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.exam_day.rehearsals.sheet import draw_certificate

MARK = b"\n%testing-server-rehearsal "
PDF = b"%PDF"
SHEET_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Certificate:
    """A verified certificate. `signer`: id of the key; `school`: whose key it is, "" where no hub vouches for it."""

    envelope: bytes
    rehearsal: Rehearsal
    signer: str
    school: str = ""


class NotCertificate(BadStatement):
    """A file that holds no certificate."""

    code = "not_a_certificate"


class SheetChanged(BadStatement):
    """The statement is signed, but the sheet is not what this release draws of it."""

    code = "sheet_changed"


def write_sheet(envelope: bytes) -> bytes:
    """The PDF of a certificate, the same bytes every time. Raises BadStatement."""
    statement = read_unverified(envelope)
    drawn = draw_certificate(read_rehearsal(statement.payload), envelope, statement.key_id)
    return drawn + MARK + base64.b64encode(envelope) + b"\n"


def find_envelope(data: bytes) -> bytes:
    """The signed statement in a file: the file itself, or what its sheet carries. Raises NotCertificate."""
    if not data.startswith(PDF):
        envelope = data
    elif data.count(MARK) == 1 and len(data) <= SHEET_BYTES:
        try:
            envelope = base64.b64decode(data.partition(MARK)[2].strip(), validate=True)
        except binascii.Error as error:
            raise NotCertificate(f"the statement in the sheet is broken: {error}") from error
    else:
        raise NotCertificate("this PDF carries no statement of a rehearsal")
    if len(envelope) > MAX_CERTIFICATE_BYTES:
        raise NotCertificate("larger than any certificate")
    return envelope


def verify_certificate(data: bytes, trusted: Mapping[str, bytes]) -> Certificate:
    """Of a file (statement or sheet), signed by one of these keys (key id → public bytes).

    Raises NotCertificate, BadStatement, UnknownKey, BadSignature, SheetChanged.
    """
    envelope = find_envelope(data)
    statement = verify_statement(envelope, trusted, PAYLOAD_TYPES["rehearsal"])
    found = Certificate(envelope, read_rehearsal(statement.payload), statement.key_id)
    if data.startswith(PDF) and write_sheet(envelope) != data:
        raise SheetChanged(f"drawn by release {found.rehearsal.software}")
    return found


def trust_key(public: bytes) -> dict[str, bytes]:
    """As `verify_certificate` takes it."""
    return {key_id_of(public): public}


def trust_school(certificate: bytes, hub: TrustedHub) -> tuple[dict[str, bytes], str]:
    """(key, school's name) of a school certificate that the hub has signed. Raises BadStatement."""
    payload = hub.verify(certificate, "school_certificate").read()
    return trust_key(bytes.fromhex(payload["keys"]["signing"])), str(payload.get("name", ""))
