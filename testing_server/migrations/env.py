"""alembic's entry: runs migrations over the one metadata. Takes alembic's context, gives nothing."""
from typing import Any

from alembic import context
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from testing_server.migrations.tables import collect_tables

ONE_AT_A_TIME = 7_300_823


def run_migrations() -> None:
    """In one transaction: SQLite and PostgreSQL both undo migrations that fail half-way."""
    engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "", poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        begin_as_told(engine)
    with engine.connect() as connection:
        # SQLite cannot alter most things in place: alembic copies the table in batch mode
        context.configure(connection=connection, target_metadata=collect_tables(), render_as_batch=True,
                          compare_type=True, transactional_ddl=True)
        with context.begin_transaction():
            if engine.dialect.name == "postgresql":
                # machines of one hub may start at once: the second waits and finds nothing to do
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})")
            context.run_migrations()


def begin_as_told(engine: Engine) -> None:
    """Python's driver would leave CREATE and DROP outside the transaction.

    Foreign keys stay off here (SQLite's default): a table copied in batch mode is dropped for a moment, which
    would delete the rows that point to it.
    """
    @event.listens_for(engine, "connect")
    def leave_transactions_to_us(connection: Any, _record: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


run_migrations()
