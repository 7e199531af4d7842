"""The audit travels in the package as a chain: a line changed, left out or put in is found at the hub."""
from pathlib import Path

import msgspec
import pytest

from testing_server.exam_day.packages.contents import _write_room_files
from testing_server.exam_day.reception.ledger_checks import check_ledger
from testing_server.exam_day.reception.quarantine import Quarantine
from testing_server.exam_day.sittings.actions import find_sitting
from testing_server.foundation.audit import read_audit
from tests.testing_server.exam_day.builders import Classroom


@pytest.fixture
def ledger(open_room: Classroom, tmp_path: Path) -> Path:
    """ledger.jsonl as the package of a sitting with some orders holds it."""
    open_room.seat(0)
    open_room.command("start")
    open_room.command("extra_time", seconds=600)
    with open_room.services.storage.read() as session:
        sitting = find_sitting(session, open_room.sitting)
        _write_room_files(session, tmp_path / "files", sitting, [])
        assert len(read_audit(session, f"sitting:{open_room.sitting}")) >= 3
    return tmp_path / "files" / "ledger.jsonl"


def read_lines(ledger: Path) -> list[dict[str, str]]:
    return [msgspec.json.decode(line) for line in ledger.read_bytes().splitlines()]


def write_lines(ledger: Path, lines: list[dict[str, str]]) -> None:
    ledger.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))


def test_the_exported_chain_is_whole_and_every_change_is_found(ledger: Path) -> None:
    lines = read_lines(ledger)
    assert check_ledger(ledger.parent) == len(lines)
    changed = [{**line, "line": line["line"].replace("600", "60")} for line in lines]
    assert changed != lines
    for forged in (changed, lines[1:], lines[:1] + lines[2:], [*lines, lines[-1]], lines[::-1]):
        write_lines(ledger, forged)
        with pytest.raises(Quarantine, match="digest_mismatch"):
            check_ledger(ledger.parent)


@pytest.mark.parametrize("rubbish", [b"{", b"[]\n", b'{"line": 1, "digest": ""}\n', b"\xff\n", b"\n"])
def test_rubbish_is_no_ledger(tmp_path: Path, rubbish: bytes) -> None:
    (tmp_path / "ledger.jsonl").write_bytes(rubbish)
    with pytest.raises(Quarantine):
        check_ledger(tmp_path)
