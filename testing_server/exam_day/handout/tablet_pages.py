"""Tablets and other computers find the console by a QR code and get the school's authority there.

Gives the console's page with the code, and the page behind it, which says whose server this is before anybody signs in.
"""
from __future__ import annotations

import hashlib

import segno
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from flask import Blueprint, render_template, request
from markupsafe import Markup

from testing_server.exam_day.school.queries import School, find_school
from testing_server.exam_day.scopes import ROOM_STAFF
from testing_server.exam_day.workstations.addresses import find_authority, list_own_addresses
from testing_server.foundation.access import ANYONE
from testing_server.foundation.mounts import Mount
from testing_server.foundation.services import services

pages = Blueprint("tablets", __name__)


@pages.get("/tablets")
def show_codes() -> str:
    """For the console: one code for each network of this computer."""
    codes = [(address, draw_code(f"{address}/tablet")) for address in list_own_addresses(services().settings)]
    return render_template("handout/tablets.html", codes=codes, fingerprint=show_fingerprint(), place=_find_school())


@pages.get("/tablet")
def show_tablet() -> str:
    """For whoever came by the code: whose server this is, its authority, and where to go on."""
    # without the fingerprint: whoever stands in between would show his own, the console's is the one to compare with
    return render_template("handout/tablet.html", place=_find_school(), address=request.host_url.rstrip("/"))


def show_fingerprint() -> str:
    """SHA-256 of the authority's certificate in pairs of digits, as systems show it when it is installed."""
    certificate = x509.load_pem_x509_certificate(find_authority(services().settings).pem.encode())
    digits = hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest().upper()
    return " ".join(digits[place:place + 2] for place in range(0, len(digits), 2))


def draw_code(address: str) -> Markup:
    """A QR code that a camera reads from across a desk."""
    return Markup(segno.make(address, error="m").svg_inline(scale=7, border=3, light="#fff", dark="#000"))


def _find_school() -> School | None:
    with services().storage.read() as session:
        return find_school(session)


MOUNT = Mount(blueprint=pages, access={"show_codes": ROOM_STAFF, "show_tablet": frozenset({ANYONE})})
