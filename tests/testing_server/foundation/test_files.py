"""Files are appended, committed, never replaced; their address is their checksum."""
import hashlib
from pathlib import Path

import pytest

from testing_server.foundation.clock import FakeClock
from testing_server.foundation.files import DigestDiffers, FileMissing, FolderStore, UploadMissing, WrongOffset
from testing_server.foundation.files.downloads import make_downloads_app, sign_download
from testing_server.foundation.keys import obtain_key
from tests.builders import make_settings

HELLO = hashlib.sha256(b"hello").hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "files")


def test_committed_file_is_found_by_its_digest(store: FolderStore) -> None:
    upload = store.create()
    assert store.append(upload, b"hel", 0) == 3
    assert store.append(upload, b"lo", 3) == 5
    assert store.commit(upload, HELLO) == HELLO
    with store.open(HELLO) as file:
        assert file.read() == b"hello"
    with pytest.raises(UploadMissing):
        store.append(upload, b"!")


def test_same_content_twice_is_one_file(store: FolderStore) -> None:
    assert store.add(b"hello") == store.add(b"hello") == HELLO
    assert len(list(store.path(HELLO).parent.iterdir())) == 1


def test_wrong_digest_keeps_the_upload(store: FolderStore) -> None:
    upload = store.create()
    store.append(upload, b"hello")
    with pytest.raises(DigestDiffers):
        store.commit(upload, "0" * 64)
    assert store.length(upload) == 5 and not store.has(HELLO)


@pytest.mark.parametrize("offset", [0, 4, 6])
def test_wrong_offset_says_how_far_it_is(store: FolderStore, offset: int) -> None:
    upload = store.create()
    store.append(upload, b"hello")
    with pytest.raises(WrongOffset) as refusal:
        store.append(upload, b"!", offset)
    assert refusal.value.details == {"length": 5}


@pytest.mark.parametrize("address", ["", "../../etc/passwd", "A" * 64, HELLO + "\n", "0" * 63])
def test_strange_addresses_are_missing_files(store: FolderStore, address: str) -> None:
    assert not store.has(address)
    with pytest.raises(FileMissing):
        store.open(address)
    with pytest.raises(UploadMissing):
        store.append(address, b"x")


def test_deleted_and_discarded_are_gone(store: FolderStore) -> None:
    store.add(b"hello")
    store.delete(HELLO)
    store.delete(HELLO)
    upload = store.create()
    store.discard(upload)
    assert not store.has(HELLO)
    with pytest.raises(UploadMissing):
        store.length(upload)


def test_download_needs_a_token_for_this_very_file(tmp_path: Path, clock: FakeClock) -> None:
    settings = make_settings(tmp_path)
    store, key = FolderStore(tmp_path / "files"), obtain_key(settings.mac_folder, "mac.key")
    other, token = store.add(b"other"), sign_download(key, store.add(b"hello"), clock.now_ms() + 1000)
    client = make_downloads_app(settings, clock).test_client()
    assert client.get(f"/v1/files/{HELLO}?token={token}").data == b"hello"
    assert client.get(f"/v1/files/{other}?token={token}").status_code == 403
    assert client.get(f"/v1/files/{HELLO}").status_code == 403
    clock.advance(1000)
    assert client.get(f"/v1/files/{HELLO}?token={token}").status_code == 403


def test_download_goes_on_where_it_broke(tmp_path: Path, clock: FakeClock) -> None:
    settings = make_settings(tmp_path)
    key = obtain_key(settings.mac_folder, "mac.key")
    token = sign_download(key, FolderStore(tmp_path / "files").add(b"hello"), clock.now_ms() + 1000)
    client = make_downloads_app(settings, clock).test_client()
    answer = client.get(f"/v1/files/{HELLO}?token={token}", headers={"Range": "bytes=2-"})
    assert (answer.status_code, answer.data) == (206, b"llo")
