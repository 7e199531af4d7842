"""A damaged, forged or foreign package is refused with its reason, kept aside, and never used."""
import io
import tarfile
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.packages import Entry
from testing_server.exam_day.reception.quarantine import Quarantine
from testing_server.exam_day.reception.unpacking import unpack_tar
from testing_server.preparation.hub_link import Quarantined, Receipt
from tests.testing_server.exam_day.reception.make_package import Files, write_tar
from tests.testing_server.exam_day.reception.make_reception import Reception
from tests.testing_server.preparation.make_hub import enrol, make_key


def change(path_part: str, data: bytes) -> Callable[[Files], None]:
    def apply(files: Files) -> None:
        path = next(path for path in files if path_part in path)
        files[path] = data
    return apply


def add(path: str, data: bytes = b"x") -> Callable[[Files], None]:
    return lambda files: files.update({path: data})


def drop(path_part: str) -> Callable[[Files], None]:
    return lambda files: [files.pop(path) for path in list(files) if path_part in path] and None  # type: ignore


def flip_flac(files: Files) -> None:
    """Another sound under its own right digest: only the acknowledged PCM tells."""
    path = next(path for path in files if path.endswith(".flac"))
    data = files.pop(path)[:-40] + b"\0" * 40
    files[f"recordings/{sha256_hex(data)}.flac"] = data


@pytest.mark.parametrize("reason,changes", [
    ("digest_mismatch", {"corrupt": change("events/", b"{}")}),
    ("digest_mismatch", {"corrupt": change(".flac", b"fLaC")}),
    ("digest_mismatch", {"corrupt": drop("results/")}),
    ("unexpected_file", {"corrupt": add("files/" + "0" * 64)}),
    ("unexpected_file", {"corrupt": add("names.txt")}),
    ("unsafe_path", {"corrupt": add("../../etc/passwd")}),
    ("unsafe_path", {"corrupt": add("/etc/passwd")}),
    ("bad_signature", {"corrupt": lambda files: files.update(
        {"manifest.json": files["manifest.json"].replace(b'"reason":""', b'"reason":"y"')})}),
    ("bad_signature", {"corrupt": change("manifest.sig", b"{}")}),
    ("unreadable", {"corrupt": drop("manifest.sig")}),
    ("unreadable", {"corrupt": drop("manifest.json")}),
    ("unreadable", {"corrupt": change("manifest.json", b"[]")}),
    ("unreadable", {"spoil": change("leases.jsonl", b"[]")}),
    ("unreadable", {"tar": lambda files: b"this is no tar" * 100}),
    ("unsupported_format", {"format": "response-package/9"}),
    ("foreign_archive", {"archive": "0" * 64}),
    ("unknown_school_key", {"key": make_key()}),
    ("unknown_school_key", {"school": "another"}),
    ("expired_key", {"made_at_ms": 0}),
    ("missing_previous", {"entries": [Entry(path="files/" + "1" * 64, bytes=1, sha256="1" * 64, carried_by="2" * 64)]}),
])
def test_each_fault_has_its_reason(reception: Reception, reason: str, changes: dict[str, Any]) -> None:
    if reason == "missing_previous":
        changes = {**changes, "spoil": lambda files: files.clear(), "attempts": [], "recordings": []}
    package = reception.package(**changes)
    assert reception.deliver(package) == Quarantined(reason)
    assert reception.attempts() == []
    upload, = reception.uploads()
    kept = reception.hub.offered.files.path(upload.content)
    assert kept.read_bytes() == package.ciphertext and upload.state == "quarantined"


@pytest.mark.parametrize("changes", [{"files": []}, {"spoil": drop("files/")}])
def test_a_file_that_a_candidate_gave_must_be_there(reception: Reception, changes: dict[str, Any]) -> None:
    seat = reception.seat().draw("i4", "r1", b"picture")
    assert reception.deliver(reception.package([seat], **changes)) == Quarantined("digest_mismatch")


def test_a_package_with_a_file_is_accepted_and_keeps_it(reception: Reception) -> None:
    seat = reception.seat().draw("i4", "r1", b"picture")
    assert isinstance(reception.deliver(reception.package([seat])), Receipt)
    assert reception.hub.offered.files.path(sha256_hex(b"picture")).read_bytes() == b"picture"


def test_a_cut_ciphertext_is_unreadable(reception: Reception) -> None:
    package = reception.package()
    path = reception.folder / "cut.age"
    path.write_bytes(package.ciphertext[:-20])
    named = reception.ours.link.upload_package(path, {"package": package.package})
    reception.judge()
    assert reception.ours.link.fetch_receipt(named) == Quarantined("unreadable")


def test_sound_that_was_not_acknowledged_is_found_out(reception: Reception) -> None:
    seat = reception.seat()
    path, = seat.sounds
    flip_flac(seat.sounds)
    new, = seat.sounds
    seat.recordings[0].flac_sha256 = new.removeprefix("recordings/").removesuffix(".flac")
    assert new != path
    assert reception.deliver(reception.package([seat])) == Quarantined("digest_mismatch")


def test_a_broken_chain_of_events_is_found_out(reception: Reception) -> None:
    seat = reception.seat()
    seat.lines[2] = seat.lines[2].replace(b'"c1"', b'"c9"')
    assert reception.deliver(reception.package([seat])) == Quarantined("digest_mismatch")


def test_events_must_follow_the_grant_of_their_lease(reception: Reception) -> None:
    seat = reception.seat()
    seat.grant = '{"lease": 2}'
    assert reception.deliver(reception.package([seat])) == Quarantined("digest_mismatch")


def test_an_event_of_another_attempt_is_found_out(reception: Reception) -> None:
    seat, other = reception.seat(), reception.seat(code="22222")
    seat.lines[-1] = other.lines[-1]
    assert reception.deliver(reception.package([seat])) == Quarantined("digest_mismatch")


def test_a_whole_package_replaces_the_damaged_one(reception: Reception) -> None:
    seat = reception.seat()
    damaged = reception.package([seat], corrupt=change("events/", b"{}"))
    assert reception.deliver(damaged) == Quarantined("digest_mismatch")
    assert isinstance(reception.deliver(reception.package([seat]), "whole.age"), Receipt)
    assert {one.state for one in reception.uploads()} == {"replaced", "accepted"}


def test_another_school_sees_neither_receipt_nor_upload(reception: Reception) -> None:
    package = reception.package()
    reception.deliver(package)
    upload, = reception.uploads()
    theirs = enrol(reception.hub, "sch330002")
    headers = {"Authorization": f"Bearer {theirs.link._token}", "Tus-Resumable": "1.0.0"}
    client = reception.hub.app.test_client()
    assert client.get(f"/v1/packages/{package.package}/receipt", headers=headers).status_code == 404
    assert client.head(f"/v1/packages/{upload.id}", headers=headers).status_code == 404


def make_link_tar(kind: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:") as archive:
        member = tarfile.TarInfo("ledger.jsonl")
        member.type, member.linkname = kind, "/etc/passwd"
        archive.addfile(member)
    return out.getvalue()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_only_plain_files_are_unpacked(tmp_path: Any, kind: bytes) -> None:
    (tmp_path / "x.tar").write_bytes(make_link_tar(kind))
    with pytest.raises(Quarantine) as refused:
        unpack_tar(tmp_path / "x.tar", tmp_path / "into")
    assert refused.value.reason == "unsafe_path"


def test_limits_hold(tmp_path: Any) -> None:
    (tmp_path / "x.tar").write_bytes(write_tar({"ledger.jsonl": b"x" * 2000, "leases.jsonl": b"y"}))
    for limits in ({"max_bytes": 1000}, {"max_files": 1}):
        with pytest.raises(Quarantine) as refused:
            unpack_tar(tmp_path / "x.tar", tmp_path / str(limits), **limits)
        assert refused.value.reason == "too_large"


def test_a_name_that_occurs_twice_is_refused(tmp_path: Any) -> None:
    once = write_tar({"ledger.jsonl": b"x"})
    (tmp_path / "x.tar").write_bytes(once[:1024] + once)
    with pytest.raises(Quarantine) as refused:
        unpack_tar(tmp_path / "x.tar", tmp_path / "into")
    assert refused.value.reason == "unexpected_file"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(name=strategies.text(min_size=1, max_size=90), at=strategies.integers(0, 2000), byte=strategies.integers(0, 255))
def test_nothing_is_ever_written_outside(tmp_path_factory: Any, name: str, at: int, byte: int) -> None:
    folder = tmp_path_factory.mktemp("outer")
    tar = bytearray(write_tar({name: b"content", "ledger.jsonl": b"ok"}))
    tar[at % len(tar)] = byte
    (folder / "x.tar").write_bytes(tar)
    try:
        unpack_tar(folder / "x.tar", folder / "into")
    except Quarantine as refused:
        assert refused.reason in ("unsafe_path", "unexpected_file", "unreadable", "too_large")
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert all(path == "x.tar" or path.startswith("into/") for path in written)
