"""What a receipt lets a workstation delete: everything it covers, nothing it does not, nothing before its day."""

from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.hub_statements import TrustedHub, read_hub_keys
from testing_server.contracts.receipts import KeptAttempt, KeptLease, PurgeResult, Receipt, judge_purge, read_receipt
from testing_server.contracts.refusals import BadSignature, BadStatement, UnknownKey
from testing_server.contracts.statements import key_id_of, public_bytes, sign_statement
from testing_server.contracts.versions import PAYLOAD_TYPES

ROOT, SIGNING, FOREIGN = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2, 3))
DAY_MS = 1_000_000
PAYLOAD: dict[str, Any] = {
    "format": "receipt/1", "package_id": "p" * 64, "school": "s1", "sitting": "t1", "sequence": 1,
    "received_at_ms": 1, "purge_not_before_ms": DAY_MS, "verdict": "accepted", "copies": 1, "attempts": [
        {"attempt": "a1", "receipt": "R" * 20, "recordings": ["aa"], "files": ["ff"],
         "heads": [{"lease": 5, "number": 7, "digest": "d7"}, {"lease": 6, "number": 3, "digest": "d3"}]}]}
KEPT = KeptAttempt({5: KeptLease(7, "d7", 7), 6: KeptLease(3, "d3", 3)}, frozenset({"aa"}), frozenset({"ff"}))


def make_hub(root: Ed25519PrivateKey = ROOT) -> TrustedHub:
    public = public_bytes(SIGNING)
    statement = sign_statement({
        "version": 1, "root": public_bytes(root).hex(), "revoked": [], "recipients": [],
        "signing": [{"id": key_id_of(public), "public": public.hex()}]}, PAYLOAD_TYPES["hub_keys"], root)
    return read_hub_keys(statement, sha256_hex(public_bytes(root)))


def read(**changes: Any) -> Receipt:
    return read_receipt(sign_statement({**PAYLOAD, **changes}, PAYLOAD_TYPES["receipt"], SIGNING), make_hub())


def test_what_is_covered_may_go_when_its_day_has_come() -> None:
    assert judge_purge(read(), "a1", KEPT, DAY_MS) == PurgeResult.DONE
    assert judge_purge(read(), "a1", KEPT, DAY_MS - 1) == PurgeResult.TOO_EARLY
    assert judge_purge(read(), "a1", KeptAttempt({}, frozenset(), frozenset()), DAY_MS) == PurgeResult.DONE


@pytest.mark.parametrize(("kept", "result"), [
    (replace(KEPT, leases={5: KeptLease(8, "d8", 8)}), PurgeResult.EVENTS_NOT_COVERED),
    (replace(KEPT, leases={5: KeptLease(7, "other", 7)}), PurgeResult.EVENTS_NOT_COVERED),
    (replace(KEPT, leases={9: KeptLease(1, "d1", 1)}), PurgeResult.EVENTS_NOT_COVERED),
    (replace(KEPT, leases={5: KeptLease(6, "d6", 5)}), PurgeResult.EVENTS_NOT_COVERED),
    (replace(KEPT, leases={5: KeptLease(6, "d6", 6)}), PurgeResult.DONE),
    (replace(KEPT, recordings=frozenset({"aa", "bb"})), PurgeResult.SOUND_NOT_COVERED),
    (replace(KEPT, recordings=frozenset({""})), PurgeResult.SOUND_NOT_COVERED),
    (replace(KEPT, files=frozenset({"ee"})), PurgeResult.FILES_NOT_COVERED),
    (replace(KEPT, recordings=frozenset(), files=frozenset()), PurgeResult.DONE)])
def test_whatever_the_hub_does_not_have_stays(kept: KeptAttempt, result: PurgeResult) -> None:
    assert judge_purge(read(), "a1", kept, DAY_MS) == result


def test_another_attempt_or_a_package_kept_aside_covers_nothing() -> None:
    assert judge_purge(read(), "a2", KEPT, DAY_MS) == PurgeResult.NOT_IN_RECEIPT
    assert judge_purge(read(verdict="quarantined"), "a1", KEPT, DAY_MS) == PurgeResult.NOT_IN_RECEIPT


def test_a_receipt_of_an_earlier_release_covers_events_but_no_sound() -> None:
    bare = {key: value for key, value in PAYLOAD["attempts"][0].items() if key not in ("recordings", "files")}
    assert judge_purge(read(attempts=[bare]), "a1", KEPT, DAY_MS) == PurgeResult.SOUND_NOT_COVERED
    written = replace(KEPT, recordings=frozenset(), files=frozenset())
    assert judge_purge(read(attempts=[bare]), "a1", written, DAY_MS) == PurgeResult.DONE


def test_only_the_hub_writes_receipts() -> None:
    foreign = sign_statement(PAYLOAD, PAYLOAD_TYPES["receipt"], FOREIGN)
    with pytest.raises(UnknownKey):
        read_receipt(foreign, make_hub())
    good = sign_statement(PAYLOAD, PAYLOAD_TYPES["receipt"], SIGNING)
    with pytest.raises(BadSignature):
        read_receipt(good.replace(b'"sig":"', b'"sig":"AAAA', 1), make_hub())
    with pytest.raises(BadStatement):
        read_receipt(sign_statement(PAYLOAD, PAYLOAD_TYPES["roster"], SIGNING), make_hub())
    with pytest.raises(BadStatement, match="another form"):
        read(attempts="all")


def test_keys_of_another_root_are_not_believed() -> None:
    with pytest.raises(UnknownKey):
        hub = make_hub()
        read_hub_keys(sign_statement({"root": public_bytes(FOREIGN).hex(), "version": 1}, PAYLOAD_TYPES["hub_keys"],
                                     FOREIGN), hub.root_fingerprint)
