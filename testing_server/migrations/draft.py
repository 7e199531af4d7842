"""Drafts a migration from what the tables say and the history does not yet.

    python -m testing_server.migrations.draft 0002 "Rooms get a capacity"

Takes a number and a sentence. Gives a file in versions/ to be read and corrected before it is committed.
"""
import sys
import tempfile
from pathlib import Path

from alembic import command

from testing_server.migrations import make_config, upgrade_database


def draft_migration(number: str, message: str) -> None:
    """Compares the tables with a fresh database that went through all migrations there are."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'draft.sqlite'}"
        upgrade_database(url)
        command.revision(make_config(url), message=message, autogenerate=True, rev_id=number)


if __name__ == "__main__":
    draft_migration(sys.argv[1], sys.argv[2])
