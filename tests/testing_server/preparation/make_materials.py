"""Sealed materials for tests: the shipped English work, sealed for real.

Takes a hub and a school. Gives both archives.
"""
import secrets
from pathlib import Path
from typing import Any

from testing_server.preparation.campaigns.queries import find_campaign
from testing_server.preparation.materials.actions import order_sealing, plan_sealing, record_sealing, seal_materials
from testing_server.preparation.materials.sealing import ArchiveFacts, SealedPair
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


def pretend_sealed(hub: Hub, school: School, campaign: str = DEMO, day: str = "2026-11-20") -> str:
    """The records of a sealing without its files, for tests that open nothing; returns the materials archive."""
    rules = find_campaign(hub.offered.settings.data, campaign)
    plan = plan_sealing(school, rules, ENGLISH, 2, day, hub.clock.now_ms())
    both = [ArchiveFacts(secrets.token_hex(32), kind, 100, "0" * 64, opens_at_ms, "slot", "00", "00")
            for kind, opens_at_ms in (("materials", plan.cipher_opens_at_ms), ("criteria", plan.criteria_opens_at_ms))]
    title = {"ru": "Английский язык, 7 класс", "en": "English, grade 7"}
    hub.write(order_sealing, plan=plan)
    hub.write(record_sealing, plan=plan, pair=SealedPair("english-7", title, 2, "00", *both), campaign=rules)
    return both[0].archive
