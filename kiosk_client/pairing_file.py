"""Pairing by a file on a stick: no digits, for the file holds the authority that is to be trusted. Protocol.md §1.

Takes the file's bytes and the workstation's key; gives what is pinned from then on. Where the agent of this computer is
running, the file is laid into its folder and the agent's word about it is waited for.
"""

from __future__ import annotations

import logging
import platform
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk_client import SOFTWARE
from kiosk_client.identity import Paired
from kiosk_client.link import Wire, read_answer
from kiosk_client.refusals import PairingRefused, SeatRefusal, ServerAway
from testing_server.contracts.messages import PairState
from testing_server.contracts.pairing_file import PairByFile, PairingFile, proof_bytes, read_pairing_file
from testing_server.contracts.refusals import ContractRefusal
from testing_server.contracts.statements import public_bytes

ASKED, TOLD = "pairing-asked.json", "pairing-told.json"
WAIT_SECONDS, LOOK_SECONDS = 60.0, 0.2

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Told:
    """What came of a file that was laid into an agent's folder: the seat, or the code of the refusal."""

    seat: str = ""
    code: str = ""
    details: str = ""


def open_file(data: bytes) -> PairingFile:
    """Raises PairingRefused. Whether its day is over the server knows: a workstation's clock may be years off."""
    try:
        return read_pairing_file(data)
    except ContractRefusal as error:
        raise PairingRefused(f"not a pairing file: {error}") from error


def pair_by_file(told: PairingFile, key: Ed25519PrivateKey, seat: str, found: Iterable[str] = ()) -> Paired:
    """Asks the file's addresses, then those `found` on the network. Raises Refused, ServerAway, PairingRefused."""
    public = public_bytes(key).hex()
    body = PairByFile(token=told.token, public_key=public, signature=key.sign(proof_bytes(told.token, public)).hex(),
                      software=SOFTWARE, host_name=platform.node(), seat=seat)
    away: SeatRefusal = ServerAway("the file names no server")
    for server in dict.fromkeys([*told.servers, *found]):
        try:
            return _ask(server, told, body)
        except ServerAway as refusal:
            log.info("not at %s: %s", server, refusal.details)
            away = refusal
    raise away


def _ask(server: str, told: PairingFile, body: PairByFile) -> Paired:
    """The connection trusts the file's authority alone: the token is shown to nobody else."""
    wire = Wire(server, told.authority_pem if server.startswith("https") else None)
    try:
        answer = wire.request("POST", "/v1/pair/by-file", content=msgspec.json.encode(body),
                              headers={"Content-Type": "application/json"})
    finally:
        wire.close()
    state: PairState = read_answer(PairState, answer.body)
    if state.state != "green" or not state.workstation:
        raise PairingRefused(f"the server is {state.state}")
    return Paired(wire.server, told.authority_pem, state.workstation, state.seat, state.school, state.certificate)


# The agent of this computer is running: it is asked through its folder.

def hand_to_agent(folder: Path, data: bytes, seat: str) -> Told:
    """Lay the file down and wait for the agent's word. Raises ServerAway when it says nothing."""
    told = folder / TOLD
    told.unlink(missing_ok=True)
    draft = folder / f"{ASKED}.new"
    draft.touch(0o600)
    draft.write_bytes(msgspec.json.encode({"file": data.decode(), "seat": seat}))
    draft.replace(folder / ASKED)
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        if told.exists():
            found = msgspec.json.decode(told.read_bytes(), type=Told)
            told.unlink()
            return found
        time.sleep(LOOK_SECONDS)
    (folder / ASKED).unlink(missing_ok=True)
    raise ServerAway("the agent of this workstation did not answer")


def take_asked(folder: Path, pair: Callable[[PairingFile, str], Paired]) -> Paired | None:
    """The agent's side: pair by a file that lies there, say what came of it; None when there is none."""
    asked = folder / ASKED
    if not asked.exists():
        return None
    try:
        read = msgspec.json.decode(asked.read_bytes(), type=dict[str, str])
        paired = pair(open_file(read["file"].encode()), read["seat"])
        _tell(folder, Told(seat=paired.seat))
        return paired
    except SeatRefusal as refusal:
        _tell(folder, Told(code=refusal.code, details=refusal.details))
    except (msgspec.MsgspecError, KeyError) as error:
        _tell(folder, Told(code=PairingRefused.code, details=str(error)))
    finally:
        # The token in it is good for other computers too.
        asked.unlink(missing_ok=True)
    return None


def _tell(folder: Path, told: Told) -> None:
    draft = folder / f"{TOLD}.new"
    draft.write_bytes(msgspec.json.encode(told))
    draft.replace(folder / TOLD)
