"""The commands people start with: the first account of a hub, refusals in one line."""

from __future__ import annotations

import json
import os
from pathlib import Path

from click.testing import CliRunner

from testing_server.cli import main
from testing_server.foundation.accounts.queries import check_password
from testing_server.foundation.storage import Storage


def add_account(data: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["add-account", *words, "--data", str(data)])
    return done.exit_code, done.output


def test_the_first_account_signs_in_with_the_password_that_was_printed(tmp_path: Path) -> None:
    code, said = add_account(tmp_path, "head", "--role", "expert", "--head", "--territory", "Область", "--subject",
                             "english")
    assert code == 0
    password = said.split(": ")[1].split()[0]
    storage = Storage(f"sqlite:///{tmp_path / 'hub.sqlite'}")
    with storage.read() as session:
        account = check_password(session, "head", password)
    storage.close()
    assert account is not None and account.is_head and account.must_change
    assert (account.territory, account.subjects) == ("Область", frozenset({"english"}))


def test_a_head_is_named_with_what_he_leads(tmp_path: Path) -> None:
    assert add_account(tmp_path, "head", "--role", "expert", "--head")[0] == 2
    assert add_account(tmp_path, "anna", "--role", "expert", "--subject", "english")[0] == 2


def test_a_taken_login_is_refused_in_words(tmp_path: Path) -> None:
    add_account(tmp_path, "anna", "--role", "coordinator")
    code, said = add_account(tmp_path, "anna", "--role", "coordinator")
    assert code == 1 and "login_taken" in said


def test_a_running_hub_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "pids.json").write_text(json.dumps({"supervisor": os.getpid()}))
    code, said = add_account(tmp_path, "anna", "--role", "coordinator")
    assert code == 1 and "running" in said


def test_a_demonstration_never_writes_over_a_folder(tmp_path: Path) -> None:
    (tmp_path / "something").write_text("mine")
    done = CliRunner().invoke(main, ["demo", "--once", "--data", str(tmp_path)])
    assert done.exit_code == 1 and "not empty" in done.output


def test_a_lost_telephone_is_untied_at_the_hubs_own_computer(tmp_path: Path) -> None:
    add_account(tmp_path, "anna", "--role", "coordinator")
    told = CliRunner().invoke(main, ["reset-second-factor", "anna", "--data", str(tmp_path)])
    assert told.exit_code == 0 and "anna" in told.output, told.output
    assert CliRunner().invoke(main, ["reset-second-factor", "nobody", "--data", str(tmp_path)]).exit_code == 1


def test_a_coordinator_with_nobody_above_gets_a_password_at_the_hubs_own_computer(tmp_path: Path) -> None:
    add_account(tmp_path, "anna", "--role", "coordinator")
    told = CliRunner().invoke(main, ["reset-password", "anna", "--hub", "--data", str(tmp_path)])
    assert told.exit_code == 0, told.output
    storage = Storage(f"sqlite:///{tmp_path / 'hub.sqlite'}")
    with storage.read() as session:
        assert check_password(session, "anna", told.output.split(": ")[1].split()[0]) is not None
    storage.close()
    assert CliRunner().invoke(main, ["reset-password", "nobody", "--hub", "--data", str(tmp_path)]).exit_code == 1
    assert "anna (coordinator)" in CliRunner().invoke(main, ["reset-password", "--hub", "--data", str(tmp_path)]).output
