"""A hub makes its keys once and refuses to start without them or without room."""
import shutil
from pathlib import Path

import pytest

from testing_server.contracts.refusals import BadStatement, UnknownKey
from testing_server.preparation.founding.actions import DiskTooFull, check_disk, prepare_hub
from testing_server.preparation.hub_keys import (
    RECIPIENT, SIGNING, HubKeysMissing, make_hub_keys, read_hub_keys)
from tests.testing_server.preparation.make_hub import Hub


def test_keys_stay_the_same_over_starts(hub: Hub) -> None:
    again = prepare_hub(hub.offered)
    assert again.statement == hub.keys.statement
    assert again.trusted == hub.keys.trusted


@pytest.mark.parametrize("lost", [SIGNING, RECIPIENT])
def test_a_hub_without_a_key_does_not_start(hub: Hub, lost: str) -> None:
    (hub.offered.settings.keys_folder / lost).unlink()
    with pytest.raises(HubKeysMissing, match=lost):
        prepare_hub(hub.offered)


def test_a_founded_hub_never_makes_new_keys(hub: Hub) -> None:
    shutil.rmtree(hub.offered.settings.keys_folder)
    with pytest.raises(HubKeysMissing):
        prepare_hub(hub.offered)


def test_keys_of_another_hub_are_refused(hub: Hub, tmp_path: Path) -> None:
    make_hub_keys(hub.offered.settings.keys_folder, 0)
    with pytest.raises(HubKeysMissing, match="another hub"):
        prepare_hub(hub.offered)


def test_a_damaged_key_is_named(hub: Hub) -> None:
    (hub.offered.settings.keys_folder / SIGNING).write_text("not hex")
    with pytest.raises(HubKeysMissing, match="damaged"):
        prepare_hub(hub.offered)


def test_a_full_disk_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(DiskTooFull, match="MiB"):
        check_disk(tmp_path, least_bytes=1 << 62)


def test_the_statement_is_believed_only_from_its_root(hub: Hub) -> None:
    trusted = read_hub_keys(hub.keys.statement, hub.keys.root_fingerprint)
    assert trusted.signing == hub.keys.trusted
    with pytest.raises(UnknownKey):
        read_hub_keys(hub.keys.statement, "f" * 64)
    with pytest.raises(BadStatement, match="older"):
        read_hub_keys(hub.keys.statement, hub.keys.root_fingerprint, lowest_version=2)
