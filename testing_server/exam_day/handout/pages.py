"""What workstations fetch, what a new one begins with, and the console's page that tells a technician how.

The software is no secret: whoever is in the room's network may fetch it. Its digests are believed because the
connection is of the pinned authority, or because a person compared the installer's.
"""
from __future__ import annotations

import secrets
from typing import Any

import msgspec
import segno
from flask import Blueprint, Response, render_template, request, send_file
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from sqlalchemy import select

from testing_server.contracts.handout import HandoutTold
from testing_server.exam_day.handout.rules import PROBE_LIMIT, NothingToHandOut, is_frozen, list_addresses, make_command
from testing_server.exam_day.handout.store import find_file, find_folder, hash_installer, load_handout, make_installer
from testing_server.exam_day.scopes import ROOM_STAFF
from testing_server.exam_day.sittings.records import SittingRecord
from testing_server.exam_day.wire import answer
from testing_server.exam_day.workstations.addresses import find_authority
from testing_server.exam_day.workstations.announcement import find_addresses
from testing_server.foundation.access import ANYONE, WORKSTATION
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import services

pages = Blueprint("handout", __name__)
SYSTEMS = {"linux": "Linux", "windows": "Windows"}


@pages.get("/v1/handout")
def tell_handout() -> Response:
    handout = load_handout(find_folder(services().settings.data))
    return answer(HandoutTold(**msgspec.structs.asdict(handout), frozen=are_works_going_on()))


def are_works_going_on() -> bool:
    """Whether a sitting keeps the software as it is."""
    with services().storage.read() as session:
        return is_frozen(session.scalars(select(SittingRecord.state)))


@pages.get("/v1/handout/files/<name>")
def show_file(name: str) -> Any:
    path, sha256 = find_file(find_folder(services().settings.data), name)
    return send_file(path, "application/octet-stream", conditional=True, etag=sha256, as_attachment=True,
                     download_name=name)


@pages.get("/v1/handout/probe")
def show_probe() -> Response:
    """Bytes that no network can shrink, to measure the link by."""
    size = min(max(request.args.get("bytes", 0, type=int), 0), PROBE_LIMIT)
    return Response(secrets.token_bytes(size), mimetype="application/octet-stream")


@pages.get("/install.py")
def show_installer() -> Response:
    return Response(make_installer(find_authority(services().settings).pem), mimetype="text/x-python")


@pages.get("/install")
def show_install() -> str:
    """For a new workstation's own browser: how to install, at the address by which it came."""
    addresses = [request.host_url.rstrip("/")] if request.is_secure else list_own_addresses()
    return render_template("handout/install.html", ways=list_ways(addresses), digest=installer_digest(),
                           is_there=is_something_there(), addresses=addresses)


@pages.get("/handout")
def show_handout() -> str:
    """For the console."""
    addresses, handout, refusal = list_own_addresses(), None, None
    try:
        handout = load_handout(find_folder(services().settings.data))
    except Refusal as found:
        refusal = found
    return render_template("handout/handout.html", handout=handout, refusal=refusal, ways=list_ways(addresses),
                           digest=installer_digest(), addresses=addresses, draw=draw_code,
                           frozen=are_works_going_on())


def list_own_addresses() -> list[str]:
    """Where workstations reach this server."""
    settings = services().settings
    return list_addresses(find_addresses(settings.host), settings.port)


def installer_digest() -> str:
    """Of the installer with this server's authority inside."""
    return hash_installer(find_authority(services().settings).pem)


def is_something_there() -> bool:
    """Whether there is a folder to hand out."""
    try:
        find_folder(services().settings.data)
    except NothingToHandOut:
        return False
    return True


def list_ways(addresses: list[str]) -> list[tuple[str, str]]:
    """(system, command) for each system and address; the address stands beside the system where there are several."""
    digest = installer_digest()
    return [(f"{title} · {address}" if len(addresses) > 1 else title, make_command(system, address, digest))
            for system, title in SYSTEMS.items() for address in addresses]


def draw_code(address: str) -> Markup:
    """A QR code of an address, for a telephone or a tablet with a camera."""
    drawn = segno.make(f"{address}/install", error="m").svg_inline(scale=4, border=2, light="#fff", dark="#000")
    return Markup(drawn)


MOUNT = Mount(
    blueprint=pages,
    access={"tell_handout": frozenset({ANYONE}), "show_file": frozenset({ANYONE}),
            "show_probe": frozenset({WORKSTATION}), "show_installer": frozenset({ANYONE}),
            "show_install": frozenset({ANYONE}), "show_handout": ROOM_STAFF},
    limits={"show_probe": "12 per minute", "show_file": "600 per minute"},
    menu=(MenuEntry("show_handout", _("Программа мест")),))
