"""Starting a hub: keys are made once, and later starts without them are refused."""
import shutil
from pathlib import Path

from sqlalchemy.orm import Session

from testing_server.foundation.audit import append_audit
from testing_server.foundation.services import Services, services
from testing_server.foundation.settings import Settings
from testing_server.preparation.founding.records import HubRecord
from testing_server.preparation.holders.roll import BadRoll
from testing_server.preparation.holders.trust import read_trusted_roll
from testing_server.preparation.hub_keys import (
    HubKeys, HubKeysMissing, has_no_hub_keys, load_hub_keys, make_hub_keys)

VAULT_NAME = "hub_keys"
LEAST_FREE_BYTES = 500 * 1024 * 1024
FOLDERS = ("slots", "archives", "criteria", "uploads", "packages", "quarantine")


class HoldersMissing(Exception):
    """The hub must not start: it was told that holders keep the keys of ciphers, and does not know them."""


class DiskTooFull(Exception):
    """The hub must not start: packages could not be kept."""


def prepare_hub(offered: Services) -> HubKeys:
    """Check disk and keys, make keys at the first start, and put them into the vault.

    Raises DiskTooFull, HoldersMissing, HubKeysMissing.
    """
    data = offered.settings.data
    check_disk(data)
    check_trust(offered.settings)
    for name in FOLDERS:
        (data / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    now_ms = offered.clock.now_ms()
    with offered.storage.read() as session:
        founded = session.get(HubRecord, 1)
    keys = obtain_hub_keys(offered.settings.keys_folder, now_ms, founded is not None)
    offered.storage.write(lambda db: found_hub(db, now_ms, keys))
    offered.vault[VAULT_NAME] = keys
    return keys


def obtain_keys_of(offered: Services) -> HubKeys:
    """The keys of a hub, also where nobody called prepare_hub before."""
    keys: HubKeys | None = offered.vault.get(VAULT_NAME)
    return keys or prepare_hub(offered)


def hub_keys() -> HubKeys:
    """The keys of the hub that handles the present request."""
    return obtain_keys_of(services())


def obtain_hub_keys(folder: Path, now_ms: int, was_founded: bool) -> HubKeys:
    """Loads the keys; makes them only where nothing tells of a hub that had some."""
    if has_no_hub_keys(folder) and not was_founded:
        return make_hub_keys(folder, now_ms)
    return load_hub_keys(folder)


def found_hub(session: Session, now_ms: int, keys: HubKeys) -> None:
    """Remembers the root. Raises HubKeysMissing when the folder holds another hub's keys."""
    row = session.get(HubRecord, 1)
    if row is None:
        session.add(HubRecord(number=1, root_fingerprint=keys.root_fingerprint, founded_at_ms=now_ms))
        append_audit(session, now_ms, "hub", "system", "hub_founded", keys.root_fingerprint)
    elif row.root_fingerprint != keys.root_fingerprint:
        raise HubKeysMissing("the key folder holds the keys of another hub: restore this hub's own keys")


def check_trust(settings: Settings) -> None:
    """A hub told to use holders knows them, or does not start. Raises HoldersMissing."""
    try:
        read_trusted_roll(settings)
    except BadRoll as error:
        raise HoldersMissing(f"release_trust is holders: {error}") from error


def check_disk(folder: Path, least_bytes: int = LEAST_FREE_BYTES) -> None:
    """Raises DiskTooFull."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < least_bytes:
        raise DiskTooFull(f"{folder}: {free // 2**20} MiB free, at least {least_bytes // 2**20} MiB are needed")
