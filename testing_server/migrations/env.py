"""alembic's entry: runs migrations over the one metadata. Takes alembic's context, gives nothing."""
from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from testing_server.migrations.tables import collect_tables


def run_migrations() -> None:
    """In one transaction: PostgreSQL and SQLite both undo a migration that fails half-way."""
    engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "", poolclass=NullPool)
    with engine.connect() as connection:
        # SQLite cannot alter most things in place: alembic copies the table in batch mode
        context.configure(connection=connection, target_metadata=collect_tables(), render_as_batch=True,
                          compare_type=True)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run_migrations()
