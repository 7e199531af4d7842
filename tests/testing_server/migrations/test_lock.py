"""Machines of one hub start at once: one of them migrates, the others wait and find nothing to do."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

from testing_server.migrations import read_revision
from tests.testing_server.postgres import PostgresServer

pytestmark = pytest.mark.postgresql
ROOT = Path(__file__).parents[3]
PROGRAM = "import sys; from testing_server.migrations import upgrade_database; upgrade_database(sys.argv[1])"


def test_processes_that_migrate_one_database_at_once_all_end_well(postgres: PostgresServer) -> None:
    url = postgres.make_database()
    command = [sys.executable, "-c", PROGRAM, url]
    running = [subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True) for _machine in range(2)]
    ended = [(process.communicate(timeout=240)[1], process.returncode) for process in running]
    assert [code for _said, code in ended] == [0, 0], [said[-2000:] for said, _code in ended]
    # the tables were made once and the history stands at its end
    assert read_revision(url) == max(path.name[:4] for path in
                                     (ROOT / "testing_server" / "migrations" / "versions").glob("[0-9]*.py"))
