"""Archives open with their cipher, here and with the age tool, and only whole."""
import hashlib
import io
import json
import os
import pty
import resource
import select
import shutil
import tarfile
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyrage
import pytest

import task_bank
from task_bank.items import PackageError, read_package
from task_bank.sealing import (
    ArchiveAbout,
    DamagedArchive,
    Entry,
    NotEnoughRoom,
    WrongCipher,
    build_criteria_entries,
    build_materials_entries,
    describe_archive,
    describe_change,
    gather,
    is_unencrypted,
    keep_for_escrow,
    lock_identity,
    open_archive,
    open_unencrypted,
    open_with_identity,
    opening,
    read_version,
    recover_identity,
    seal_archive,
    write_unencrypted,
)
from task_bank.sealing.age_scrypt import lock_with_passphrase
from task_bank.sealing.age_x25519 import encrypt_stream
from task_bank.sealing.tar_stream import TarStream
from task_bank.variants import Delivery, Variant, assemble, deliver
from tests.task_bank.builders import KINDS, make_package_of_kinds

SAMPLE = Path(task_bank.__file__).parent / "samples" / "english_grade_7"
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
            patched.setattr(opening, name, limit)
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
    one = TarStream([Entry("b", b"1"), Entry("a", tmp_path / "x"), Entry("empty", b"")]).read()
    assert one == TarStream(iter([Entry("b", b"1"), Entry("a", b"abc"), Entry("empty", b"")])).read()
    with tarfile.open(fileobj=io.BytesIO(one)) as tar:
        assert [(one.name, one.mtime, one.mode, one.size) for one in tar] == [
            ("b", 0, 0o644, 1), ("a", 0, 0o644, 3), ("empty", 0, 0o644, 0)]


@pytest.mark.parametrize("size", [1, 511, 512, 8192, 300_000, -1])
def test_a_tar_is_the_same_however_it_is_read(tmp_path: Path, size: int) -> None:
    (tmp_path / "large").write_bytes(os.urandom(700_001))
    entries = [Entry("a", b"1" * 513), Entry("large", tmp_path / "large"), Entry("b", b"")]
    stream = TarStream(entries)
    read = b"".join(iter(lambda: stream.read(size), b""))
    assert read == TarStream(entries).read() and len(read) % 512 == 0


def test_a_file_that_grows_while_it_is_sealed_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")

    def make() -> Iterator[Entry]:
        entry = Entry("x", tmp_path / "x")
        yield Entry("first", b"1")
        object.__setattr__(entry, "size", lambda: 2)
        yield entry

    with pytest.raises(OSError, match="changed its size"):
        seal_archive(make(), CIPHER, tmp_path / "sealed")
    assert list((tmp_path / "sealed").iterdir()) == []


def test_long_and_russian_names_survive(tmp_path: Path) -> None:
    name = "папка/" + "длинное-имя-" * 10 + ".json"
    sealed = seal_archive([Entry(name, b"x")], CIPHER, tmp_path)
    assert open_archive(sealed.archive_path, sealed.key_path, CIPHER, tmp_path / "out").names == (name,)


MEBIBYTE = 1024 * 1024
# the key file's scrypt takes 64 MiB, whatever the size of the archive
MOST_IN_ALL = (64 + 24) * MEBIBYTE


def forget_peak() -> None:
    """The process's peak begins anew (proc(5): clear_refs)."""
    Path("/proc/self/clear_refs").write_text("5")


def read_peak() -> int:
    """The most this process has held since, in bytes."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


@contextmanager
def little_memory() -> Iterator[None]:
    """What Python holds, and what the process takes in all, stay far below the size of the archive."""
    forget_peak()
    before = read_peak()
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    grown = read_peak() - before
    assert peak < 8 * MEBIBYTE and grown < MOST_IN_ALL, (peak, grown)


def generate_entries(count: int) -> Iterator[Entry]:
    """Megabyte after megabyte, none of them before it is asked for."""
    for number in range(count):
        yield Entry(f"media/{number:05}", number.to_bytes(8) * (MEBIBYTE // 8))


@pytest.mark.usefixtures("product_locks")
def test_sealing_hundreds_of_megabytes_takes_little_memory(tmp_path: Path) -> None:
    with little_memory():
        sealed = seal_archive(generate_entries(300), CIPHER, tmp_path)
    assert sealed.bytes > 300 * MEBIBYTE
    with sealed.archive_path.open("rb") as file:
        assert sealed.sha256 == hashlib.file_digest(file, "sha256").hexdigest()


@pytest.mark.usefixtures("product_locks")
def test_opening_hundreds_of_megabytes_takes_little_memory(tmp_path: Path) -> None:
    sealed = seal_archive(generate_entries(200), CIPHER, tmp_path)
    with little_memory():
        opened = open_with_identity(sealed.archive_path, sealed.identity, tmp_path / "out")
    assert len(opened.names) == 200


def test_an_unencrypted_archive_takes_little_memory(tmp_path: Path) -> None:
    with little_memory():
        made = write_unencrypted(generate_entries(200), tmp_path)
        open_unencrypted(made.archive_path, made.sha256, tmp_path / "out")


def test_memory_would_be_noticed(tmp_path: Path) -> None:
    with pytest.raises(AssertionError), little_memory():
        seal_archive(list(generate_entries(100)), CIPHER, tmp_path)


def test_what_entries_raise_is_raised(tmp_path: Path) -> None:
    def fail() -> Iterator[Entry]:
        yield from ENTRIES
        raise PackageError("items/gaps.xml", "cannot be shown")

    with pytest.raises(PackageError, match="gaps.xml"):
        seal_archive(fail(), CIPHER, tmp_path)
    assert list(tmp_path.iterdir()) == []


@contextmanager
def small_disk(size: int) -> Iterator[None]:
    """No file may become longer than that: the system's own refusal, as a full disk gives it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_no_damage_and_leaves_nothing(tmp_path: Path) -> None:
    sealed = seal_archive(generate_entries(4), CIPHER, tmp_path / "sealed")
    with small_disk(2 * MEBIBYTE):
        with pytest.raises(OSError, match="too large"):
            seal_archive(generate_entries(4), CIPHER, tmp_path / "again")
        with pytest.raises(OSError, match="too large"):
            open_with_identity(sealed.archive_path, sealed.identity, tmp_path / "out")
    assert list((tmp_path / "again").iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again", "sealed"]


def test_room_is_asked_for_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = seal_archive(ENTRIES, CIPHER, tmp_path)
    monkeypatch.setattr(opening, "SPARE_BYTES", 10 ** 18)
    with pytest.raises(NotEnoughRoom) as refused:
        open_archive(sealed.archive_path, sealed.key_path, CIPHER, tmp_path / "out")
    assert refused.value.needs == 10 ** 18 + 2 * sealed.bytes and refused.value.has > 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive.age", "key.age"]


def test_an_unencrypted_archive_holds_the_same_and_needs_no_cipher(tmp_path: Path) -> None:
    made = write_unencrypted(ENTRIES, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [made.archive_path.name] == ["archive.tar"]
    opened = open_unencrypted(made.archive_path, made.sha256, tmp_path / "out")
    assert opened.names == ("media/ab", "variants/48213.json")
    made.archive_path.write_bytes(made.archive_path.read_bytes()[:-1] + b"x")
    with pytest.raises(DamagedArchive):
        open_unencrypted(made.archive_path, made.sha256, tmp_path / "again")


def test_the_escrow_copy_of_an_identity_opens_the_archive(tmp_path: Path) -> None:
    escrow, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    sealed = seal_archive(ENTRIES, CIPHER, tmp_path)
    kept = keep_for_escrow(sealed.identity, str(escrow.to_public()), tmp_path)
    assert open_with_identity(sealed.archive_path, recover_identity(kept, str(escrow)), tmp_path / "out").names
    with pytest.raises(DamagedArchive):
        recover_identity(kept, str(other))


@pytest.mark.usefixtures("product_locks")
@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 200_000])
def test_our_key_files_are_read_by_another_implementation(size: int) -> None:
    plain = os.urandom(size)
    locked = lock_with_passphrase(plain, "passphrase", os.urandom(48))
    assert pyrage.passphrase.decrypt(locked, "passphrase") == plain
    assert locked.splitlines()[1].endswith(b" 16")


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000])
def test_our_streams_are_read_by_another_implementation(size: int) -> None:
    plain, readers = os.urandom(size), [pyrage.x25519.Identity.generate() for _ in range(2)]
    sealed = b"".join(encrypt_stream(io.BytesIO(plain), [str(one.to_public()) for one in readers]))
    assert [pyrage.decrypt(sealed, [one]) for one in readers] == [plain, plain]
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(sealed, [pyrage.x25519.Identity.generate()])


@pytest.mark.parametrize("recipient", ["", "age1", "age1zqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqsufdmh9"])
def test_what_is_no_recipient_is_refused(recipient: str) -> None:
    with pytest.raises(pyrage.RecipientError):
        b"".join(encrypt_stream(io.BytesIO(b"x"), [recipient]))


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


def read_entries(entries: Iterator[Entry]) -> dict[str, bytes]:
    return {one.name: one.content for one in entries if isinstance(one.content, bytes)}


def test_materials_hold_no_key_and_criteria_hold_all() -> None:
    package = make_package_of_kinds()
    deliveries = [deliver(package, Variant(number, tuple(KINDS)), 1) for number in ("48213", "51902")]
    materials = read_entries(build_materials_entries(package, deliveries))
    criteria = read_entries(build_criteria_entries(package, gather(deliveries)))
    assert sorted(name for name in materials if not name.startswith("media/")) == [
        "assessment.json", "media.json", "variants/48213.json", "variants/51902.json"]
    assert "pool" not in json.loads(materials["assessment.json"])["positions"][0]
    assert criteria["assessment.json"] == package.files["assessment.json"]
    assert criteria["items/gaps.xml"] == KINDS["gaps"]
    key = json.loads(criteria["keys/48213.json"])
    assert key["items"][0]["item"] == "choice" and key["items"][0]["responses"] == {"r1": "RESPONSE"}


def test_a_picture_goes_by_once_however_many_variants_show_it() -> None:
    package = read_package(SAMPLE)
    seen: list[str] = []

    def deliver_all() -> Iterator[Delivery]:
        for variant in assemble(package.assessment, "school", 8, 3):
            seen.append("delivered")
            yield deliver(package, variant, 3)

    names = []
    for entry in build_materials_entries(package, deliver_all()):
        names.append(entry.name)
        # a variant is made only when the tar has come to it
        assert seen.count("delivered") - sum(name.startswith("variants/") for name in names) <= 1
    media = [name for name in names if name.startswith("media/")]
    assert media and len(media) == len(set(media)) and names[-1] == "media.json"


def make_about(**changes: Any) -> ArchiveAbout:
    details: dict[str, Any] = {
        "kind": "materials", "campaign": "spring", "school": "sch220001", "assessment": "english-7",
        "day": "2027-04-14", "sealed_at_ms": 1, "opens_at_ms": 2, "protocol": "1.0"}
    return ArchiveAbout(**{**details, **changes})


def test_a_statement_says_what_the_archive_is(tmp_path: Path) -> None:
    package = make_package_of_kinds()
    gathered = gather([deliver(package, Variant("48213", tuple(KINDS)), 1)])
    sealed = seal_archive(ENTRIES, CIPHER, tmp_path)
    payload = describe_archive(make_about(), sealed, gathered)
    assert (payload["archive"], payload["key"]) == (sealed.sha256, sealed.key_sha256)
    assert payload["variants"] == ["48213"] and payload["opens_at_ms"] == 2 and not is_unencrypted(payload)
    assert set(payload["needs"]["interactions"]) >= {"choice", "gap_match", "hottext", "inline_choice", "match"}
    assert json.loads(json.dumps(payload)) == payload


def test_a_statement_of_an_unencrypted_archive_says_so(tmp_path: Path) -> None:
    payload = describe_archive(make_about(), write_unencrypted(ENTRIES, tmp_path), gather([]))
    assert payload["lock"] == "none" and payload["key"] == "" and is_unencrypted(payload)


def test_a_change_is_the_next_statement_of_the_same_archive(tmp_path: Path) -> None:
    first = describe_archive(make_about(), write_unencrypted(ENTRIES, tmp_path), gather([]))
    second = describe_change(first, day="2027-04-15")
    third = describe_change(second, state="withdrawn")
    assert [read_version(one) for one in (first, second, third)] == [1, 2, 3]
    assert (third["day"], third["state"], third["archive"]) == ("2027-04-15", "withdrawn", first["archive"])
    assert read_version({"archive": "made before versions were counted"}) == 1
