"""A hub for tests: real storage and keys in the folder of the test, a school, and its line to the hub.

Takes a folder and a clock. Gives `Hub`, which speaks to the application in this process.
"""
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from flask import Flask

from testing_server.exam_day.monitor.mounts import hub_mounts as monitor_mounts
from testing_server.exam_day.reception.mounts import hub_mounts as reception_mounts
from testing_server.foundation.clock import FakeClock
from testing_server.foundation.services import Services
from testing_server.preparation.enrolment.actions import make_enrolment_code
from testing_server.preparation.founding.actions import prepare_hub
from testing_server.preparation.hub_keys import HubKeys
from testing_server.preparation.hub_link import HubLink
from testing_server.preparation.mounts import hub_mounts
from testing_server.preparation.registry.actions import create_school
from testing_server.preparation.registry.queries import School
from testing_server.preparation.school_key import SchoolKey, make_school_key
from tests.builders import Browser, make_app, open_browser, services_of

ADDRESS = "http://localhost"
MOMENT_MS = int(datetime(2026, 11, 20, 9, 0, tzinfo=UTC).timestamp() * 1000)


@dataclass
class Hub:
    """The application and what tests ask of it."""

    app: Flask
    clock: FakeClock
    keys: HubKeys
    offered: Services = field(init=False)

    def __post_init__(self) -> None:
        self.offered = services_of(self.app)

    def write(self, action: Any, **details: Any) -> Any:
        """An action of (session, now_ms, …)."""
        now_ms = self.clock.now_ms()
        return self.offered.storage.write(lambda session: action(session, now_ms, **details))

    def read(self, query: Any, *details: Any, **named: Any) -> Any:
        """A query of (session, …)."""
        with self.offered.storage.read() as session:
            return query(session, *details, **named)

    def link(self, **details: Any) -> HubLink:
        """A line to the hub without a network."""
        http = httpx.Client(transport=httpx.WSGITransport(app=self.app))
        return HubLink(ADDRESS, self.keys.root_fingerprint, http=http, **details)

    def browser(self, login: str, role: str, **details: Any) -> Browser:
        """A signed-in person."""
        return open_browser(self.app, login, role, **details)


def make_hub(folder: Path, clock: FakeClock | None = None, **settings: Any) -> Hub:
    """An empty hub."""
    clock = clock or FakeClock(MOMENT_MS)
    mounts = [*hub_mounts(), *reception_mounts(), *monitor_mounts()]
    app = make_app(folder / "hub", mounts, clock=clock, **settings)
    return Hub(app, clock, prepare_hub(services_of(app)))


def make_school(hub: Hub, login: str = "sch330001", zone: str = "Europe/Moscow", **changes: Any) -> School:
    """A school in the registry."""
    details = {"login": login, "name": "Школа № 1", "municipality": "Ковров", "region": "Владимирская область",
               "zone": zone, **changes}
    school: School = hub.write(create_school, **details)
    return school


def make_key(name: str = "Школа № 1") -> SchoolKey:
    """Fresh keys of a school."""
    return make_school_key(name, datetime(2026, 11, 20, tzinfo=UTC))


@dataclass
class EnrolledSchool:
    """A school with its key and a line whose session is open."""

    school: School
    key: SchoolKey
    link: HubLink


def enrol(hub: Hub, login: str = "sch330001", **changes: Any) -> EnrolledSchool:
    """A registered and enrolled school."""
    school = make_school(hub, login, **changes)
    code, key, link = hub.write(make_enrolment_code, school=school.id), make_key(), hub.link()
    link.enrol(school.login, code, key)
    link.open_session(key)
    return EnrolledSchool(school, key, link)
