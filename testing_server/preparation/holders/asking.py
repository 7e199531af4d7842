"""The hub's end of the line to a keeper. Takes a holder and a question; gives halves, or why there are none."""
from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from testing_server.preparation.holders.messages import Question, sign_question
from testing_server.preparation.holders.roll import Holder
from testing_server.preparation.holders.shares import Half

TIMEOUT_S = 5.0


class KeeperSilent(Exception):
    """No halves from this keeper now. `code`: silent, or the word of its refusal; `details` as it told them."""

    def __init__(self, code: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code, self.details = code, details or {}


@dataclass(frozen=True)
class KeeperState:
    """What a keeper says of itself; `code` "" where all is well, else why it would refuse."""

    name: str
    code: str
    now_ms: int = 0

    @property
    def is_well(self) -> bool:
        """Whether it would answer at the hour."""
        return not self.code


@dataclass(frozen=True)
class Asker:
    """Who asks: the hub's signing key and its `hub_keys` statement."""

    signing: Ed25519PrivateKey
    hub_keys: bytes

    def ask_halves(self, keeper: Holder, slot: str, opens_at_ms: int, sealed: Mapping[str, str],
                   now_ms: int) -> list[Half]:
        """The keeper's halves of a slot. `sealed`: pair -> half. Raises KeeperSilent."""
        fresh = pyrage.x25519.Identity.generate()
        question = sign_question(Question(slot, str(fresh.to_public()), now_ms), self.signing)
        told = post(keeper, "/v1/halves", {"question": question.decode(), "hub_keys": self.hub_keys.decode(),
                                           "halves": dict(sealed)})
        try:
            answer = json.loads(pyrage.decrypt(base64.b64decode(told["answer"]), [fresh]))
            return [Half(slot, str(pair), opens_at_ms, bytes.fromhex(half)) for pair, half in answer["halves"].items()]
        except (pyrage.DecryptError, ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
            raise KeeperSilent("bad_answer") from error


def ask_state(keeper: Holder, now_ms: int, most_difference_ms: int) -> KeeperState:
    """How a keeper is; never raises."""
    try:
        told = read_answer(keeper, lambda: httpx.get(f"{keeper.url}/v1/state", timeout=TIMEOUT_S))
        theirs = int(told["now_ms"])
    except KeeperSilent as silent:
        return KeeperState(keeper.name, silent.code)
    except (KeyError, TypeError, ValueError):
        return KeeperState(keeper.name, "bad_answer")
    if told.get("name") != keeper.name:
        return KeeperState(keeper.name, "another_keeper", theirs)
    if told.get("went_back"):
        return KeeperState(keeper.name, "clock_went_back", theirs)
    if not told.get("synchronised"):
        return KeeperState(keeper.name, "clock_unsynchronised", theirs)
    return KeeperState(keeper.name, "clocks_differ" if abs(theirs - now_ms) > most_difference_ms else "", theirs)


def send_postponement(keeper: Holder, envelopes: Sequence[bytes]) -> None:
    """Raises KeeperSilent."""
    post(keeper, "/v1/postponements", {"envelopes": [one.decode() for one in envelopes]})


def post(keeper: Holder, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Raises KeeperSilent."""
    return read_answer(keeper, lambda: httpx.post(f"{keeper.url}{path}", json=body, timeout=TIMEOUT_S))


def read_answer(keeper: Holder, ask: Any) -> dict[str, Any]:
    """The JSON of an answer. Raises KeeperSilent."""
    try:
        answer: httpx.Response = ask()
        told = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise KeeperSilent("silent") from error
    if not isinstance(told, dict):
        raise KeeperSilent("bad_answer")
    if answer.is_error:
        raise KeeperSilent(str(told.get("code", "silent")), told.get("details") or {})
    return told
