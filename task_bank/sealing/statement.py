"""The archive statement: what an archive is, for whom, for which software; a function passed in signs it."""
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeVar

import msgspec

from task_bank.assessments import Assessment
from task_bank.sealing.archive import SealedArchive
from task_bank.variants import Delivery

Signed = TypeVar("Signed")
STATEMENT_TYPE = "archive/1"
PROTOCOL = "1.0"


def describe_archive(
    kind: Literal["materials", "criteria"],
    school: str,
    assessment: Assessment,
    sealed: SealedArchive,
    deliveries: Sequence[Delivery],
) -> dict[str, Any]:
    """The payload of the statement: integers and text only, so that it may be signed."""
    return {
        "format": STATEMENT_TYPE,
        "kind": kind,
        "school": school,
        "assessment": assessment.id,
        "assessment_version": assessment.version,
        "sha256": sealed.sha256,
        "bytes": sealed.bytes,
        "key_sha256": sealed.key_sha256,
        "variants": sorted(delivery.variant_json["number"] for delivery in deliveries),
        "needs": {"protocol": PROTOCOL, "interactions": list_interactions(deliveries)},
    }


def sign_statement(payload: dict[str, Any], sign: Callable[[bytes, str], Signed]) -> Signed:
    """Sign a statement. `sign(payload bytes, payload type)` returns the envelope (DSSE at the hub)."""
    return sign(msgspec.json.encode(payload), STATEMENT_TYPE)


def list_interactions(deliveries: Sequence[Delivery]) -> list[str]:
    """Kinds of interactions in these deliveries: a classroom that lacks one refuses days before the work."""
    kinds = set()
    for delivery in deliveries:
        for item in delivery.variant_json["items"]:
            kinds |= {interaction["kind"] for interaction in item["interactions"]}
            kinds |= {slot for slot in ("listening", "speaking") if item[slot]}
    return sorted(kinds)
