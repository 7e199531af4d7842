"""Uploads by tus 1.0: resumable, checked piece by piece, and honest about every wrong header."""
import base64
import hashlib
import random
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from hypothesis import given, strategies
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from testing_server.exam_day.reception.actions import expire_uploads
from testing_server.exam_day.reception.rules import EXPIRES_MS, MAX_CHECKED_BYTES, BadUpload, read_metadata
from testing_server.foundation.audit import read_audit
from testing_server.preparation.hub_link import HubLink, Receipt
from tests.testing_server.exam_day.reception.make_reception import Reception

TYPE = "application/offset+octet-stream"


class Sender:
    """Requests of tus, written out, so that each header can be spoiled."""

    def __init__(self, reception: Reception) -> None:
        self.client = reception.hub.app.test_client()
        self.base = {"Authorization": f"Bearer {reception.ours.link._token}", "Tus-Resumable": "1.0.0"}

    def ask(self, method: str, address: str, data: bytes = b"", **headers: str | None) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {name: value for name, value in {**self.base, **named}.items() if value is not None}
        return self.client.open(address, method=method, data=data, headers=kept)

    def create(self, length: int = 10, **headers: str | None) -> str:
        answer = self.ask("POST", "/v1/packages", b"", Upload_Length=str(length), **headers)
        assert answer.status_code == 201, answer.text
        return answer.headers["Location"]

    def patch(self, address: str, data: bytes, offset: int = 0, **headers: str | None) -> TestResponse:
        return self.ask("PATCH", address, data, **{"Upload_Offset": str(offset), "Content_Type": TYPE, **headers})

    def offset(self, address: str) -> int:
        return int(self.ask("HEAD", address).headers["Upload-Offset"])


def checksum(data: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"


@pytest.fixture
def sender(reception: Reception) -> Sender:
    return Sender(reception)


def test_the_server_says_what_it_can(sender: Sender) -> None:
    answer = sender.ask("OPTIONS", "/v1/packages")
    assert answer.status_code == 204
    assert set(answer.headers["Tus-Extension"].split(",")) == {"creation", "checksum", "expiration", "termination"}
    assert set(answer.headers["Tus-Checksum-Algorithm"].split(",")) == {"sha256", "sha1"}
    assert (answer.headers["Tus-Version"], answer.headers["Tus-Resumable"]) == ("1.0.0", "1.0.0")


def test_who_asks_again_for_the_same_file_goes_on_with_the_same_upload(sender: Sender, reception: Reception) -> None:
    def describe(**told: str) -> str:
        return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in told.items())
    data = b"0123456789"
    named = describe(sha256=hashlib.sha256(data).hexdigest(), sitting="one")
    first = sender.create(Upload_Metadata=named)
    assert sender.patch(first, data[:4]).status_code == 204
    again = sender.ask("POST", "/v1/packages", b"", Upload_Length="10", Upload_Metadata=named)
    assert (again.status_code, again.headers["Location"], again.headers["Upload-Offset"]) == (201, first, "4")
    for other in (describe(sha256="0" * 64, sitting="one"), describe(sitting="one"), describe(sitting="one"),
                  describe(sha256=hashlib.sha256(data).hexdigest(), sitting="two")):
        assert sender.create(Upload_Metadata=other) != first
    assert sender.create(11, Upload_Metadata=named) != first
    begun = [line for line in reception.hub.read(read_audit, f"school:{reception.ours.school.id}")
             if line.verb == "upload_begun"]
    assert len(begun) == len(reception.uploads()) == 6
    reception.hub.clock.advance(EXPIRES_MS)
    reception.ours.link.open_session(reception.ours.key)
    assert Sender(reception).create(Upload_Metadata=named) != first, "what ended is not gone on with"


@pytest.mark.parametrize("asked_again", ["POST", "PATCH", "HEAD"])
def test_an_upload_whose_process_died_before_the_last_note_is_received_by_whatever_is_asked_next(
        sender: Sender, reception: Reception, asked_again: str) -> None:
    data = b"0123456789"
    named = "sha256 " + base64.b64encode(hashlib.sha256(data).hexdigest().encode()).decode()
    address = sender.create(Upload_Metadata=named)
    reception.hub.offered.pieces.write(address.rsplit("/", 1)[-1], data, 0)
    if asked_again == "POST":
        assert sender.create(Upload_Metadata=named) == address
    elif asked_again == "PATCH":
        assert sender.patch(address, b"", 10).status_code == 204
    else:
        assert sender.offset(address) == 10
    assert [one.state for one in reception.uploads()] == ["received"]


@pytest.mark.parametrize("method,address", [("POST", "/v1/packages"), ("HEAD", "x"), ("PATCH", "x"), ("DELETE", "x")])
def test_another_version_is_refused(sender: Sender, method: str, address: str) -> None:
    address = sender.create() if address == "x" else address
    for version in ("0.2.2", None):
        answer = sender.ask(method, address, Tus_Resumable=version, Upload_Length="5")
        assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")


@pytest.mark.parametrize("length,status", [
    (None, 400), ("", 400), ("-1", 400), ("ten", 400), ("1.5", 400), ("٣", 400), (str(21 * 1024 ** 3), 413)])
def test_a_length_must_be_a_length(sender: Sender, length: str | None, status: int) -> None:
    assert sender.ask("POST", "/v1/packages", Upload_Length=length).status_code == status


@pytest.mark.parametrize("algorithm", ["sha256", "sha1"])
def test_a_checked_piece_is_taken(sender: Sender, algorithm: str) -> None:
    address = sender.create()
    answer = sender.patch(address, b"12345", Upload_Checksum=checksum(b"12345", algorithm))
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, "5")
    assert parsedate_to_datetime(answer.headers["Upload-Expires"]).year == 2026
    assert sender.offset(address) == 5


def test_a_damaged_piece_changes_nothing(sender: Sender) -> None:
    address = sender.create()
    assert sender.patch(address, b"12345", Upload_Checksum=checksum(b"12346")).status_code == 460
    assert sender.offset(address) == 0


@pytest.mark.parametrize("header", ["md5 1B2M2Y8AsgTpgAmY7PhCfg==", "sha256", "sha256 AAAA", "sha256 not base64!"])
def test_a_checksum_of_another_kind_is_refused(sender: Sender, header: str) -> None:
    assert sender.patch(sender.create(), b"12345", Upload_Checksum=header).status_code == 400


@pytest.mark.parametrize("offset,status", [("3", 409), ("x", 400), (None, 400), ("-1", 400)])
def test_a_wrong_offset_is_refused(sender: Sender, offset: str | None, status: int) -> None:
    address = sender.create()
    answer = sender.patch(address, b"12345", Upload_Offset=offset)
    assert answer.status_code == status and sender.offset(address) == 0


def test_more_than_announced_is_refused(sender: Sender) -> None:
    address = sender.create(4)
    assert sender.patch(address, b"12345").status_code == 413
    assert sender.offset(address) == 0


def test_a_piece_with_a_checksum_is_at_most_sixteen_mebibytes(sender: Sender) -> None:
    data = bytes(MAX_CHECKED_BYTES + 1)
    address = sender.create(len(data))
    assert sender.patch(address, data, Upload_Checksum=checksum(data)).status_code == 413
    assert sender.patch(address, data).status_code == 204
    assert sender.offset(address) == len(data)


def test_another_content_type_is_refused(sender: Sender) -> None:
    assert sender.patch(sender.create(), b"12345", Content_Type="text/plain").status_code == 415


def test_an_upload_given_up_is_gone(sender: Sender) -> None:
    address = sender.create()
    assert sender.ask("DELETE", address).status_code == 204
    assert sender.ask("HEAD", address).status_code == 410
    assert sender.patch(address, b"12345").status_code == 410


def test_what_was_received_cannot_be_given_up(sender: Sender) -> None:
    address = sender.create(5)
    sender.patch(address, b"12345")
    assert sender.ask("DELETE", address).status_code == 409


def test_an_unfinished_upload_ends_after_thirty_days(sender: Sender, reception: Reception) -> None:
    address = sender.create()
    reception.hub.clock.advance(EXPIRES_MS - 3_600_000)
    reception.ours.link.list_archives()
    fresh = Sender(reception)
    assert fresh.patch(address, b"12345").status_code == 204
    reception.hub.clock.advance(EXPIRES_MS)
    reception.ours.link.list_archives()
    late = Sender(reception)
    assert late.ask("HEAD", address).status_code == 410
    late.create()
    assert not (reception.hub.offered.settings.data / "uploads" / address.rsplit("/", 1)[-1]).exists()
    assert reception.hub.write(expire_uploads) == []


@pytest.mark.parametrize("address", ["/v1/packages/" + "0" * 32, "/v1/packages/x", "/v1/packages/..%2f..%2fhub.sqlite"])
def test_an_unknown_upload_is_not_found(sender: Sender, address: str) -> None:
    assert sender.ask("HEAD", address).status_code == 404


def test_without_a_token_nothing_is_taken(reception: Reception) -> None:
    answer = reception.hub.app.test_client().post("/v1/packages", headers={"Tus-Resumable": "1.0.0"})
    assert answer.status_code == 401


def test_an_organizer_may_bring_a_package_on_a_stick(reception: Reception) -> None:
    package = reception.package()
    browser = reception.hub.browser("organizer", "school_organizer", school=reception.ours.school.id)
    head = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(package.ciphertext))}
    address = browser.client.post("/v1/packages", headers=head).headers["Location"]
    browser.client.patch(address, data=package.ciphertext, headers={
        "Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": TYPE})
    reception.judge()
    assert browser.get(f"{address}/receipt").status_code == 200
    assert isinstance(reception.ours.link.fetch_receipt(package.package), Receipt)


@given(strategies.dictionaries(strategies.sampled_from(["package", "school", "sitting", "sequence", "sha256"]),
                               strategies.text(max_size=60)))
def test_metadata_is_read_back(metadata: dict[str, str]) -> None:
    text = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in metadata.items())
    assert read_metadata(text) == metadata


@pytest.mark.parametrize("text", ["package not base64!", "package AAAA,package AAAA", "sitting /w=="])
def test_metadata_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(BadUpload):
        read_metadata(text)


def test_unknown_metadata_is_left_out() -> None:
    assert read_metadata("name QQ==,package QQ==") == {"package": "A"}


def damage_once(reception: Reception, monkeypatch: Any) -> None:
    """One piece arrives damaged, as a bad line would have it."""
    client, original = reception.ours.link._http, reception.ours.link._http.request
    spoiled: list[str] = []

    def request(method: str, url: str, **options: Any) -> Any:
        if method == "PATCH" and not spoiled:
            spoiled.append(url)
            options["content"] = b"\0" + options["content"][1:]
        return original(method, url, **options)
    monkeypatch.setattr(client, "request", request)


def test_the_link_sends_a_damaged_piece_again(reception: Reception, monkeypatch: pytest.MonkeyPatch) -> None:
    damage_once(reception, monkeypatch)
    monkeypatch.setattr("testing_server.preparation.hub_upload.time.sleep", lambda seconds: None)
    assert isinstance(reception.deliver(reception.package()), Receipt)


class CuttingProxy:
    """Passes bytes to a server and cuts the first connection that has carried `after` of them."""

    def __init__(self, target: int, after: int) -> None:
        self.target, self.left, self.cuts = target, after, 0
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            try:
                one, _address = self.door.accept()
            except OSError:
                return
            threading.Thread(target=self.carry, args=(one,), daemon=True).start()

    def carry(self, one: socket.socket) -> None:
        with one, socket.create_connection(("127.0.0.1", self.target)) as other:
            ends = [one, other]
            while True:
                for end in select.select(ends, [], [])[0]:
                    data = end.recv(65536)
                    if not data or self.is_cut(len(data) if end is one else 0):
                        return
                    (other if end is one else one).sendall(data)

    def is_cut(self, count: int) -> bool:
        self.left -= count
        if self.left >= 0 or self.cuts:
            return False
        self.cuts += 1
        return True


@contextmanager
def real_server(reception: Reception, cut_after: int) -> Iterator[tuple[HubLink, CuttingProxy]]:
    server = make_server("127.0.0.1", 0, reception.hub.app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    proxy = CuttingProxy(server.server_port, cut_after)
    ours = reception.ours
    link = HubLink(f"http://127.0.0.1:{proxy.port}", reception.hub.keys.root_fingerprint,
                   certificate=ours.link.certificate, hub_keys=reception.hub.keys.statement)
    link.open_session(ours.key)
    try:
        yield link, proxy
    finally:
        link.close()
        proxy.door.close()
        server.shutdown()


def test_an_upload_cut_in_the_middle_goes_on(reception: Reception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("testing_server.preparation.hub_upload.time.sleep", lambda seconds: None)
    data = random.Random(7).randbytes(20 * 1024 * 1024)
    path = reception.folder / "big.age"
    path.write_bytes(data)
    steps: list[int] = []
    with real_server(reception, cut_after=12 * 1024 * 1024) as (link, proxy):
        link.upload_package(path, on_progress=lambda done, whole: steps.append(done))
    upload, = reception.uploads()
    assert proxy.cuts == 1 and steps[-1] == len(data) and steps == sorted(steps)
    assert (reception.hub.offered.settings.data / "uploads" / upload.id).read_bytes() == data
    assert upload.state == "received"


def test_a_later_call_goes_on_where_the_first_one_died(reception: Reception) -> None:
    data = random.Random(8).randbytes(20 * 1024 * 1024)
    path = reception.folder / "big.age"
    path.write_bytes(data)

    def die(done: int, whole: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reception.ours.link.upload_package(path, on_progress=die)
    steps: list[int] = []
    again = reception.hub.link(certificate=reception.ours.link.certificate, hub_keys=reception.hub.keys.statement)
    again.open_session(reception.ours.key)
    again.upload_package(path, on_progress=lambda done, whole: steps.append(done))
    assert steps[0] == 16 * 1024 * 1024 and len(reception.uploads()) == 1
