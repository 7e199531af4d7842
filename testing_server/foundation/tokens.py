"""Session tokens for programs: a subject, a kind and an end, under HMAC-SHA256.

Takes the MAC key, which the processes of one role share through data/run. Gives token text and reads it back.
A token proves who was let in; it is not a secret store: its content is readable.
"""
import base64
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
    body = _to_text(msgspec.json.encode([subject, kind, expires_ms, scope]))
    return f"{body}.{_sign(key, body)}"


def read_token(key: bytes, text: str, kind: str, now_ms: int) -> Token:
    """The token, or BadToken. The signature is compared before anything is parsed."""
    body, _, mac = text.partition(".")
    if not hmac.compare_digest(_sign(key, body).encode(), mac.encode(errors="replace")):
        raise BadToken("not signed by this key")
    token = Token(*msgspec.json.decode(_from_text(body), type=tuple[str, str, int, str]))
    if token.kind != kind:
        raise BadToken(f"a token of kind {token.kind}, not {kind}")
    if token.expires_ms <= now_ms:
        raise BadToken("its time is over")
    return token


def _sign(key: bytes, body: str) -> str:
    """Over the text itself, so that no other spelling of the same bytes passes."""
    return _to_text(hmac.new(key, b"token/1\0" + body.encode(errors="replace"), hashlib.sha256).digest())


def _to_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _from_text(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
