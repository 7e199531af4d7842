"""Files by digest and uploads under way: the same promises of a folder and of a bucket of a real S3 store."""
import hashlib
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given, strategies

from testing_server.foundation.files import DigestDiffers, FileMissing, FileStore, UploadMissing, WrongOffset
from testing_server.foundation.files.bucket import Bucket, StoreAway, read_address
from testing_server.foundation.files.choosing import make_files, make_pieces
from testing_server.foundation.files.pieces import Pieces, choose_pieces, name_piece
from testing_server.foundation.files.remote import BucketStore, name_blob
from testing_server.foundation.settings import BadSetting, Settings
from tests.builders import make_settings
from tests.testing_server.stores.servers import SeaweedServer

HELLO = hashlib.sha256(b"hello").hexdigest()
UPLOAD = "ab" * 16


@pytest.fixture(params=["folder", "s3"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    if request.param == "folder":
        return make_settings(tmp_path)
    server: SeaweedServer = request.getfixturevalue("seaweed")
    url = server.url.replace("hub-files", f"trial-{os.urandom(6).hex()}")
    Bucket(read_address(url)).ensure()
    return make_settings(tmp_path, files_url=url)


@pytest.fixture
def store(settings: Settings) -> FileStore:
    return make_files(settings)


@pytest.fixture
def pieces(settings: Settings) -> Pieces:
    made = make_pieces(settings)
    made.create(UPLOAD)
    return made


def test_a_file_is_received_committed_read_and_forgotten(store: FileStore) -> None:
    upload = store.create()
    assert (store.append(upload, b"hel", 0), store.append(upload, b"lo", 3), store.length(upload)) == (3, 5, 5)
    with pytest.raises(WrongOffset):
        store.append(upload, b"!", 4)
    with pytest.raises(DigestDiffers):
        store.commit(upload, "0" * 64)
    assert store.commit(upload, HELLO) == store.add(b"hello") == HELLO
    with store.open(HELLO) as file:
        assert file.read() == b"hello"
    assert store.has(HELLO) and store.path(HELLO).read_bytes() == b"hello"
    with pytest.raises(UploadMissing):
        store.append(upload, b"!")
    store.delete(HELLO)
    store.delete(HELLO)
    assert not store.has(HELLO)
    with pytest.raises(FileMissing):
        store.open(HELLO)


def test_a_file_of_this_machine_is_adopted_and_stays(store: FileStore, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"hello")
    with pytest.raises(DigestDiffers):
        store.adopt(source, "0" * 64)
    assert store.adopt(source, HELLO) == store.adopt(source) == HELLO
    source.unlink()
    assert store.path(HELLO).read_bytes() == b"hello"


@pytest.mark.parametrize("address", ["", "../../etc/passwd", "A" * 64, HELLO + "\n"])
def test_strange_addresses_are_missing_files(store: FileStore, address: str) -> None:
    assert not store.has(address)
    with pytest.raises(FileMissing):
        store.path(address)


def test_pieces_come_in_order_and_again(pieces: Pieces, settings: Settings, tmp_path: Path) -> None:
    data = os.urandom(3_000_000)
    assert pieces.length(UPLOAD) == 0
    assert pieces.write(UPLOAD, data[:1_000_000], 0) == 1_000_000
    with pytest.raises(WrongOffset) as refusal:
        pieces.write(UPLOAD, b"x", 1_000_001)
    assert refusal.value.details == {"length": 1_000_000}
    # another process, which saw the upload before the last piece, repeats what is there and goes further
    other = make_pieces(settings)
    assert other.write(UPLOAD, data[:1_500_000], 0) == 1_500_000
    assert pieces.write(UPLOAD, data[:200_000], 0) == 1_500_000
    assert pieces.write(UPLOAD, data[1_500_000:], 1_500_000) == other.length(UPLOAD) == len(data)
    assert pieces.collect(UPLOAD, tmp_path).read_bytes() == data
    pieces.discard(UPLOAD)
    pieces.discard(UPLOAD)


def test_two_processes_that_write_the_same_piece_at_once(pieces: Pieces, settings: Settings, tmp_path: Path) -> None:
    data = os.urandom(400_000)
    writers = [threading.Thread(target=make_pieces(settings).write, args=(UPLOAD, data, 0)) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert pieces.length(UPLOAD) == len(data) and pieces.collect(UPLOAD, tmp_path).read_bytes() == data


@pytest.mark.parametrize("upload", ["", "x", "../" + "a" * 29, "A" * 32])
def test_no_upload_id_leaves_the_place_of_uploads(pieces: Pieces, upload: str) -> None:
    with pytest.raises(UploadMissing):
        pieces.length(upload)


@given(strategies.lists(strategies.tuples(strategies.integers(0, 60), strategies.integers(1, 30)), max_size=12))
def test_the_length_is_what_can_be_read_without_a_gap(spans: list[tuple[int, int]]) -> None:
    chosen = choose_pieces([*(name_piece(start, size) for start, size in spans), "rubbish", "1-2-3"])
    covered = {place for start, size in spans for place in range(start, start + size)}
    expected = next(place for place in range(100) if place not in covered)
    assert (chosen[-1].end if chosen else 0) == expected
    assert {place for piece in chosen for place in range(piece.start, piece.end)} == set(range(expected))


def test_what_was_not_read_for_longest_makes_room(seaweed: SeaweedServer, tmp_path: Path) -> None:
    bucket = Bucket(read_address(seaweed.url))
    bucket.ensure()
    bucket.ensure()
    store = BucketStore(bucket, tmp_path, at_hand_bytes=1_500)
    digests = [store.add(bytes([number]) * 1_000) for number in range(4)]
    for digest in digests:
        assert store.path(digest).stat().st_size == 1_000
    assert sum(path.stat().st_size for path in tmp_path.glob("blobs/*/*")) <= 2_000
    assert all(store.has(digest) and store.path(digest).exists() for digest in digests)
    assert bucket.has(name_blob(digests[0]))


def test_a_store_that_is_away_is_said_and_not_taken_for_empty(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, files_url="s3+http://a:b@127.0.0.1:9/bucket")
    for ask in (lambda: make_files(settings).has(HELLO), lambda: make_pieces(settings).length(UPLOAD),
                lambda: make_files(settings).path(HELLO)):
        with pytest.raises(StoreAway):
            ask()


def test_a_wrong_secret_is_not_an_empty_store(seaweed: SeaweedServer, tmp_path: Path) -> None:
    settings = make_settings(tmp_path, files_url=seaweed.url.replace("trial-secret", "another"))
    with pytest.raises(StoreAway):
        make_files(settings).has(HELLO)


@pytest.mark.parametrize("url", ["http://host/bucket", "s3://", "s3://host", "s3://host/a/b", "s3:///bucket"])
def test_an_address_of_another_form_is_refused(url: str) -> None:
    with pytest.raises(BadSetting):
        read_address(url)


def test_what_an_address_says() -> None:
    read = read_address("s3://key:se%2Fcret@store.example:9000/bucket?region=ru-1")
    assert (read.endpoint, read.bucket, read.key, read.secret, read.secure, read.region) == (
        "store.example:9000", "bucket", "key", "se/cret", True, "ru-1")
