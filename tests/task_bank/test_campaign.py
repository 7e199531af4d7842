"""A campaign is a stream: the same in any number of processes, and never more than a few chunks ahead."""
from collections.abc import Iterator

import pytest

from task_bank.variants import (
    BankTooSmall,
    ExclusionsTooTight,
    UnknownZone,
    assemble,
    assemble_campaign,
)
from task_bank.variants.campaign import CHUNKS_AHEAD, SCHOOLS_A_CHUNK
from tests.task_bank.test_assembly_rules import make_bank

ZONES = ("Europe/Kaliningrad", "Asia/Yekaterinburg", "Asia/Kamchatka")
LIMITED = {"exposure": {"school_share": 0.2}}


def list_schools(count: int) -> Iterator[tuple[str, str | None, int]]:
    for place in range(count):
        yield f"sch{place}", ZONES[place % 3], place % 4


def test_processes_change_nothing() -> None:
    work = make_bank(60, 13, 7, blueprint=LIMITED)
    one = list(assemble_campaign(work, list_schools(150), 5, 1))
    assert one == list(assemble_campaign(work, list_schools(150), 5, 2))
    assert one == list(assemble_campaign(work, list_schools(150), 5, 3))
    assert [made.school.id for made in one] == [f"sch{place}" for place in range(150)]


def test_a_school_alone_gets_what_it_gets_in_the_campaign() -> None:
    work = make_bank(60, 13, blueprint=LIMITED)
    made = list(assemble_campaign(work, list_schools(20), 5, 1))[11]
    assert assemble(work, "sch11", 3, 5, zone=ZONES[2], ordinal=11) == list(made.variants)


def test_schools_are_read_as_they_are_needed() -> None:
    read = 0

    def count_read() -> Iterator[tuple[str, str | None, int]]:
        nonlocal read
        for school in list_schools(100_000):
            read += 1
            yield school

    stream = assemble_campaign(make_bank(4, 4), count_read(), 1, 2)
    assert next(stream).school.id == "sch0"
    assert read <= SCHOOLS_A_CHUNK * (2 * CHUNKS_AHEAD + 2)
    stream.close()  # type: ignore[attr-defined]


def test_what_is_wrong_is_said_before_the_first_school_or_at_its_turn() -> None:
    with pytest.raises(BankTooSmall):
        assemble_campaign(make_bank(2), list_schools(3), 1, least_pool=4)
    stream = assemble_campaign(make_bank(4), iter([("one", ZONES[0], 2), ("two", "Europe/Nowhere", 2)]), 1, 1)
    assert next(stream).school.id == "one"
    with pytest.raises(UnknownZone):
        next(stream)


def test_a_fault_in_another_process_names_the_school() -> None:
    tight = {"p1-0": {"excludes": ["p2-0"]}}
    with pytest.raises(ExclusionsTooTight, match="sch1: items exclude each other"):
        list(assemble_campaign(make_bank(1, 1, items=tight), list_schools(3), 1, 2))
