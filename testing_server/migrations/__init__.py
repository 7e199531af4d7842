"""Migrations: one history for the tables of all stages; the one place that sees every table.

Takes a database URL. Gives it the newest form (`upgrade_database`) or an older one (`downgrade_database`).
"""
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from testing_server.foundation.storage.storage import normalise_url

FOLDER = Path(__file__).parent


def upgrade_database(url: str, revision: str = "head") -> None:
    """Runs every migration that is still missing; an empty database gets all tables."""
    make_folder(url)
    command.upgrade(make_config(url), revision)


def downgrade_database(url: str, revision: str) -> None:
    """Goes back to `revision`; "base" removes every table."""
    command.downgrade(make_config(url), revision)


def read_revision(url: str) -> str | None:
    """The form the database has now; None when it is empty."""
    engine = create_engine(normalise_url(url), poolclass=NullPool)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def make_config(url: str) -> Config:
    """alembic's configuration without a file: everything it needs is known here."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    # alembic reads % as the beginning of a substitution
    config.set_main_option("sqlalchemy.url", normalise_url(url).replace("%", "%%"))
    return config


def make_folder(url: str) -> None:
    """SQLite makes its file but not the folder it lies in."""
    parts = make_url(url)
    if parts.get_backend_name() == "sqlite" and parts.database:
        Path(parts.database).parent.mkdir(parents=True, exist_ok=True)
