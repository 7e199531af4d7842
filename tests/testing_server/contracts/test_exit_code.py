"""The lock of an exit code: opened by the code alone, however it is spaced."""

import pytest

from testing_server.contracts.exit_code import lock_exit_code, opens

LOCK = lock_exit_code("042817", bytes(range(16)))


@pytest.mark.parametrize("typed", ["042817", "042 817", " 042-817 "])
def test_the_code_opens(typed: str) -> None:
    assert opens(LOCK, typed)


@pytest.mark.parametrize("typed", ["", "42817", "042818", "0428170", "042817" * 1000, "выход", LOCK.digest])
def test_nothing_else_opens(typed: str) -> None:
    assert not opens(LOCK, typed)


def test_the_same_code_has_another_lock_elsewhere() -> None:
    assert lock_exit_code("042817", bytes(16)).digest != LOCK.digest
    assert "042817" not in LOCK.digest + LOCK.salt
