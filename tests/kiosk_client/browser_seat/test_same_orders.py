"""A receipt is believed, and an order to delete judged, in a browser as in the installed program."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk_client.fakes import FakeAttempt
from kiosk_client.purging import read_order
from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.directives import Directive
from testing_server.contracts.events import digest_of
from testing_server.contracts.receipts import KeptAttempt, KeptLease, judge_purge
from testing_server.contracts.refusals import BadStatement
from tests.kiosk_client.fake_hub import FakeHub

ATTEMPT, LEASE, NOW_MS = "a1", 4_195_329, 5_000
JUDGE = Path(__file__).with_name("judge_orders.mjs")
LINES = ("{\"one\":1}", "{\"two\":2}")
SOUND = b"\1\0" * 40


def make_case(hub: FakeHub, **changes: Any) -> dict[str, Any]:
    """An order that is to be carried out; `changes` spoil it."""
    known = FakeAttempt(ATTEMPT, "00000000", "10001", lines={(LEASE, n + 1): line for n, line in enumerate(LINES)},
                        sound={(LEASE, 2): bytearray(SOUND)}, files={"f" * 64: bytearray(b"x")})
    kept = {"leases": [[LEASE, {"number": 2, "digest": digest_of(LINES[1].encode()), "acked": 2}]],
            "recordings": [sha256_hex(SOUND)], "files": ["f" * 64]}
    return {"order": hub.receive(known), "root": hub.fingerprint, "attempt": ATTEMPT, "kept": kept, "now_ms": NOW_MS,
            **changes}


def spoil(hub: FakeHub) -> dict[str, dict[str, Any]]:
    """Name → a case; every one but the first two leaves the work in place."""
    good, other = make_case(hub), FakeHub()
    head = good["kept"]["leases"][0][1]
    tampered = json.loads(good["order"]["receipt"])
    tampered["payload"] = tampered["payload"][:-8] + "AAAAAAA="
    known = FakeAttempt(ATTEMPT, "", "", lines={(LEASE, 1): LINES[0], (LEASE, 2): LINES[1]})
    return {
        "good": good,
        "older events confirmed": make_case(hub, kept={**good["kept"], "leases": [[LEASE, {**head, "number": 1}]]}),
        "older events not confirmed": make_case(hub, kept={**good["kept"], "leases": [
            [LEASE, {**head, "number": 1, "acked": 0}]]}),
        "newer events": make_case(hub, kept={**good["kept"], "leases": [[LEASE, {**head, "number": 3}]]}),
        "another digest": make_case(hub, kept={**good["kept"], "leases": [[LEASE, {**head, "digest": "0" * 64}]]}),
        "unknown sound": make_case(hub, kept={**good["kept"], "recordings": [""]}),
        "unknown file": make_case(hub, kept={**good["kept"], "files": ["e" * 64]}),
        "too early": make_case(hub, order=hub.receive(known, purge_not_before_ms=NOW_MS + 1)),
        "another attempt": make_case(hub, attempt="a2"),
        "another hub": make_case(hub, order=make_case(other)["order"]),
        "another hub's keys": make_case(hub, order={**good["order"], "hub_keys": other.statement}),
        "a signing key of nobody": make_case(hub, order=make_case(
            FakeHub(root=hub.root, signing=Ed25519PrivateKey.generate()))["order"] | {"hub_keys": hub.statement}),
        "tampered": make_case(hub, order={**good["order"], "receipt": json.dumps(tampered)}),
        "no receipt": make_case(hub, order={}),
        "no envelope": make_case(hub, order={"receipt": "{}", "hub_keys": "[]"}),
    }


def judge_here(case: dict[str, Any]) -> str:
    """What the installed program answers."""
    order = Directive(attempt=ATTEMPT, generation=1, number=1, kind="purge", at_ms=1, body=case["order"])
    kept = KeptAttempt({lease: msgspec.convert(head, KeptLease) for lease, head in case["kept"]["leases"]},
                       frozenset(case["kept"]["recordings"]), frozenset(case["kept"]["files"]))
    try:
        return str(judge_purge(read_order(order, case["root"]), case["attempt"], kept, case["now_ms"]))
    except BadStatement:
        return "bad_receipt"


@pytest.fixture(scope="module")
def judged() -> dict[str, tuple[str, str]]:
    """Name → (the installed program's word, the browser's)."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node: make setup needs it for the pages")
    cases = spoil(FakeHub())
    done = subprocess.run([node, str(JUDGE)], input=json.dumps(list(cases.values())), capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == 0, done.stderr
    return dict(zip(cases, zip(map(judge_here, cases.values()), json.loads(done.stdout), strict=True), strict=True))


def test_both_say_the_same(judged: dict[str, tuple[str, str]]) -> None:
    assert [name for name, (here, there) in judged.items() if here != there] == []


def test_only_what_is_covered_and_believed_goes(judged: dict[str, tuple[str, str]]) -> None:
    done = [name for name, (_, there) in judged.items() if there == "done"]
    assert done == ["good", "older events confirmed"]


@pytest.mark.parametrize(("name", "word"), [
    ("too early", "too_early"), ("unknown sound", "sound_not_covered"), ("unknown file", "files_not_covered"),
    ("newer events", "events_not_covered"), ("another hub", "bad_receipt"), ("tampered", "bad_receipt")])
def test_the_reason_is_told(judged: dict[str, tuple[str, str]], name: str, word: str) -> None:
    assert judged[name] == (word, word)
