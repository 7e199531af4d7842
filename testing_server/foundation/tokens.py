"""Session tokens for programs: a subject, a kind and an end, under HMAC-SHA256.

Takes the MAC key, which the processes of one role share through data/run. Gives token text and reads it back.
A token proves who was let in; it is not a secret store: its content is readable.
"""
import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

import msgspec


@dataclass(frozen=True)
class Token:
    """`subject`: an id; `kind`: "workstation", "school"…; `expires_ms`: Unix ms; `scope`: what binds it."""

    subject: str
    kind: str
    expires_ms: int
    scope: str = ""


class BadToken(Exception):
    """The text is not a token of this key, is of another kind, or its time is over."""


def make_token(key: bytes, subject: str, kind: str, expires_ms: int, scope: str = "") -> str:
    """Token text, safe in a header or an address. `scope` may bind it to a generation."""
    body = msgspec.json.encode([subject, kind, expires_ms, scope])
    return f"{_to_text(body)}.{_to_text(_sign(key, body))}"


def read_token(key: bytes, text: str, kind: str, now_ms: int) -> Token:
    """The token, or BadToken. The signature is compared before anything is parsed."""
    body_text, _, mac_text = text.partition(".")
    try:
        body, mac = _from_text(body_text), _from_text(mac_text)
    except (binascii.Error, ValueError) as error:
        raise BadToken("not a token") from error
    if not hmac.compare_digest(_sign(key, body), mac):
        raise BadToken("signed by another key")
    token = Token(*msgspec.json.decode(body, type=tuple[str, str, int, str]))
    if token.kind != kind:
        raise BadToken(f"a token of kind {token.kind}, not {kind}")
    if token.expires_ms <= now_ms:
        raise BadToken("its time is over")
    return token


def _sign(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, b"token/1\0" + body, hashlib.sha256).digest()


def _to_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _from_text(text: str) -> bytes:
    padded = text.encode("ascii") + b"=" * (-len(text) % 4)
    return base64.b64decode(padded, altchars=b"-_", validate=True)
