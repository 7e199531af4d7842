"""/seat/: the page of a seat without installation, at this server's own address and over its own TLS.

The kiosk's pages are files beside this program; nothing of the kiosk is imported.
"""
from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from flask import Blueprint, Response, redirect, request, send_from_directory, url_for
from werkzeug.wrappers import Response as BaseResponse

from testing_server.exam_day.plain_seats.rules import KEEPER, find_source, make_headers
from testing_server.exam_day.safe_exam_browser.proof import check_exam_browser
from testing_server.exam_day.workstations.addresses import find_authority, find_files_url
from testing_server.foundation.access import ANYONE
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import NotFound
from testing_server.foundation.services import services

pages = Blueprint("plain_seats", __name__)
PAGE = "page.html"


def find_static() -> Path:
    """The folder of the kiosk's pages. Raises NotFound where the kiosk was left out of the installation."""
    kiosk = find_spec("kiosk_client")
    if kiosk is None or kiosk.origin is None:
        raise NotFound()
    return Path(kiosk.origin).parent / "static"


@pages.get("/seat")
def show_door() -> BaseResponse:
    """The address as people type it."""
    return redirect(url_for("plain_seats.show_seat"), 308)


@pages.get("/seat/")
def show_seat() -> Response:
    check_exam_browser(services().settings, request)
    page = send_from_directory(find_static(), PAGE)
    page.headers.update(make_headers(find_files_url(services().settings, request)))
    return page


@pages.get("/seat/static/<path:name>")
def show_file(name: str) -> Response:
    source = find_source(name)
    if source is None:
        raise NotFound()
    found = send_from_directory(find_static(), source)
    if name == KEEPER:
        found.headers["Service-Worker-Allowed"] = url_for("plain_seats.show_seat")
    return found


@pages.get("/seat/classroom-authority.crt")
def show_authority() -> Response:
    """The classroom's own authority, to be trusted by a person who compared its fingerprint with the console's."""
    return Response(find_authority(services().settings).pem, mimetype="application/x-x509-ca-cert")


VIEWS = ("show_door", "show_seat", "show_file", "show_authority")
MOUNT = Mount(blueprint=pages, access={name: frozenset({ANYONE}) for name in VIEWS})
