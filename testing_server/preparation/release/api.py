"""Ciphers over HTTP, for the school's own classroom server."""
from flask import Blueprint, Response, jsonify

from testing_server.foundation.access import SCHOOL
from testing_server.foundation.mounts import Mount, Rate
from testing_server.foundation.services import services
from testing_server.foundation.web import current_school
from testing_server.preparation.release.giving import open_lane, release_cipher

api = Blueprint("release_api", __name__, url_prefix="/v1")


@api.get("/releases/<archive>")
def show_release(archive: str) -> Response:
    """{cipher, opened_at_ms} of a materials or criteria archive; before its hour 403 not_yet {opens_at_ms}."""
    school = current_school().subject
    release = release_cipher(services(), archive, school, f"school:{school}")
    answer = jsonify({"cipher": release.cipher, "opened_at_ms": release.opened_at_ms})
    answer.headers["Cache-Control"] = "no-store"
    return answer


def name_school() -> str:
    """Forty schools of a town may come from one address: each is counted by itself."""
    return f"school:{current_school().subject}"


MOUNT = Mount(blueprint=api, access={"show_release": frozenset({SCHOOL})},
              limits={"show_release": (Rate("60 per minute", by=name_school),)}, express=open_lane)
