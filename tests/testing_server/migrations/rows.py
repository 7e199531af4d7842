"""Rows for any table. Takes a table; gives values that fit its columns, so that migrations are tried with data.

A migration that needs rows of a certain shape gets its own test beside the general one.
"""
from typing import Any

from sqlalchemy import Boolean, Column, Float, Integer, LargeBinary, MetaData, String, Table, Connection

ROWS = 3


def fill_tables(connection: Connection, metadata: MetaData) -> dict[str, int]:
    """A few rows in every table, parents before children; gives the number of rows by table."""
    filled = {}
    for table in metadata.sorted_tables:
        if table.name != "alembic_version":
            connection.execute(table.insert(), [make_row(table, number) for number in range(ROWS)])
            filled[table.name] = ROWS
    connection.commit()
    return filled


def make_row(table: Table, number: int) -> dict[str, Any]:
    """The number-th row: different in every column, and pointing to the number-th row of its parents."""
    return {column.name: make_value(column, number) for column in table.columns}


def make_value(column: Column[Any], number: int) -> Any:
    """A foreign key has the value its parent's column got for the same number."""
    for key in column.foreign_keys:
        return make_value(key.column, number)
    kind = column.type
    if isinstance(kind, Boolean):
        return bool(number % 2)
    if isinstance(kind, Integer | Float):
        return 1_760_000_000_000 + number if "ms" in column.name.split("_") else number + 1
    if isinstance(kind, LargeBinary):
        return f"{column.name}-{number}".encode()
    text = f"{number}-{column.name}-имя"
    return text[:kind.length] if isinstance(kind, String) and kind.length else text
