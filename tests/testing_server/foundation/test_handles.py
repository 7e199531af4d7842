"""A server of a thousand seats may open more files than many systems allow at first."""
import resource
from collections.abc import Iterator

import pytest

from testing_server.foundation.serving.handles import allow_connections


@pytest.fixture
def hard() -> Iterator[int]:
    """This process's limits are as before afterwards."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, limits[1]))
    yield limits[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def read_soft() -> int:
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def test_the_limit_is_raised_and_never_lowered(hard: int) -> None:
    assert allow_connections(400) == read_soft() == 800
    assert allow_connections(10) == read_soft() == 800


def test_the_systems_limit_is_respected(hard: int) -> None:
    if hard == resource.RLIM_INFINITY:
        pytest.skip("this system has none")
    assert allow_connections(hard) == read_soft() == hard
