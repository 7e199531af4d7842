"""A chain shows every change, gap and cut."""
import pytest
from sqlalchemy import text

from testing_server.foundation.audit import append_audit, read_audit, verify_audit
from testing_server.foundation.storage import Storage

CHAIN = "sitting:one"


def write_lines(storage: Storage, count: int = 3, chain: str = CHAIN) -> list[int]:
    return [storage.write(lambda session: append_audit(session, 10, chain, "anna", "time_given", "seat 4", {"s": 60}))
            for _line in range(count)]


def broken_at(storage: Storage, chain: str = CHAIN) -> int | None:
    with storage.read() as session:
        return verify_audit(session, chain)


def test_lines_are_numbered_by_chain(storage: Storage) -> None:
    assert write_lines(storage) == [1, 2, 3]
    assert write_lines(storage, 1, "hub") == [1]
    with storage.read() as session:
        line = read_audit(session, CHAIN)[0]
    assert (line.actor, line.verb, line.subject, line.details) == ("anna", "time_given", "seat 4", {"s": 60})


def test_untouched_chain_is_whole(storage: Storage) -> None:
    write_lines(storage)
    assert broken_at(storage) is None and broken_at(storage, "never begun") is None


@pytest.mark.parametrize(("statement", "number"), [
    ("UPDATE audit SET content = replace(content, '60', '90') WHERE number = 2", 2),
    ("UPDATE audit SET actor = 'oleg' WHERE number = 3", 3),
    ("UPDATE audit SET at_ms = 11 WHERE number = 1", 1),
    ("DELETE FROM audit WHERE number = 1", 1), ("DELETE FROM audit WHERE number = 2", 2),
    ("DELETE FROM audit WHERE number = 3", 3)])
def test_every_change_is_found(storage: Storage, statement: str, number: int) -> None:
    write_lines(storage)
    storage.write(lambda session: session.execute(text(statement)))
    assert broken_at(storage) == number


def test_refused_act_leaves_no_line(storage: Storage) -> None:
    def act(session: object) -> None:
        append_audit(session, 10, CHAIN, "anna", "time_given", "seat 4")  # type: ignore[arg-type]
        raise ValueError("refused after the line")
    with pytest.raises(ValueError):
        storage.write(act)
    assert write_lines(storage, 1) == [1]
