"""The history of the tables: every step up and down with rows in it, on SQLite and on PostgreSQL."""
import json
from collections.abc import Callable

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, create_engine, func, inspect, select, table, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from testing_server.foundation.storage.storage import normalise_url
from testing_server.migrations import downgrade_database, make_config, read_revision, upgrade_database
from testing_server.migrations.tables import collect_tables
from tests.testing_server.migrations.rows import fill_tables

REVISIONS = [script.revision for script in
             reversed(list(ScriptDirectory.from_config(make_config("sqlite://")).walk_revisions()))]


def open_engine(url: str) -> Engine:
    return create_engine(normalise_url(url), poolclass=NullPool)


def count_rows(url: str) -> dict[str, int]:
    with open_engine(url).connect() as connection:
        return {name: connection.scalar(select(func.count()).select_from(table(name))) or 0
                for name in inspect(connection).get_table_names() if name != "alembic_version"}


def fill(url: str) -> dict[str, int]:
    engine, metadata = open_engine(url), MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        return fill_tables(connection, metadata)


def list_differences(url: str) -> list[object]:
    with open_engine(url).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, collect_tables()))


def test_there_is_one_line_of_history() -> None:
    assert len(ScriptDirectory.from_config(make_config("sqlite://")).get_heads()) == 1


def test_history_makes_the_tables_the_stages_describe(database_url: str) -> None:
    upgrade_database(database_url)
    assert list_differences(database_url) == []


def test_upgrading_twice_is_harmless(database_url: str) -> None:
    upgrade_database(database_url)
    filled = fill(database_url)
    upgrade_database(database_url)
    assert count_rows(database_url) == filled
    assert read_revision(database_url) == REVISIONS[-1]


@pytest.mark.parametrize("number", range(len(REVISIONS)), ids=REVISIONS)
def test_step_keeps_the_rows_of_the_tables_it_does_not_drop(stand_at: Callable[[str], str], number: int) -> None:
    database_url = stand_at(REVISIONS[number])
    filled = fill(database_url)
    upgrade_database(database_url)
    downgrade_database(database_url, REVISIONS[number])
    after = count_rows(database_url)
    assert {name: after[name] for name in filled} == filled


def test_going_down_to_the_beginning_leaves_nothing(database_url: str) -> None:
    upgrade_database(database_url)
    fill(database_url)
    downgrade_database(database_url, "base")
    assert inspect(open_engine(database_url)).get_table_names() == ["alembic_version"]
    upgrade_database(database_url)
    assert list_differences(database_url) == []


def test_failed_upgrade_leaves_the_database_as_it_was(database_url: str) -> None:
    engine = open_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE progress (mine INTEGER)"))
    with pytest.raises(DBAPIError, match="progress"):
        upgrade_database(database_url)
    assert inspect(engine).get_table_names() == ["progress"]


def test_works_of_before_get_their_region_and_subject_and_heads_lead_nothing(database_url: str) -> None:
    upgrade_database(database_url)
    downgrade_database(database_url, "0025")
    fill(database_url)
    with open_engine(database_url).begin() as connection:
        school = connection.execute(text("SELECT id, region FROM school ORDER BY id LIMIT 1")).one()
        connection.execute(text("UPDATE marking_work SET school = :id, definition = :definition"), {
            "id": school.id, "definition": '{"id": "tiny", "subject": "english"}'})
    upgrade_database(database_url)
    with open_engine(database_url).connect() as connection:
        assert set(connection.execute(text("SELECT region, subject FROM marking_work"))) == {(school.region, "english")}
        assert set(connection.execute(text("SELECT subjects FROM account"))) == {(None,)}
        given = connection.execute(text("SELECT password_issued_by, created_by FROM account")).all()
        assert given and all(one == other for one, other in given)


def test_marks_of_before_get_the_recording_of_their_answer(database_url: str) -> None:
    upgrade_database(database_url)
    downgrade_database(database_url, "0028")
    fill(database_url)
    with open_engine(database_url).begin() as connection:
        connection.execute(text("UPDATE marking_answer SET content = :content"), {
            "content": '{"recordings": [{"sha256": "ab"}]}'})
        connection.execute(text("UPDATE mark_event SET moments = :moments"), {"moments": '{"K1": 4000}'})
    upgrade_database(database_url)
    with open_engine(database_url).connect() as connection:
        kept = {str(one) for one in connection.scalars(text("SELECT CAST(moments AS TEXT) FROM mark_event"))}
        assert [json.loads(one) for one in kept] == [{"K1": {"recording": "ab", "at_ms": 4000}}]
    downgrade_database(database_url, "0028")
    with open_engine(database_url).connect() as connection:
        kept = {str(one) for one in connection.scalars(text("SELECT CAST(moments AS TEXT) FROM mark_event"))}
        assert [json.loads(one) for one in kept] == [{"K1": 4000}]
