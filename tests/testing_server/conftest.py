"""Fixtures of tests that ask the whole server thousands of times."""
from collections.abc import Iterator

import pytest

from tests.testing_server.endpoint_callers import make_passwords_quick


@pytest.fixture(scope="module")
def quick_passwords() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        make_passwords_quick(patch)
        yield
