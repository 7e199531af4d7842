"""What a hub adds to assembly: one seed for a campaign, a place and zone for each school, proof before sealing."""
from pathlib import Path

import pytest

from task_bank.items import AssessmentPackage
from task_bank.variants import UnprovenVariant
from testing_server.preparation.materials.sealing import SealingPlan, make_deliveries
from testing_server.preparation.materials.shared_seed import obtain_shared_seed
from testing_server.preparation.registry.queries import find_ordinal
from tests.task_bank.builders import make_assessment, make_choice, make_files, make_package, make_position
from tests.task_bank.test_cli import write_package
from tests.testing_server.preparation.make_hub import Hub, make_school
from tests.testing_server.preparation.make_materials import seal


def test_a_shared_seed_is_one_for_a_work_of_a_campaign(tmp_path: Path) -> None:
    seed = obtain_shared_seed(tmp_path, "spring", "english-7")
    assert seed == obtain_shared_seed(tmp_path, "spring", "english-7") and len(seed) == 64
    others = {obtain_shared_seed(tmp_path, "autumn", "english-7"), obtain_shared_seed(tmp_path, "spring", "german-7"),
              obtain_shared_seed(tmp_path / "another-hub", "spring", "english-7")}
    assert len(others | {seed}) == 4


def test_schools_are_numbered_as_they_were_registered(hub: Hub) -> None:
    schools = [make_school(hub, f"sch33000{number}") for number in range(3)]
    hub.clock.advance(1000)
    schools = [*sorted(schools, key=lambda school: school.id), make_school(hub, "sch110001")]
    assert [hub.read(find_ordinal, school.id) for school in schools] == [0, 1, 2, 3]


def test_a_variant_that_is_not_sound_is_never_sealed(hub: Hub, tmp_path: Path) -> None:
    # The item says one point and its position two: no answer can bring them.
    work = make_assessment([make_position(points=2)])
    write_package(tmp_path / "unsound", make_files({"task-01": make_choice(points=2)}, work))
    with pytest.raises(UnprovenVariant, match="no answer was found that gives 2 points"):
        seal(hub, make_school(hub), package=tmp_path / "unsound")
    archives = hub.offered.settings.data / "archives"
    assert [path.name for path in archives.iterdir() if not path.name.startswith(".")] == []


def items_of(package: AssessmentPackage, school: str, zone: str, ordinal: int, seed: int) -> set[str]:
    plan = SealingPlan(sealing="s", school=school, campaign="c", package="p", count=5, day="2027-04-14",
                       sealed_at_ms=0, cipher_opens_at_ms=0, criteria_opens_at_ms=0, zone=zone, ordinal=ordinal)
    made = make_deliveries(package, plan, seed, "shared", lambda done: None)
    return {key["item"] for delivery in made for key in delivery.keys_json["items"]}


def test_schools_of_far_zones_share_no_items_though_their_own_seeds_differ() -> None:
    package = make_package({f"task-{place:02}": make_choice(f"task-{place:02}") for place in range(12)})
    west = items_of(package, "one", "Europe/Kaliningrad", 0, 1) | items_of(package, "three", "Europe/Samara", 2, 3)
    east = items_of(package, "two", "Asia/Kamchatka", 1, 2) | items_of(package, "four", "Asia/Irkutsk", 3, 4)
    assert not west & east and len(west) == len(east) == 4
