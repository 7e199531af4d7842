"""What every server of the tests would work out anew with the same outcome: worked out once in a run.

A server is made for nearly each of some thousand tests. Takes a patch that lasts for the run. Changes nothing that a
test could see but the time: the same tables, the same pages, the same addresses, and passwords and key files locked by
parameters that cost nothing. What the product's own parameters are is looked at by `product_locks` of the tests in
tests/testing_server/foundation/test_accounts.py and tests/task_bank/test_sealing.py.
"""
from typing import Any

import pytest
from argon2 import PasswordHasher
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from task_bank.sealing import age_scrypt
from testing_server.foundation.accounts import passwords
from testing_server.foundation.storage import Base, Storage

PRODUCT_HASHER, PRODUCT_WORK_FACTOR = passwords._hasher, age_scrypt.WORK_FACTOR


def take_shortcuts(patch: pytest.MonkeyPatch) -> None:
    """All of them."""
    make_passwords_quick(patch)
    patch.setattr(age_scrypt, "WORK_FACTOR", 4)
    compile_addresses_once(patch)
    describe_tables_once(patch)


def make_passwords_quick(patch: pytest.MonkeyPatch) -> None:
    """argon2 that costs nothing, for the known and for strangers alike."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    patch.setattr(passwords, "_hasher", quick)
    patch.setattr(passwords, "_stranger", quick.hash("nobody"))


def lock_as_the_product(patch: pytest.MonkeyPatch) -> None:
    """For tests that look at how slow the locks are."""
    patch.setattr(passwords, "_hasher", PRODUCT_HASHER)
    patch.setattr(age_scrypt, "WORK_FACTOR", PRODUCT_WORK_FACTOR)


def compile_addresses_once(patch: pytest.MonkeyPatch) -> None:
    """werkzeug compiles two functions for the address of each of three hundred endpoints, half of a server's start."""
    compile_builder = Rule._compile_builder
    kept: dict[Any, Any] = {}

    def compile_once(rule: Rule, append_unknown: bool = True) -> Any:
        if rule.defaults:
            return compile_builder(rule, append_unknown)
        # the function takes the rule as its first argument and knows nothing else of it
        key = (rule.rule, tuple(rule._trace), append_unknown)
        if key not in kept:
            kept[key] = compile_builder(rule, append_unknown)
        return kept[key]

    patch.setattr(Rule, "_compile_builder", compile_once)


def describe_tables_once(patch: pytest.MonkeyPatch) -> None:
    """SQLAlchemy asks for each of a hundred tables whether it is there, and words it; here the wording is kept."""
    create_tables = Storage.create_tables
    kept: dict[frozenset[str], list[tuple[str, str]]] = {}

    def create_again(storage: Storage) -> None:
        if not storage.is_sqlite:
            return create_tables(storage)
        known, found = frozenset(Base.metadata.tables), read_schema(storage)
        if known in kept:
            there = {name for name, _ in found}
            missing = [words for name, words in kept[known] if name not in there]
            return storage.write(lambda session: create_as_worded(session, missing)) if missing else None
        create_tables(storage)
        if not found:
            kept[known] = read_schema(storage)

    patch.setattr(Storage, "create_tables", create_again)


def read_schema(storage: Storage) -> list[tuple[str, str]]:
    """Names and words of tables and indexes in the order in which they were made."""
    with storage.read() as session:
        found = session.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"))
        return [(name, words) for name, words in found]


def create_as_worded(session: Session, missing: list[str]) -> None:
    bare = session.connection()
    for words in missing:
        bare.exec_driver_sql(words)


class KeptTemplates(BytecodeCache):
    """Pages compiled for one application serve all others of the run."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key, bucket.checksum] = bucket.code


TEMPLATES = KeptTemplates()
