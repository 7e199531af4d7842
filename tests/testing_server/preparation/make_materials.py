"""Sealed materials for tests: the shipped English work, sealed for real.

Takes a hub and a school. Gives both archives.
"""
from pathlib import Path
from typing import Any

from testing_server.preparation.materials.actions import seal_materials
from testing_server.preparation.materials.sealing import SealedPair
from testing_server.preparation.registry.queries import School
from tests.testing_server.preparation.make_hub import Hub

SAMPLES = Path(__file__).parents[3] / "task_bank" / "samples"
ENGLISH = SAMPLES / "english_grade_7"
DEMO, COUNTED = "demo-2026", "vpr-2027-spring"
DAY = "2027-04-14"


def seal(hub: Hub, school: School, campaign: str = COUNTED, day: str = DAY, count: int = 2,
         package: Path = ENGLISH, **changes: Any) -> SealedPair:
    """Materials and criteria of a school."""
    return seal_materials(hub.offered, school.id, campaign, package, count, day, **changes)
