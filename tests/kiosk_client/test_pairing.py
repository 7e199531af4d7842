"""Pairing: two people compare six digits; whoever stands in between shows others."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk_client.agent import Agent
from kiosk_client.fake_authority import FakeAuthority
from kiosk_client.fakes import FakeClassroom
from kiosk_client.link import InsecureServer, Wire, check_address
from kiosk_client.pairing import begin_pairing, compute_code
from kiosk_client.refusals import PairingRefused, ServerAway
from testing_server.contracts.messages import PairBegun
from tests.kiosk_client.conftest import LOGIN, wait_until

MakeAgent = Callable[..., Agent]


@pytest.fixture
def secure(tmp_path: Path) -> FakeClassroom:
    return FakeClassroom(logins={LOGIN: "10001"}, tls_folder=tmp_path).start()


def test_both_ends_compute_the_same_digits_over_tls(secure: FakeClassroom) -> None:
    pairing = begin_pairing(secure.url, Ed25519PrivateKey.generate())
    assert secure.type_digits(pairing.code)
    paired = pairing.finish(pairing.ask_state())
    assert (paired.seat, paired.authority_pem) == ("7", secure.authority.pem)


def test_a_man_in_the_middle_shows_other_digits(secure: FakeClassroom, tmp_path: Path) -> None:
    """He must show an authority of his own, for he has no leaf of the school's."""
    (tmp_path / "man").mkdir()
    man = FakeClassroom(tls_folder=tmp_path / "man").start()
    key, nonce, served = Ed25519PrivateKey.generate(), secrets.token_bytes(32), secrets.token_bytes(32)
    public = key.public_key().public_bytes_raw()
    honest = PairBegun(pairing="1", nonce=served.hex(), authority_pem=secure.authority.pem)
    false = PairBegun(pairing="1", nonce=served.hex(), authority_pem=man.authority.pem)
    assert compute_code(nonce, honest, public) != compute_code(nonce, false, public)
    assert not secure.type_digits(begin_pairing(man.url, key).code)


def test_a_relayed_authority_without_its_leaf_is_refused(secure: FakeClassroom) -> None:
    honest = secure.authority.pem
    secure.stop()
    secure.authority = FakeAuthority()
    secure.authority.pem = honest
    secure.start()
    with pytest.raises(PairingRefused):
        begin_pairing(secure.url, Ed25519PrivateKey.generate())


def test_a_server_of_another_authority_is_not_talked_to(secure: FakeClassroom) -> None:
    with pytest.raises(ServerAway):
        Wire(secure.url, FakeAuthority().pem).request("POST", "/v1/hello")


def test_another_leaf_of_the_same_authority_is_the_same_server(secure: FakeClassroom, make_agent: MakeAgent) -> None:
    agent = make_agent(secure.url)
    assert secure.type_digits(agent.begin_pairing())
    agent.confirm_pairing(True)
    wait_until(lambda: agent.connection and agent.connection.welcome)
    secure.stop()
    secure.tokens.clear()
    secure.start()
    wait_until(lambda: secure.tokens)
    assert agent.sign_in(LOGIN).log.signed_in.code == "10001"


@pytest.mark.parametrize("address", [
    "http://192.168.1.10:8443", "ftp://server", "server", "", "http://", "https:///x", "http://example.org"])
def test_plain_http_is_for_this_computer_only(address: str) -> None:
    with pytest.raises(InsecureServer):
        check_address(address)


@pytest.mark.parametrize("address", ["http://127.0.0.1:80", "http://localhost:1", "http://[::1]:5", "https://10.0.0.1"])
def test_addresses_that_may_be_used(address: str) -> None:
    assert check_address(address + "/") == address


def test_wrong_digits_turn_red_and_pin_nothing(classroom: FakeClassroom, make_agent: MakeAgent) -> None:
    agent = make_agent(classroom.url)
    code = agent.begin_pairing()
    assert not classroom.type_digits("".join(reversed(code)) + "0")
    wait_until(lambda: agent.pairing_state == "red")
    with pytest.raises(PairingRefused):
        agent.confirm_pairing(True)
    assert agent.connection is None


def test_a_person_who_sees_no_green_pins_nothing(classroom: FakeClassroom, make_agent: MakeAgent) -> None:
    agent = make_agent(classroom.url)
    assert classroom.type_digits(agent.begin_pairing())
    with pytest.raises(PairingRefused):
        agent.confirm_pairing(False)
    assert agent.connection is None and agent.pairing is None


def test_the_pairing_outlives_a_restart(classroom: FakeClassroom, make_agent: MakeAgent) -> None:
    agent = make_agent(classroom.url)
    assert classroom.type_digits(agent.begin_pairing())
    agent.confirm_pairing(True)
    agent.stop()
    again = make_agent("")
    wait_until(lambda: again.connection and again.connection.welcome)
    assert (again.options.folder / "workstation.key").stat().st_mode & 0o777 == 0o600
