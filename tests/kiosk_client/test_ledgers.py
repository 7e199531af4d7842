"""What a workstation keeps for the day a server dies: ledgers unread, claims only if the school's key signed them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk_client.claims_seen import ClaimsSeen
from kiosk_client.following import Following
from kiosk_client.journal import Journal
from kiosk_client.ledgers import LedgerFolder
from kiosk_client.refusals import SeatRefusal
from testing_server.contracts.ledgers import FORMAT, LedgerHeader, write_ledger_payload
from testing_server.contracts.messages import ClaimsTold
from testing_server.contracts.statements import public_bytes, sign_bytes, sign_statement
from testing_server.contracts.versions import PAYLOAD_TYPES

SITTINGS = [f"{number:08d}-0000-4000-8000-000000000000" for number in range(20)]
KEY = Ed25519PrivateKey.generate()


def make_ledger(sitting: str, generation: int, version: int) -> bytes:
    header = LedgerHeader(format=FORMAT, sitting=sitting, generation=generation, version=version, made_at_ms=1,
                          protocol="1.0", claim="")
    return sign_bytes(write_ledger_payload(header, b"sealed"), PAYLOAD_TYPES["ledger"], KEY)


def make_claim(generation: int, key: Ed25519PrivateKey = KEY) -> str:
    return sign_statement({"sitting": SITTINGS[0], "generation": generation, "instance": "x", "claimed_at_ms": 1},
                          PAYLOAD_TYPES["claim"], key).decode()


@pytest.fixture
def claims(tmp_path: Path) -> Iterator[ClaimsSeen]:
    journal = Journal(tmp_path / "journal.sqlite")
    yield ClaimsSeen(journal)
    journal.close()


def test_the_last_three_versions_are_kept_and_the_newest_is_handed_in(tmp_path: Path) -> None:
    folder = LedgerFolder(tmp_path)
    for place in ((4096, 1), (4096, 2), (8192, 1), (4096, 3)):
        folder.keep(make_ledger(SITTINGS[0], *place))
    # the last three, 4096.1 is outdated
    assert len(list(tmp_path.glob("*.ledger"))) == 3
    assert [kept.place for kept in folder.list_newest()] == [(8192, 1)]
    assert folder.has(SITTINGS[0], (8192, 1)) and not folder.has(SITTINGS[0], (8192, 2))


def test_ledgers_of_long_ago_make_room(tmp_path: Path) -> None:
    folder = LedgerFolder(tmp_path)
    for sitting in SITTINGS:
        folder.keep(make_ledger(sitting, 4096, 1))
    assert len(folder.list_newest()) == 12


def test_the_last_ledger_of_each_server_before_stays_however_many_come_after(tmp_path: Path) -> None:
    folder = LedgerFolder(tmp_path)
    for place in [(4096, 1), (4096, 2), (8192, 1), (8192, 2), *((12288, version) for version in range(1, 9))]:
        folder.keep(make_ledger(SITTINGS[0], *place))
    assert sorted(kept.place for kept in folder.list_last()) == [(4096, 2), (8192, 2), (12288, 8)]
    assert len(list(tmp_path.glob("*.ledger"))) == 5


class StubLink:
    """A server that took over with an older ledger than the one kept here. `refusals`: codes, one for each try."""

    def __init__(self, merged: dict[int, int], refusals: list[str] | None = None) -> None:
        self.wire, self.handed = SimpleNamespace(server="https://one"), list[bytes]()
        self.told = ClaimsTold(merged={SITTINGS[0]: merged})
        self.refusals = refusals or []

    def hand_in_ledger(self, envelope: bytes) -> None:
        if self.refusals:
            refusal = SeatRefusal()
            refusal.code = self.refusals.pop(0)
            raise refusal
        self.handed.append(envelope)


def make_following(folder: Path, link: StubLink, generation: int, monkeypatch: pytest.MonkeyPatch) -> Following:
    """Of a workstation that a server of this generation has welcomed."""
    claim = sign_statement({"sitting": SITTINGS[0], "generation": generation, "instance": "x", "claimed_at_ms": 1},
                           PAYLOAD_TYPES["claim"], KEY).decode()
    welcome = SimpleNamespace(claim=claim, generation=generation, recovering=False)
    connection = SimpleNamespace(link=link, welcome=welcome, is_away=False)
    journal = Journal(folder / "journal.sqlite")
    seen = ClaimsSeen(journal)
    seen.pin_school_key(public_bytes(KEY).hex())
    seen.take([claim])
    agent = SimpleNamespace(journal=journal, options=SimpleNamespace(folder=folder), connection=connection)
    monkeypatch.setattr(Following, "_ask_claims", lambda self, connection, server: link.told)
    return Following(cast("Any", agent))


@pytest.mark.parametrize(("merged", "handed"), [({4096: 1}, 1), ({4096: 2}, 0), ({}, 1)])
def test_a_server_that_took_over_with_an_older_ledger_gets_the_newest_of_the_server_before(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, merged: dict[int, int], handed: int) -> None:
    link = StubLink(merged)
    following = make_following(tmp_path, link, 8192, monkeypatch)
    newest = make_ledger(SITTINGS[0], 4096, 2)
    for envelope in (make_ledger(SITTINGS[0], 4096, 1), newest, make_ledger(SITTINGS[0], 8192, 1)):
        following.ledgers.keep(envelope)
    following.look()
    following.look()
    assert link.handed == [newest] * handed
    assert following.ledgers.list_places() == {SITTINGS[0]: (8192, 1)}


def test_a_workstation_that_missed_the_middle_server_hands_in_what_both_before_wrote_last(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The present server was rebuilt from a ledger of the middle one, which knew the first one's up to version 1."""
    link = StubLink({4096: 1, 8192: 3})
    following = make_following(tmp_path, link, 12288, monkeypatch)
    first = make_ledger(SITTINGS[0], 4096, 2)
    for envelope in (first, make_ledger(SITTINGS[0], 8192, 3), make_ledger(SITTINGS[1], 4096, 9)):
        following.ledgers.keep(envelope)
    following.look()
    assert link.handed == [first]


def test_a_late_ledger_is_brought_again_while_the_key_is_locked_and_never_to_who_cannot_read_it(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = StubLink({}, ["key_locked"])
    following = make_following(tmp_path, link, 8192, monkeypatch)
    following.ledgers.keep(make_ledger(SITTINGS[0], 4096, 2))
    following.look()
    assert link.handed == [] and link.refusals == []
    following.look()
    assert link.handed == []
    following._again_at = 0.0
    link.refusals = ["ledger_refused", "ledger_refused"]
    following.look()
    following._again_at = 0.0
    following.look()
    assert link.refusals == ["ledger_refused"]


def test_what_is_no_ledger_is_not_kept(tmp_path: Path) -> None:
    folder = LedgerFolder(tmp_path)
    strange = sign_bytes(write_ledger_payload(LedgerHeader(
        format=FORMAT, sitting="../../etc", generation=1, version=1, made_at_ms=1, protocol="1.0", claim=""), b""),
        PAYLOAD_TYPES["ledger"], KEY)
    assert folder.keep(b"nothing") is None and folder.keep(strange) is None
    assert list(tmp_path.iterdir()) == []


def test_only_claims_of_the_pinned_key_count_and_never_go_back(claims: ClaimsSeen) -> None:
    assert claims.take([make_claim(4096)]) == []
    claims.pin_school_key(public_bytes(KEY).hex())
    claims.pin_school_key(public_bytes(Ed25519PrivateKey.generate()).hex())
    claims.take([make_claim(8192), make_claim(12288, Ed25519PrivateKey.generate()), "nonsense"])
    assert claims.find_generation(SITTINGS[0]) == 8192
    claims.take([make_claim(4096)])
    assert claims.find_generation(SITTINGS[0]) == 8192
