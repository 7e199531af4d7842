"""Cards of holders and the roll that names them all.

Takes JSON files. Gives `Holder`s; a holder's own key file stays with the holder, its card goes to the hub, the roll
from the hub to every keeper by hand, once.
"""
from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.statements import key_id_of, public_bytes
from testing_server.preparation.private_files import write_private_file

ROLL, CARD, KEY = "holders.json", "holder.json", "holder.key"
CARD_FORMAT, KEY_FORMAT, ROLL_FORMAT = "holder/1", "holder-key/1", "holders/1"
NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,39}")
LEAST_HOLDERS, MOST_HOLDERS, SIGNERS = 3, 9, 2
Kind = Literal["keeper", "coordinator"]


class BadRoll(Exception):
    """The list of holders, a card or a key of one cannot be used; the text says why."""


@dataclass(frozen=True)
class Holder:
    """`recipient`: age1… address its halves are encrypted to; `public`: hex of the Ed25519 key it signs
    postponements with; `url`: where a keeper answers."""

    name: str
    kind: Kind
    recipient: str
    public: str
    url: str = ""

    @property
    def key_id(self) -> str:
        """As in signed statements."""
        return key_id_of(bytes.fromhex(self.public))

    @property
    def fingerprint(self) -> str:
        """16 hex digits two people compare by telephone."""
        return sha256_hex(f"{self.name}/{self.recipient}/{self.public}".encode())[:16]


@dataclass(frozen=True)
class Roll:
    """`hub_root`: fingerprint of the hub these holders keep halves for."""

    hub_root: str
    holders: tuple[Holder, ...]

    @property
    def keepers(self) -> tuple[Holder, ...]:
        """Those that answer by themselves."""
        return tuple(one for one in self.holders if one.kind == "keeper")

    @property
    def signers(self) -> dict[str, bytes]:
        """Coordinators' keys: key id -> raw public bytes, as verify_statement takes it."""
        return {one.key_id: bytes.fromhex(one.public) for one in self.holders if one.kind == "coordinator"}


@dataclass(frozen=True)
class HolderKey:
    """The private half of a card."""

    name: str
    identity: pyrage.x25519.Identity
    signing: Ed25519PrivateKey


def make_holder(folder: Path, name: str, kind: Kind, url: str = "", passphrase: str = "") -> Holder:
    """A new key and its card in `folder`; a key that is there stays. Raises BadRoll."""
    if (folder / KEY).exists():
        raise BadRoll(f"{folder / KEY} exists: a holder's key is made once")
    identity, signing = pyrage.x25519.Identity.generate(), Ed25519PrivateKey.generate()
    holder = check_holder(Holder(name, kind, str(identity.to_public()), public_bytes(signing).hex(), url))
    key = json.dumps({"format": KEY_FORMAT, "name": name, "identity": str(identity),
                      "signing": signing.private_bytes_raw().hex()}).encode()
    write_private_file(folder / KEY, pyrage.passphrase.encrypt(key, passphrase) if passphrase else key)
    (folder / CARD).write_text(json.dumps({"format": CARD_FORMAT, **asdict(holder)}, indent=1))
    return holder


def read_key(path: Path, passphrase: str = "") -> HolderKey:
    """Raises BadRoll, also for a wrong passphrase."""
    try:
        data = path.read_bytes()
        told = json.loads(pyrage.passphrase.decrypt(data, passphrase) if is_locked_key(data) else data)
        return HolderKey(told["name"], pyrage.x25519.Identity.from_str(told["identity"]),
                         Ed25519PrivateKey.from_private_bytes(bytes.fromhex(told["signing"])))
    except (OSError, ValueError, KeyError, TypeError, pyrage.DecryptError, pyrage.IdentityError) as error:
        raise BadRoll(f"{path}: not a holder's key, or another passphrase ({error})") from error


def is_locked_key(data: bytes) -> bool:
    """Whether a key file asks for a passphrase."""
    return data.startswith(b"age-encryption.org/")


def read_card(data: bytes | str) -> Holder:
    """Raises BadRoll."""
    try:
        told = json.loads(data)
        if told["format"] != CARD_FORMAT:
            raise BadRoll("not a holder's card")
        return check_holder(Holder(**{name: told[name] for name in Holder.__dataclass_fields__}))
    except (ValueError, KeyError, TypeError) as error:
        raise BadRoll(f"not a holder's card: {error}") from error


def check_holder(holder: Holder) -> Holder:
    """Raises BadRoll naming the field that is wrong."""
    if not NAME.fullmatch(holder.name):
        raise BadRoll("a name has 2 to 40 small latin letters, digits, points and hyphens")
    if holder.kind not in ("keeper", "coordinator"):
        raise BadRoll("a holder is a keeper or a coordinator")
    if (holder.kind == "keeper") != holder.url.startswith(("http://", "https://")):
        raise BadRoll("a keeper has an address (http:// or https://), a coordinator has none")
    try:
        pyrage.x25519.Recipient.from_str(holder.recipient)
        if len(bytes.fromhex(holder.public)) != 32:
            raise BadRoll("the public key has 32 bytes")
    except (ValueError, pyrage.RecipientError) as error:
        raise BadRoll(f"{holder.name}: a damaged public key") from error
    return holder


def check_roll(holders: Sequence[Holder]) -> None:
    """Raises BadRoll. Two coordinators must be able to sign without a third, and no two names or keys are alike."""
    if not LEAST_HOLDERS <= len(holders) <= MOST_HOLDERS:
        raise BadRoll(f"there are {LEAST_HOLDERS} to {MOST_HOLDERS} holders")
    for values in zip(*((one.name, one.recipient, one.public) for one in holders), strict=True):
        if twice := [value for value, count in Counter(values).items() if count > 1]:
            raise BadRoll(f"two holders are alike: {twice[0]}")
    if sum(one.kind == "coordinator" for one in holders) < SIGNERS:
        raise BadRoll(f"at least {SIGNERS} holders are coordinators: they sign a postponement together")


def write_roll(path: Path, roll: Roll) -> None:
    """Raises BadRoll."""
    check_roll(roll.holders)
    told = {"format": ROLL_FORMAT, "hub_root": roll.hub_root, "holders": [asdict(one) for one in roll.holders]}
    write_private_file(path, json.dumps(told, indent=1).encode())


def read_roll(path: Path) -> Roll:
    """Raises BadRoll."""
    try:
        told: dict[str, Any] = json.loads(path.read_bytes())
        if told["format"] != ROLL_FORMAT:
            raise BadRoll(f"{path} is not a list of holders")
        holders = tuple(check_holder(Holder(**one)) for one in told["holders"])
        check_roll(holders)
        return Roll(str(told["hub_root"]), holders)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadRoll(f"{path}: {error}") from error
