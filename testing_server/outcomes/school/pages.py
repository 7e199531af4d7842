"""Downloads of a signed protocol on a classroom server: the hub's own result form, filled, and the protocol itself.

The form is the one the hub takes: its organizer uploads it where forms are handed in, and nobody types a point again.
"""

from __future__ import annotations

from flask import Blueprint, Response
from flask_login import current_user

from testing_server.foundation.access import AccountRole
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import NotFound
from testing_server.foundation.services import services
from testing_server.marking.gathering.room_source import OwnWork, list_own_works
from testing_server.marking.gathering.sources import verify_protocol
from testing_server.marking.protocol.queries import FrozenProtocol, find_protocol, read_definition
from testing_server.marking.protocol.rules import NotHead, ProtocolDamaged

pages = Blueprint("school_results", __name__, url_prefix="/school-marking")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
READERS = frozenset({AccountRole.SCHOOL_ORGANIZER.value, AccountRole.EXPERT.value})
MOUNT = Mount(pages, {"send_form": READERS, "send_protocol": READERS})


@pages.get("/<archive>/form.xlsx")
def send_form(archive: str) -> Response:
    """The filled form. Raises NotFound before the signature, ProtocolDamaged."""
    # workbooks are written once a year here: the library is not carried until then
    from testing_server.outcomes.school.form import fill_form
    work, frozen = _read_signed(archive)
    with services().storage.read() as session:
        definition = read_definition(session, archive)
    content = fill_form(work, definition, frozen.payload)
    return _send(content, XLSX, f"form-{work.campaign}-{work.assessment}.xlsx")


@pages.get("/<archive>/protocol.json")
def send_protocol(archive: str) -> Response:
    """The signed envelope, byte for byte."""
    work, frozen = _read_signed(archive)
    return _send(frozen.envelope, "application/json", f"protocol-{work.assessment}-{archive[:12]}.json")


def _read_signed(archive: str) -> tuple[OwnWork, FrozenProtocol]:
    """Raises NotHead for an expert who heads nothing, NotFound, ProtocolDamaged."""
    if current_user.role == AccountRole.EXPERT and not current_user.is_head:
        raise NotHead()
    with services().storage.read() as session:
        frozen = find_protocol(session, archive)
        work = next((one for one in list_own_works(session) if one.archive == archive), None)
    if frozen is None or work is None or work.rules is None:
        raise NotFound()
    if verify_protocol(services(), frozen.envelope) is None:
        raise ProtocolDamaged()
    return work, frozen


def _send(content: bytes, kind: str, name: str) -> Response:
    return Response(content, mimetype=kind, headers={
        "Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"})
