"""`testing-server verify-receipt`: the answer in words, from the folder of a classroom server or a hub, also at work.

Takes settings and what was typed; gives yes or no with what the code stands for.
"""
from __future__ import annotations

from dataclasses import dataclass

from testing_server.exam_day.appeals.hub import find_received
from testing_server.exam_day.appeals.queries import Proof, find_proof, read_typed
from testing_server.foundation.files.choosing import make_files
from testing_server.foundation.settings import Settings
from testing_server.foundation.storage import Storage


@dataclass(frozen=True)
class Verdict:
    """`text`: lines for a person."""

    is_proven: bool
    text: str


def verify_receipt(settings: Settings, typed: str) -> Verdict:
    """Raises ReceiptMistyped."""
    code, storage = read_typed(typed), Storage(settings.storage_url)
    try:
        with storage.read() as session:
            proof = (find_received(session, make_files(settings), code) if settings.role == "hub"
                     else find_proof(session, settings.data, code))
    finally:
        storage.close()
    return Verdict(proof is not None and not proof.broken, _describe(proof))


def _describe(proof: Proof | None) -> str:
    if proof is None:
        return "no: no work kept here has shown this code"
    head = f"broken at {proof.broken}" if proof.broken else "yes"
    lines = [f"{head}: candidate code {proof.candidate}, variant {proof.variant}, sitting {proof.sitting}",
             f"events covered {proof.events}, later {proof.later}, items answered "
             f"{sum(at_ms is not None for at_ms in proof.answered.values())}"]
    lines += [f"recording {one.seconds} s, {one.verdict or 'not judged'}, sha256 {one.sha256}: "
              f"{'kept here' if one.is_here else 'NOT here'}" for one in proof.sounds]
    lines += [f"file {one.bytes} bytes, sha256 {one.sha256}: {'kept here' if one.is_here else 'NOT here'}"
              for one in proof.files]
    return "\n".join(lines)
