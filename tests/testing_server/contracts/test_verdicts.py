"""Which of two verdicts on the same recording is shown."""
import pytest

from testing_server.contracts.verdicts import choose_verdict


@pytest.mark.parametrize("server, seat, shown", [
    ("", "", ""), ("", "heard", "heard"), ("silent", "", "silent"), ("silent", "heard", "silent"),
    ("heard", "silent", "heard"), ("heard", "neighbour", "neighbour"), ("too_quiet", "neighbour", "neighbour"),
    ("heard", "wrong_device", "wrong_device"), ("no_data", "wrong_device", "no_data"),
])
def test_server_counts_except_for_what_only_the_seat_knows(server: str, seat: str, shown: str) -> None:
    assert choose_verdict(server, seat) == shown
