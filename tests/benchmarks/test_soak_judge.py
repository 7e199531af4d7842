"""What the soak calls growth, and what it does not."""
import pytest

from tests.benchmarks.answers_soak import Sample, judge

STEADY = Sample(memory_mb=120, handles=60, p99_ms=4, answered=1000, lost=0)


def test_a_steady_day_and_one_bad_minute_are_no_growth() -> None:
    assert judge([Sample(90, 50, 4, 1000, 0)] * 4 + [STEADY] * 8) == []
    assert judge([STEADY] * 10 + [Sample(300, 400, 900, 1000, 0)] + [STEADY]) == []


@pytest.mark.parametrize(("later", "word"), [
    (Sample(150, 60, 4, 1000, 0), "memory"), (Sample(120, 90, 4, 1000, 0), "open files"),
    (Sample(120, 60, 40, 1000, 0), "waits"), (Sample(120, 60, 4, 1000, 1), "refused")])
def test_what_grows_is_named(later: Sample, word: str) -> None:
    told = judge([STEADY] * 8 + [later] * 4)
    assert len(told) == 1 and word in told[0]


def test_too_short_a_run_is_no_proof() -> None:
    assert judge([STEADY] * 2) != []
