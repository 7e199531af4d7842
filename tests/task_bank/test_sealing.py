"""Archives open with their cipher, here and with the age tool, and only whole."""
import io
import json
import os
import pty
import select
import shutil
import tarfile
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pyrage
import pytest

from task_bank.sealing import (
    DamagedArchive,
    Entry,
    WrongCipher,
    archive,
    build_criteria_entries,
    build_materials_entries,
    describe_archive,
    lock_identity,
    open_archive,
    open_with_identity,
    seal_archive,
    sign_statement,
)
from task_bank.sealing.age_scrypt import lock_with_passphrase
from task_bank.sealing.tar_stream import TarStream
from task_bank.variants import Variant, deliver
from tests.task_bank.builders import KINDS, make_package_of_kinds

CIPHER = "11111 22222 33333 44444 55555 66666"
ENTRIES = [Entry("variants/48213.json", b'{"number":"48213"}'), Entry("media/ab", os.urandom(200_000))]


def test_an_archive_opens_with_its_cipher_however_it_is_written(tmp_path: Path) -> None:
    sealed = seal_archive(ENTRIES, CIPHER, tmp_path)
    for cipher in (CIPHER, CIPHER.replace(" ", ""), CIPHER.replace(" ", "-")):
        opened = open_archive(sealed.archive_path, sealed.key_path, cipher, tmp_path / "out")
        assert opened.names == ("media/ab", "variants/48213.json") and opened.sha256 == sealed.sha256
        assert (opened.folder / "media/ab").read_bytes() == ENTRIES[1].content
    assert sealed.bytes == sealed.archive_path.stat().st_size


def test_a_folder_can_be_sealed_as_it_lies(tmp_path: Path) -> None:
    (tmp_path / "in" / "media").mkdir(parents=True)
    (tmp_path / "in" / "media" / "x").write_bytes(b"sound")
    sealed = seal_archive(tmp_path / "in", CIPHER, tmp_path / "sealed")
    opened = open_archive(sealed.archive_path, sealed.key_path, CIPHER, tmp_path / "out")
    assert (opened.folder / "media" / "x").read_bytes() == b"sound"


def test_a_wrong_cipher_is_told_from_a_damaged_archive(tmp_path: Path) -> None:
    sealed = seal_archive(ENTRIES, CIPHER, tmp_path)
    with pytest.raises(WrongCipher):
        open_archive(sealed.archive_path, sealed.key_path, CIPHER.replace("3", "4"), tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive.age", "key.age"]


@pytest.mark.parametrize("spoil", [
    lambda data: data[:-10], lambda data: data[:100], lambda data: b"", lambda data: b"not age" + data,
    lambda data: data[:5000] + bytes([data[5000] ^ 1]) + data[5001:], lambda data: data + b"more",
    lambda data: data[:65_536 + 300],
])
def test_a_damaged_archive_leaves_nothing_behind(tmp_path: Path, spoil: Any) -> None:
    sealed = seal_archive(ENTRIES, CIPHER, tmp_path)
    sealed.archive_path.write_bytes(spoil(sealed.archive_path.read_bytes()))
    with pytest.raises(DamagedArchive):
        open_archive(sealed.archive_path, sealed.key_path, CIPHER, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive.age", "key.age"]


def test_an_archive_already_open_stays_when_a_damaged_one_comes(tmp_path: Path) -> None:
    sealed = seal_archive(ENTRIES, CIPHER, tmp_path)
    open_archive(sealed.archive_path, sealed.key_path, CIPHER, tmp_path / "out")
    sealed.archive_path.write_bytes(sealed.archive_path.read_bytes()[:-1])
    with pytest.raises(DamagedArchive):
        open_archive(sealed.archive_path, sealed.key_path, CIPHER, tmp_path / "out")
    assert (tmp_path / "out" / "variants" / "48213.json").exists()


@pytest.mark.parametrize("place", [5, 250])
def test_a_damaged_key_file_is_named(tmp_path: Path, place: int) -> None:
    sealed = seal_archive(ENTRIES, CIPHER, tmp_path)
    locked = bytearray(sealed.key_path.read_bytes())
    locked[place] ^= 1
    sealed.key_path.write_bytes(bytes(locked))
    with pytest.raises(DamagedArchive, match="key.age"):
        open_archive(sealed.archive_path, sealed.key_path, CIPHER, tmp_path / "out")


def write_evil(tmp_path: Path, members: list[tarfile.TarInfo]) -> tuple[Path, str]:
    """An archive sealed by hand, with members a sealer of ours never writes."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for member in members:
            tar.addfile(member, io.BytesIO(bytes(member.size)))
    identity = pyrage.x25519.Identity.generate()
    path = tmp_path / "evil.age"
    path.write_bytes(pyrage.encrypt(plain.getvalue(), [identity.to_public()]))
    return path, str(identity)


def make_member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 0) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname, member.size = kind, link, size
    return member


@pytest.mark.parametrize("members", [
    [make_member("../outside")], [make_member("/etc/outside")], [make_member("a\\b")], [make_member("a/../../b")],
    [make_member("link", tarfile.SYMTYPE, "/etc/passwd")], [make_member("hard", tarfile.LNKTYPE, "/etc/passwd")],
    [make_member("pipe", tarfile.FIFOTYPE)], [make_member("x" * 256)], [make_member("twice"), make_member("twice")],
])
def test_an_archive_that_reaches_out_of_its_folder_is_refused(tmp_path: Path, members: Any) -> None:
    path, identity = write_evil(tmp_path, members)
    with pytest.raises(DamagedArchive):
        open_with_identity(path, identity, tmp_path / "out")
    assert [one.name for one in tmp_path.iterdir()] == ["evil.age"]


def test_limits_of_size_and_number_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, identity = write_evil(tmp_path, [make_member("a", size=600), make_member("b", size=600)])
    for name, limit in (("MAX_FILES", 1), ("MAX_BYTES", 1000), ("MAX_FILE_BYTES", 500)):
        with monkeypatch.context() as patched:
            patched.setattr(archive, name, limit)
            with pytest.raises(DamagedArchive):
                open_with_identity(path, identity, tmp_path / "out")
    assert open_with_identity(path, identity, tmp_path / "out").names == ("a", "b")


def test_a_new_cipher_needs_only_a_new_key_file(tmp_path: Path) -> None:
    sealed = seal_archive(ENTRIES, CIPHER, tmp_path)
    (tmp_path / "new").mkdir()
    fresh = lock_identity(sealed.identity, "99999", tmp_path / "new")
    assert open_archive(sealed.archive_path, fresh, "99999", tmp_path / "out").sha256 == sealed.sha256
    with pytest.raises(WrongCipher):
        open_archive(sealed.archive_path, fresh, CIPHER, tmp_path / "out")


def test_escrow_may_open_besides_the_cipher(tmp_path: Path) -> None:
    escrow = pyrage.x25519.Identity.generate()
    sealed = seal_archive(ENTRIES, CIPHER, tmp_path, recipients=[str(escrow.to_public())])
    assert open_with_identity(sealed.archive_path, str(escrow), tmp_path / "out").names[0] == "media/ab"


def test_the_same_contents_make_the_same_tar(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")
    one = TarStream([Entry("b", b"1"), Entry("a", tmp_path / "x")]).read()
    assert one == TarStream([Entry("a", b"abc"), Entry("b", b"1")]).read()
    with tarfile.open(fileobj=io.BytesIO(one)) as tar:
        assert [(member.name, member.mtime, member.mode) for member in tar] == [("a", 0, 0o644), ("b", 0, 0o644)]


def test_long_and_russian_names_survive(tmp_path: Path) -> None:
    name = "папка/" + "длинное-имя-" * 10 + ".json"
    sealed = seal_archive([Entry(name, b"x")], CIPHER, tmp_path)
    assert open_archive(sealed.archive_path, sealed.key_path, CIPHER, tmp_path / "out").names == (name,)


def test_sealing_a_large_file_takes_little_memory(tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(64 * 1024 * 1024)
    tracemalloc.start()
    seal_archive([Entry("large", large)], CIPHER, tmp_path / "sealed")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 * 1024 * 1024


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 200_000])
def test_our_key_files_are_read_by_another_implementation(size: int) -> None:
    plain = os.urandom(size)
    locked = lock_with_passphrase(plain, "passphrase", os.urandom(48))
    assert pyrage.passphrase.decrypt(locked, "passphrase") == plain
    assert locked.splitlines()[1].endswith(b" 16")


def test_too_little_chance_is_refused() -> None:
    with pytest.raises(ValueError, match="48 random bytes"):
        lock_with_passphrase(b"x", "p", b"short")


def open_with_age(folder: Path, cipher: str) -> bytes:
    """`age -d -i key.age archive.age` with the cipher typed at its prompt."""
    command = ["age", "-d", "-i", "key.age", "-o", "plain.tar", "archive.age"]
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execvp("age", command)
    said, deadline = b"", time.monotonic() + 60
    typed = False
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                said += os.read(terminal, 1024)
            except OSError:
                break
        if b"passphrase" in said and not typed:
            os.write(terminal, cipher.encode() + b"\n")
            typed = True
    os.waitpid(child, 0)
    os.close(terminal)
    return said


@pytest.mark.skipif(shutil.which("age") is None, reason="the age tool is not installed (make setup installs it)")
def test_the_age_tool_opens_an_archive_with_its_cipher(tmp_path: Path) -> None:
    seal_archive(ENTRIES, CIPHER, tmp_path)
    said = open_with_age(tmp_path, CIPHER.replace(" ", ""))
    with tarfile.open(tmp_path / "plain.tar") as tar:
        assert sorted(tar.getnames()) == ["media/ab", "variants/48213.json"], said


@pytest.mark.skipif(shutil.which("age") is None, reason="the age tool is not installed (make setup installs it)")
def test_the_age_tool_refuses_another_cipher(tmp_path: Path) -> None:
    seal_archive(ENTRIES, CIPHER, tmp_path)
    assert b"incorrect passphrase" in open_with_age(tmp_path, "1" * 30)
    assert not (tmp_path / "plain.tar").exists()


def read_entries(entries: list[Entry]) -> dict[str, bytes]:
    return {one.name: one.content for one in entries if isinstance(one.content, bytes)}


def test_materials_hold_no_key_and_criteria_hold_all() -> None:
    package = make_package_of_kinds()
    deliveries = [deliver(package, Variant(number, tuple(KINDS)), 1) for number in ("48213", "51902")]
    materials = read_entries(build_materials_entries(package, deliveries))
    criteria = read_entries(build_criteria_entries(package, deliveries))
    assert sorted(materials) == ["assessment.json", "media.json", "variants/48213.json", "variants/51902.json"]
    assert "pool" not in json.loads(materials["assessment.json"])["positions"][0]
    assert criteria["assessment.json"] == package.files["assessment.json"]
    assert criteria["items/gaps.xml"] == KINDS["gaps"]
    key = json.loads(criteria["keys/48213.json"])
    assert key["items"][0]["item"] == "choice" and key["items"][0]["responses"] == {"r1": "RESPONSE"}


def test_a_statement_says_what_the_archive_is_and_is_signed_as_bytes(tmp_path: Path) -> None:
    package = make_package_of_kinds()
    delivery = deliver(package, Variant("48213", tuple(KINDS)), 1)
    sealed = seal_archive(build_materials_entries(package, [delivery]), CIPHER, tmp_path)
    payload = describe_archive("materials", "sch220001", package.assessment, sealed, [delivery])
    signed, kind = sign_statement(payload, lambda data, kind: (data, kind))
    assert json.loads(signed) == payload and kind == "archive/1"
    assert payload["sha256"] == sealed.sha256 and payload["variants"] == ["48213"]
    assert payload["needs"]["interactions"] == [
        "choice", "gap_match", "hottext", "inline_choice", "match", "order", "text_entry",
    ]
