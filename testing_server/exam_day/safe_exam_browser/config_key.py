"""The Config Key of Safe Exam Browser: made of settings, checked in a request.

Pure. https://safeexambrowser.org/developer/seb-config-key.html: the settings as "SEB-JSON" (keys in order whatever
their case, nothing escaped, no spaces, empty dictionaries and `originatorVersion` left out), its SHA-256 in hex; a
request carries the SHA-256 of its own URL, without a fragment, followed by that key.
"""
from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping, Sequence
from urllib.parse import urldefrag

from testing_server.contracts.canonical import sha256_hex

HEADER = "X-SafeExamBrowser-ConfigKeyHash"
LEFT_OUT = "originatorVersion"
Value = bool | int | str | bytes | Sequence["Value"] | Mapping[str, "Value"]


class SettingRefused(ValueError):
    """A value that versions of Safe Exam Browser write differently: their keys would differ."""


def compute_config_key(settings: Mapping[str, Value]) -> str:
    """64 hex digits. Raises SettingRefused."""
    return sha256_hex(write_seb_json(settings).encode())


def write_seb_json(value: Value) -> str:
    """The settings as SEB-JSON. Raises SettingRefused."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return f'"{_check_text(value)}"'
    if isinstance(value, bytes):
        return f'"{base64.b64encode(value).decode()}"'
    if isinstance(value, Mapping):
        return _write_dictionary(value)
    if isinstance(value, Sequence):
        return f"[{','.join(write_seb_json(one) for one in value)}]"
    raise SettingRefused(f"{type(value).__name__} has no one form in SEB-JSON")


def _write_dictionary(value: Mapping[str, Value]) -> str:
    # Of two keys that differ in case only, the one with the later capital comes first.
    keys = sorted(value, key=lambda key: (key.lower(), key.swapcase()))
    kept = [key for key in keys if key != LEFT_OUT and value[key] != {}]
    return "{" + ",".join(f'"{_check_text(key)}":{write_seb_json(value[key])}' for key in kept) + "}"


def _check_text(text: str) -> str:
    if '"' in text or any(ord(sign) < 32 for sign in text):
        raise SettingRefused(f"{text!r}: nothing is escaped in SEB-JSON")
    return text


def hash_for_url(url: str, key: str) -> str:
    """What the header of a request for this URL must be."""
    return sha256_hex((urldefrag(url).url + key).encode())


def check_config_key(url: str, header: str | None, key: str) -> bool:
    """Whether a request for the absolute URL, as the browser sees it, came from a browser with these settings."""
    return hmac.compare_digest((header or "").strip().lower().encode(), hash_for_url(url, key).encode())
