"""Bytes for what is signed or hashed: JSON with sorted keys, no spaces, no floats.

The bytes are made once, when a thing is first written; nobody serialises again in order to verify.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from testing_server.contracts.refusals import ContractRefusal


class FloatInStatement(ContractRefusal):
    """Two machines may print one float differently, so none may be in anything signed."""

    code = "float_in_statement"


def refuse_floats(value: Any, path: str = "$") -> None:
    """Raise FloatInStatement naming the first place that holds a float."""
    if isinstance(value, float):
        raise FloatInStatement(f"a float at {path}")
    if isinstance(value, dict):
        for key, inner in value.items():
            refuse_floats(inner, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            refuse_floats(inner, f"{path}[{index}]")


def encode_canonical(value: Any) -> bytes:
    """JSON bytes (UTF-8) that come out the same on every machine."""
    refuse_floats(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sha256_hex(data: bytes) -> str:
    """Lower-case hex SHA-256: the form of every content id in the system."""
    return hashlib.sha256(data).hexdigest()
