"""What must hold before the agent begins, the browser it opens, the servers it finds, the check in the terminal."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner
from zeroconf import ServiceInfo

from kiosk_client.cli import main
from kiosk_client.announcements import SERVICE, read_addresses
from kiosk_client.fakes import FakeClassroom
from kiosk_client.machine import resetting
from kiosk_client.refusals import AlreadyRunning, DiskTooFull
from kiosk_client import startup
from kiosk_client.startup import FolderLock, Reserve, check_disk


def test_a_folder_is_let_go_when_the_agent_ends(tmp_path: Path) -> None:
    first = FolderLock(tmp_path)
    with pytest.raises(AlreadyRunning):
        FolderLock(tmp_path)
    first.release()
    FolderLock(tmp_path).release()


def test_too_little_room_is_refused_with_what_is_needed(tmp_path: Path) -> None:
    assert check_disk(tmp_path, 1) > 1
    with pytest.raises(DiskTooFull, match="needed"):
        check_disk(tmp_path, 1 << 60)


def test_the_reserve_is_given_back_once(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path, 1_000_000)
    assert not reserve.give_back()
    reserve.keep()
    assert (tmp_path / "reserve").stat().st_size == 1_000_000
    assert reserve.give_back() and not reserve.give_back()


def test_a_quota_that_refuses_the_reserve_keeps_nobody_from_the_work(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(handle: int, offset: int, length: int) -> None:
        raise OSError(errno.EDQUOT, "Disk quota exceeded")

    monkeypatch.setattr(startup.os, "posix_fallocate", fail, raising=False)
    Reserve(tmp_path, 1_000_000).keep()
    assert not (tmp_path / "reserve").exists()


def test_half_a_reserve_is_made_whole(tmp_path: Path) -> None:
    (tmp_path / "reserve").write_bytes(b"half")
    Reserve(tmp_path, 1_000_000).keep()
    assert (tmp_path / "reserve").stat().st_size == 1_000_000


def announce(tls: str, *addresses: str) -> ServiceInfo:
    return ServiceInfo(SERVICE, f"room.{SERVICE}", port=8443, properties={"tls": tls},
                       addresses=[socket.inet_aton(address) for address in addresses])


def test_found_servers_are_spoken_to_over_tls(tmp_path: Path) -> None:
    assert read_addresses(announce("yes", "192.168.1.10", "10.0.0.2")) == [
        "https://192.168.1.10:8443", "https://10.0.0.2:8443"]
    assert read_addresses(announce("no", "192.168.1.10", "127.0.0.1")) == ["http://127.0.0.1:8443"]


def test_the_check_says_what_is_wrong_with_this_machine(
        classroom: FakeClassroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resetting, "BEYOND_PROFILES", tmp_path)
    done = CliRunner().invoke(main, ["--data", str(tmp_path), "--server", classroom.url, "--microphone",
                                     "a headset that nobody has", "check", "--seconds", "0.1"])
    assert done.exit_code == 1
    assert "Диск: свободно" in done.output and "Сервер отвечает" in done.output
    assert "Микрофон не открылся" in done.output


@pytest.mark.parametrize("server", ["http://192.168.1.10", "nonsense"])
def test_an_address_that_may_not_be_used_is_refused_at_once(tmp_path: Path, server: str) -> None:
    done = CliRunner().invoke(main, ["--data", str(tmp_path), "--server", server])
    assert done.exit_code == 1 and "insecure_server" in done.output
