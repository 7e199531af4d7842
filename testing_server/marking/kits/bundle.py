"""The sealed bundle: a tar of what it is, of the expert's locked keys and of the answers under those keys.

`kit.json` (signed by the hub: for whom, until when, where marks go), `key.age` (age identity and signing key, under the
passphrase), `content.age` (to that identity: a tar of answers, recordings, pictures and `criteria.age`, which the
criteria cipher opens). Formats: protocol.md §1 and §6; reading is the age library's, so any age tool can do it too.
"""

from __future__ import annotations

import io
import json
import secrets
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from task_bank.sealing.age_scrypt import lock_with_passphrase
from task_bank.sealing.age_x25519 import encrypt_stream
from testing_server.contracts.canonical import encode_canonical
from testing_server.contracts.refusals import BadStatement
from testing_server.contracts.statements import (
    key_id_of, public_bytes, read_unverified, sign_statement, verify_statement)
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.foundation.refusals import Refusal
from testing_server.marking.kits.rules import (
    CriteriaLocked, KitEvent, KitLocked, KitUnreadable, check_chain, read_event)

HEADER, KEY, CONTENT, CRITERIA = "kit.json", "key.age", "content.age", "criteria.age"
LOCK_BYTES = 48


@dataclass(frozen=True)
class KitKeys:
    """`identity` opens the content, `signing` signs what is done with it. Both are in clear in memory alone."""

    identity: pyrage.x25519.Identity
    signing: Ed25519PrivateKey

    @property
    def public_key(self) -> str:
        """Hex of the key that verifies events."""
        return public_bytes(self.signing).hex()


def make_keys() -> KitKeys:
    """Fresh keys for one kit."""
    return KitKeys(pyrage.x25519.Identity.generate(), Ed25519PrivateKey.generate())


def lock_keys(keys: KitKeys, passphrase: str) -> bytes:
    """The keys under the expert's passphrase."""
    plain = encode_canonical({"identity": str(keys.identity), "signing": keys.signing.private_bytes_raw().hex()})
    return lock(plain, passphrase)


def unlock_keys(locked: bytes, passphrase: str) -> KitKeys:
    """Raises KitLocked, KitUnreadable."""
    parts = json.loads(unlock(locked, passphrase, KitLocked()))
    return KitKeys(pyrage.x25519.Identity.from_str(parts["identity"]),
                   Ed25519PrivateKey.from_private_bytes(bytes.fromhex(parts["signing"])))


def lock(plain: bytes, passphrase: str) -> bytes:
    """Bytes under digits that chance made: a passphrase chosen by people would need a slower hash."""
    return lock_with_passphrase(plain, passphrase, secrets.token_bytes(LOCK_BYTES))


def unlock(locked: bytes, passphrase: str, wrong: Refusal) -> bytes:
    """Raises `wrong` for another passphrase, KitUnreadable for damaged bytes."""
    try:
        return bytes(pyrage.passphrase.decrypt(locked, passphrase))
    except pyrage.DecryptError as error:
        # one class for all failures: only the failed unwrapping of the file key means the passphrase
        raise (wrong if "decryption failed" in str(error).lower() else KitUnreadable()) from error


def unlock_criteria(locked: bytes, cipher: str) -> dict[str, Any]:
    """The criteria inside a kit. Raises CriteriaLocked, KitUnreadable."""
    found: dict[str, Any] = json.loads(unlock(locked, cipher, CriteriaLocked()))
    return found


def write_kit(target: Path, header: bytes, locked_keys: bytes, content: Path, keys: KitKeys) -> None:
    """Seals the tar at `content` into a kit at `target`."""
    sealed = target.with_name(f".{target.name}.content")
    try:
        with open(content, "rb") as source, open(sealed, "wb") as file:
            for piece in encrypt_stream(source, [str(keys.identity.to_public())]):
                file.write(piece)
        with tarfile.open(target, "w") as tar:
            _add_bytes(tar, HEADER, header)
            _add_bytes(tar, KEY, locked_keys)
            tar.add(sealed, CONTENT, filter=_make_plain)
    finally:
        sealed.unlink(missing_ok=True)


def _add_bytes(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))


def _make_plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    return entry


@contextmanager
def open_kit(path: Path) -> Iterator[tarfile.TarFile]:
    """A kit for reading. Raises KitUnreadable."""
    try:
        with tarfile.open(path, "r") as tar:
            yield tar
    except (tarfile.TarError, KeyError, EOFError, ValueError) as error:
        raise KitUnreadable() from error


def read_part(tar: tarfile.TarFile, name: str) -> bytes:
    """One part of an opened kit."""
    part = tar.extractfile(name)
    if part is None:
        raise KitUnreadable()
    return part.read()


def read_header(path: Path) -> dict[str, Any]:
    """What a kit says of itself, before it is unlocked. Raises KitUnreadable."""
    try:
        with open_kit(path) as tar:
            return read_unverified(read_part(tar, HEADER)).read()
    except (BadStatement, OSError) as error:
        raise KitUnreadable() from error


def unpack_content(path: Path, keys: KitKeys, folder: Path) -> None:
    """The opened content in a folder. Raises KitUnreadable; the folder may then hold a part and must be thrown away."""
    plain = folder / ".content.tar"
    try:
        with open_kit(path) as tar, open(plain, "wb") as file:
            source = tar.extractfile(CONTENT)
            if source is None:
                raise KitUnreadable()
            pyrage.decrypt_io(source, file, [keys.identity])
        with tarfile.open(plain) as content:
            content.extractall(folder, filter="data")
    except (pyrage.DecryptError, tarfile.TarError, OSError) as error:
        raise KitUnreadable() from error
    finally:
        plain.unlink(missing_ok=True)


def sign_event(keys: KitKeys, body: dict[str, Any]) -> str:
    """One line of the kit's journal."""
    return sign_statement(body, PAYLOAD_TYPES["kit_event"], keys.signing).decode()


def seal_events(lines: list[str], recipient: str) -> bytes:
    """The file of marks: the journal under the hub's key."""
    return bytes(pyrage.encrypt("\n".join(lines).encode(), [pyrage.x25519.Recipient.from_str(recipient)]))


def open_events(sealed: bytes, identity: pyrage.x25519.Identity) -> list[str]:
    """The journal inside a file of marks. Raises KitUnreadable."""
    try:
        return bytes(pyrage.decrypt(sealed, [identity])).decode().splitlines()
    except (pyrage.DecryptError, UnicodeDecodeError) as error:
        raise KitUnreadable() from error


def find_kit(lines: list[str]) -> str:
    """Which kit a journal says it is of; nothing is believed of it yet. Raises KitUnreadable."""
    try:
        return str(read_unverified(lines[0].encode()).read()["kit"])
    except (BadStatement, IndexError, KeyError) as error:
        raise KitUnreadable() from error


def verify_events(lines: list[str], kit: str, public_key: str) -> list[KitEvent]:
    """Every event, its signature verified, none left out. Raises KitUnreadable."""
    raw = bytes.fromhex(public_key)
    trusted = {key_id_of(raw): raw}
    try:
        events = [read_event(verify_statement(line.encode(), trusted, PAYLOAD_TYPES["kit_event"]).read(), kit, line)
                  for line in lines]
    except BadStatement as error:
        raise KitUnreadable() from error
    check_chain(events)
    return events
