"""The root of all tables. Takes nothing; gives `Base` with names for every constraint.

Constraints are named so that a migration can drop them on SQLite and PostgreSQL alike.
"""
from sqlalchemy import BigInteger, MetaData
from sqlalchemy.orm import DeclarativeBase

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table of every stage derives from this; milliseconds and byte counts need 64 bits everywhere."""

    metadata = MetaData(naming_convention=NAMES)


# Unix milliseconds do not fit into PostgreSQL's INTEGER; SQLite stores both alike.
Milliseconds = BigInteger
