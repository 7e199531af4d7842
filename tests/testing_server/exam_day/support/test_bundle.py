"""The bundle for engineers tells of the server and of nobody: canaries of every kind are looked for in all of it."""
import io
import json
import logging
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from testing_server.cli import main
from testing_server.contracts.check_digits import show_login
from testing_server.exam_day.support.logs import keep_log
from testing_server.exam_day.support.scrubbing import hide, scrub_line
from tests.testing_server.exam_day.builders import PASSPHRASE, Classroom, make_speech

CANARY, CIPHER = "canary7q", "12340 56780 12340 56780 12340 56780"


def read_all(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        assert bundle.testzip() is None
        return {name: bundle.read(name).decode() for name in bundle.namelist()}


def fill_with_canaries(room: Classroom) -> list[str]:
    """Everything a person may have put into a server, and what a careless line of a log could say of it."""
    kiosk = room.seat(0)
    room.start(kiosk)
    kiosk.answer("i1", "r1", f"{CANARY} answer")
    kiosk.record("i2", "r2", make_speech(1))
    assert kiosk.ask("PUT", f"/v1/workstations/{kiosk.workstation}/check", json={
        "verdict": "heard", "input_device": f"{CANARY} headset", "disk_free_bytes": 5, "clock_offset_ms": 7,
        "browser": CANARY, "software": CANARY}).status == 200
    room.command("message", text=f"{CANARY} message")
    browser = room.browser("room_organizer")
    page = f"/sittings/{room.sitting}"
    browser.post(f"{page}/incidents", {"text": f"{CANARY} Иван Петров"}, page=page)
    room.sweep()
    room.run_jobs()
    secrets = [CANARY, "Петров", PASSPHRASE, "Школа № 1", "кабинет 12", kiosk.token, *room.logins,
               room.services.internal_secret, *(show_login(one) for one in room.logins), str(kiosk.seated["code"]),
               kiosk.attempt, room.services.mac_key.hex()]
    write_careless_log(room.data, secrets)
    return secrets


def write_careless_log(data: Path, secrets: list[str]) -> None:
    """Lines of our own shape that quote, and a traceback whose message holds all of it."""
    folder = data / "logs"
    folder.mkdir(exist_ok=True)
    now = "2026-11-23 07:31:00,001"
    lines = [f"{now} WARNING somewhere: refused {secret!r}" for secret in secrets]
    lines += [f"{now} ERROR core: cipher {CIPHER} at https://10.0.0.5:8443/{CANARY} in /home/{CANARY}/data",
              "Traceback (most recent call last):", '  File "/opt/x/testing_server/exam_day/wire.py", line 5, in read',
              f"    raise ValueError({secrets})", f"ValueError: {' '.join(secrets)}", f"{CANARY} stray line"]
    (folder / "core.log").write_text("\n".join(lines), encoding="utf-8")


def test_nobody_and_nothing_secret_is_in_the_bundle(open_room: Classroom) -> None:
    secrets = fill_with_canaries(open_room)
    browser = open_room.browser("technician")
    found = browser.post("/support/bundle", page="/support")
    assert found.status_code == 200 and found.mimetype == "application/zip"
    told = read_all(found.data)
    everything = "\n".join([*told, *told.values()])
    assert [secret for secret in [*secrets, CIPHER, "12340 56780"] if secret in everything] == []
    for row in json.loads(told["database.json"])["sittings"]:
        assert row["attempts"] and row["events"]["answer_set"] == 1


def test_it_tells_what_an_engineer_asks(open_room: Classroom) -> None:
    fill_with_canaries(open_room)
    told = read_all(open_room.browser("technician").post("/support/bundle", page="/support").data)
    machine, database = json.loads(told["machine.json"]), json.loads(told["database.json"])
    assert machine["software"] and machine["disk_free_bytes"] and database["rows"]["room_event"] > 3
    assert database["workstations"][0]["disk_free_bytes"] == 5
    assert any(one["verb"] == "command_start" and one["by"] == "person" for one in json.loads(told["acts.json"]))
    log = told["logs/core.log"]
    assert "WARNING somewhere: refused" in log and "exam_day/wire.py:5 read" in log and "ValueError" in log


@pytest.mark.parametrize(("line", "kept"), [
    ("2026-11-23 07:31:00,001 INFO a.b: leads 2", "2026-11-23 07:31:00,001 INFO a.b: leads 2"),
    ("sqlalchemy.exc.OperationalError: disk", "sqlalchemy.exc.OperationalError"),
    ("    value = secret", ""), ("", ""), ("Secret: word", ""), ("Ivan", "")])
def test_lines_are_known_by_their_shape(line: str, kept: str) -> None:
    assert scrub_line(line) == kept


@pytest.mark.parametrize("secret", ["10001", "1234 5678", "AGE-SECRET-KEY-1QQ", "a@b.ru", "Иванов", "'x y'", "/home/x"])
def test_what_is_hidden_anywhere_in_a_line(secret: str) -> None:
    assert secret not in hide(f"before {secret} after")


def test_the_command_makes_the_same_of_a_folder(open_room: Classroom, tmp_path: Path) -> None:
    secrets = fill_with_canaries(open_room)
    target = tmp_path / "support.zip"
    done = CliRunner().invoke(main, ["support-bundle", "--to", str(target), "--data", str(open_room.data)])
    assert done.exit_code == 0, done.output
    everything = "\n".join(read_all(target.read_bytes()).values())
    assert not [secret for secret in secrets if secret in everything]
    nowhere = CliRunner().invoke(main, ["support-bundle", "--to", str(target), "--data", str(tmp_path / "none")])
    assert nowhere.exit_code == 1 and "no_server_here" in nowhere.output or "папке" in nowhere.output


def test_a_process_keeps_its_log_and_starts_without_a_disk(tmp_path: Path) -> None:
    root = logging.getLogger()
    before = list(root.handlers)
    keep_log(tmp_path, "worker")
    logging.getLogger("test").warning("kept")
    added = [one for one in root.handlers if one not in before]
    assert "WARNING test: kept" in (tmp_path / "logs" / "worker.log").read_text()
    for one in added:
        root.removeHandler(one)
        one.close()
    (tmp_path / "file").write_text("")
    keep_log(tmp_path / "file", "core")
    assert root.handlers == before
