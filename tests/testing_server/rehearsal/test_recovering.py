"""A lost server in a rehearsal: what is taken along, what is gone, and what must be there again."""
from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from testing_server.foundation.supervision import read_ports
from testing_server.foundation.supervision.ports import write_ports
from testing_server.rehearsal.drill.recovering import (
    Facts, Pocket, count_facts, empty_folder, fill_pocket, is_ledger_out)

BEFORE: Facts = {"orders": {("a", 1, 1, "{}"), ("a", 1, 2, "{}")}, "audit": {("sitting:s", 1, "{}", "d")}}


@pytest.mark.parametrize(("after", "found"), [
    (BEFORE, (3, 3)), ({**BEFORE, "audit": set()}, (3, 2)), ({}, (3, 0)),
    ({**BEFORE, "audit": {("sitting:s", 1, "{changed}", "d")}}, (3, 2)),
    ({**BEFORE, "incidents": {("new",)}}, (3, 3))])
def test_a_fact_counts_only_as_it_was(after: Facts, found: tuple[int, int]) -> None:
    assert count_facts(BEFORE, after) == found


def test_of_a_lost_server_only_its_address_is_left(tmp_path: Path) -> None:
    ports = {"port": 1, "console_port": 2, "files_port": 3}
    write_ports(tmp_path, ports)
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "school.key").write_text("locked")
    (tmp_path / "classroom.sqlite").write_text("answers")
    empty_folder(tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == [
        "run/ports.json"]
    assert read_ports(tmp_path) == ports


def test_the_pocket_outlives_the_server(tmp_path: Path) -> None:
    data = tmp_path / "classroom"
    (data / "keys").mkdir(parents=True)
    (data / "archives" / "abc").mkdir(parents=True)
    (data / "keys" / "school.key").write_text("locked")
    (data / "archives" / "abc" / "statement.json").write_text("{}")
    for _twice in range(2):
        pocket = fill_pocket(data, tmp_path / "stick", "abc", "green apple", "12345")
    empty_folder(data)
    assert pocket.key.read_text() == "locked" and (pocket.archive / "statement.json").read_text() == "{}"
    assert pocket.typed == "green apple\n12345\n"
    assert Pocket(pocket.key, pocket.archive, "green apple", "").typed == "green apple\n"


def test_a_ledger_counts_when_it_is_newer_than_the_last_act_and_lies_at_a_seat(tmp_path: Path) -> None:
    data, seat = tmp_path / "classroom", tmp_path / "seat"
    data.mkdir()
    (seat / "ledgers").mkdir(parents=True)
    with sqlite3.connect(data / "classroom.sqlite") as opened:
        opened.execute("CREATE TABLE room_ledger (sitting, generation, version, made_at_ms)")
        opened.execute("CREATE TABLE audit (chain, at_ms)")
        opened.execute("INSERT INTO audit VALUES ('sitting:s', 100)")
        opened.execute("INSERT INTO room_ledger VALUES ('s', 4096, 7, 90)")
    opened.close()
    (seat / "ledgers" / "s.4096.7.ledger").write_text("sealed")
    assert not is_ledger_out(data, "s", [seat])
    with sqlite3.connect(data / "classroom.sqlite") as opened:
        opened.execute("UPDATE room_ledger SET made_at_ms = 101")
    opened.close()
    assert is_ledger_out(data, "s", [seat]) and not is_ledger_out(data, "s", [tmp_path / "other"])
