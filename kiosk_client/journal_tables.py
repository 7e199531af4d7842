"""The tables of a seat's journal: made when it is new, brought up to date when an older program began it."""

from __future__ import annotations

import sqlite3

SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS attempts (
    attempt TEXT PRIMARY KEY, login TEXT NOT NULL, signed_in TEXT NOT NULL, place INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS leases (
    attempt TEXT NOT NULL, lease INTEGER NOT NULL, granted TEXT NOT NULL, journal TEXT NOT NULL,
    acked INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'granted',
    PRIMARY KEY (attempt, lease)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (
    attempt TEXT NOT NULL, lease INTEGER NOT NULL, number INTEGER NOT NULL, line BLOB NOT NULL, digest TEXT NOT NULL,
    PRIMARY KEY (attempt, lease, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS aside (
    attempt TEXT NOT NULL, lease INTEGER NOT NULL, number INTEGER NOT NULL, line BLOB NOT NULL, digest TEXT NOT NULL,
    PRIMARY KEY (attempt, lease, number, digest)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS directives (
    attempt TEXT NOT NULL, generation INTEGER NOT NULL, number INTEGER NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (attempt, generation, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS recordings (
    attempt TEXT NOT NULL, lease INTEGER NOT NULL, number INTEGER NOT NULL, path TEXT NOT NULL,
    rate INTEGER NOT NULL, durable INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (attempt, lease, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parts (
    attempt TEXT NOT NULL, lease INTEGER NOT NULL, number INTEGER NOT NULL, part_no INTEGER NOT NULL,
    offset INTEGER NOT NULL, length INTEGER NOT NULL, sha256 TEXT NOT NULL, sent INTEGER NOT NULL DEFAULT 0,
    verdict TEXT NOT NULL DEFAULT '', PRIMARY KEY (attempt, lease, number, part_no)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS parts_waiting ON parts (sent) WHERE sent = 0;
CREATE TABLE IF NOT EXISTS files (
    attempt TEXT NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL, durable INTEGER NOT NULL,
    PRIMARY KEY (attempt, sha256)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bundles (
    sha256 TEXT PRIMARY KEY, bytes INTEGER NOT NULL, plain TEXT NOT NULL, type TEXT NOT NULL) WITHOUT ROWID;
"""


def make_tables(database: sqlite3.Connection) -> None:
    """Repeatable."""
    database.executescript(SCHEMA)
    _add_part_verdicts(database)


def _add_part_verdicts(database: sqlite3.Connection) -> None:
    """A journal that an older program began has none."""
    if "verdict" not in [row[1] for row in database.execute("PRAGMA table_info(parts)")]:
        database.execute("ALTER TABLE parts ADD COLUMN verdict TEXT NOT NULL DEFAULT ''")
