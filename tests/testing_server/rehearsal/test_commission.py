"""A small simulated commission on a real hub; and a count that does find what is wrong."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from testing_server.foundation.clock import SystemClock
from testing_server.foundation.services import build_services
from testing_server.foundation.settings import load_settings
from testing_server.foundation.web import create_app

from testing_server.preparation.founding.actions import prepare_hub
from testing_server.rehearsal.commission.command import is_broken
from testing_server.rehearsal.commission.counting import Happened, Row, find_breaches
from testing_server.rehearsal.commission.robots import Saved
from testing_server.rehearsal.commission.simulation import simulate
from testing_server.rehearsal.commission.world import draw_truth, list_profiles, make_world
from testing_server.roles import list_hub_mounts
from tests.builders import close_app, services_of


def points(first: int, second: int, third: int) -> dict[str, int]:
    return {"К1": first, "К2": second, "К3": third}


HAPPENED = Happened(
    saved=[Saved(1, "a", 0, points(2, 2, 3)), Saved(2, "b", 0, points(2, 2, 1)), Saved(3, "c", 0, {"К3": 2}, True)],
    taken_back=[], standards={}, zeroed=frozenset(), remarked=[], schools={"a": 1, "b": 2, "c": 3}, school_count=8,
    answers=1)
RIGHT = {0: Row(points(2, 2, 2), 6)}


def test_a_commission_by_the_rules_has_no_breach() -> None:
    assert find_breaches(HAPPENED, RIGHT) == []


@pytest.mark.parametrize(("changes", "protocol"), [
    ({}, {}),
    ({}, {0: Row(points(2, 2, 3), 7)}),
    ({}, {0: Row(points(2, 2, 2), 5)}),
    ({"schools": {"a": 0, "b": 2, "c": 3}}, RIGHT),
    ({"saved": HAPPENED.saved[:2]}, RIGHT),
    ({"saved": HAPPENED.saved[1:]}, RIGHT),
    ({"saved": [*HAPPENED.saved, Saved(4, "d", 0, points(2, 2, 2))], "schools": {**HAPPENED.schools, "d": 4}}, RIGHT),
    ({"taken_back": [(5, "b", 0)]}, RIGHT),
    ({"zeroed": frozenset({0})}, RIGHT)])
def test_every_kind_of_breach_is_found(changes: dict, protocol: dict) -> None:
    assert find_breaches(replace(HAPPENED, **changes), protocol)


def test_a_world_plants_bad_experts_and_gives_no_answer_only_to_its_own() -> None:
    world = make_world(60, 20_000, 1)
    profiles = list_profiles(world)
    assert [one.kind for one in profiles if one.kind != "good"] == ["strict", "lenient", "random", "drifting"]
    assert all(sum(one.school == school for one in profiles) < 57 for school in range(world.schools))
    assert draw_truth(world, 7) == draw_truth(world, 7)


@contextmanager
def serve_here(data: Path, log: Path) -> Iterator[str]:
    """The hub in this process, over real HTTP: on a loaded machine its five processes are minutes in coming up."""
    app = create_app(load_settings("hub", {}, data=data), SystemClock(), build_services, list_hub_mounts())
    prepare_hub(services_of(app))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        close_app(app)


# every wait inside is one request's; the whole has none, whatever else the machine does
@pytest.mark.timeout(1200)
def test_six_robots_mark_two_hundred_answers_and_no_rule_is_broken(tmp_path: Path) -> None:
    outcome = simulate(tmp_path, make_world(6, 200, 1), lambda text: None, serve_here)
    assert outcome.breaches == [] and outcome.missed == [] and not is_broken(outcome)
    assert outcome.thirds > 5 and outcome.book.taken_back and outcome.book.paused
