"""Enrolment over HTTP. Takes requests of classroom servers; gives certificates, sessions and the hub's keys."""
import secrets
from typing import Any

from flask import Blueprint, Response, jsonify, request

from testing_server.foundation.access import ANYONE
from testing_server.foundation.mounts import Mount, Rate
from testing_server.foundation.services import services
from testing_server.foundation.tokens import BadToken, make_token, read_token
from testing_server.preparation.enrolment.actions import enrol_school
from testing_server.preparation.enrolment.queries import list_certificates
from testing_server.preparation.enrolment.rules import (
    BadEnrolment, UnknownSchoolKey, is_signed_by, read_request, session_bytes)
from testing_server.preparation.founding.actions import hub_keys
from testing_server.preparation.registry.queries import find_school

api = Blueprint("enrolment_api", __name__, url_prefix="/v1")
CHALLENGE = "school_challenge"
CHALLENGE_LIFE_MS = 60_000
SESSION_LIFE_MS = 3_600_000


@api.post("/schools/enrol")
def enrol() -> Response:
    """{login, code, keys {signing, recipient, authority}, proof} -> {certificate, hub_keys} (envelope texts)."""
    offered, keys_of_hub = services(), hub_keys()
    login, code, keys = read_request(_body())
    now_ms = offered.clock.now_ms()
    envelope = offered.storage.write(
        lambda session: enrol_school(session, now_ms, keys_of_hub.signing, login, code, keys))
    return jsonify({"certificate": envelope.decode(), "hub_keys": keys_of_hub.statement.decode()})


@api.post("/session")
def open_session() -> Response:
    """{login} -> {challenge}; {login, challenge, signature} -> {token, school, expires_at_ms}."""
    body = _body()
    if not isinstance(body.get("login"), str):
        raise BadEnrolment()
    return _answer_challenge(body) if "signature" in body else _give_challenge(body["login"])


@api.get("/keys")
def show_keys() -> Response:
    """The signed `hub_keys` statement."""
    return Response(hub_keys().statement, mimetype="application/json")


def _give_challenge(login: str) -> Response:
    # given for unknown logins too: a stranger must not learn which schools there are
    offered = services()
    expires_ms = offered.clock.now_ms() + CHALLENGE_LIFE_MS
    challenge = make_token(offered.mac_key, login, CHALLENGE, expires_ms, scope=secrets.token_hex(16))
    return jsonify({"challenge": challenge})


def _answer_challenge(body: dict[str, Any]) -> Response:
    offered = services()
    now_ms, challenge = offered.clock.now_ms(), str(body.get("challenge", ""))
    school = _find_signer(body["login"], challenge, str(body["signature"]), now_ms)
    expires_ms = now_ms + SESSION_LIFE_MS
    token = make_token(offered.mac_key, school, "school", expires_ms)
    return jsonify({"token": token, "school": school, "expires_at_ms": expires_ms, "server_at_ms": now_ms})


def _find_signer(login: str, challenge: str, signature: str, now_ms: int) -> str:
    offered = services()
    try:
        given = read_token(offered.mac_key, challenge, CHALLENGE, now_ms)
    except BadToken as error:
        raise UnknownSchoolKey() from error
    with offered.storage.read() as session:
        school = find_school(session, login)
        certificates = list_certificates(session, school.id) if school else []
    fits = [one for one in certificates if one.is_valid_at(now_ms)
            and is_signed_by(one.public_key, signature, session_bytes(challenge))]
    if given.subject != login or school is None or not fits:
        raise UnknownSchoolKey()
    return school.id


def name_login() -> str:
    """Schools of one town come from one address in one minute: each is counted by its own login."""
    body = request.get_json(silent=True)
    return f"school:{str(body.get('login', ''))[:80] if isinstance(body, dict) else ''}"


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise BadEnrolment()
    return body


MOUNT = Mount(
    blueprint=api,
    access={"enrol": frozenset({ANYONE}), "open_session": frozenset({ANYONE}), "show_keys": frozenset({ANYONE})},
    limits={"enrol": "30 per minute", "open_session": (Rate("30 per minute", by=name_login),)})
