"""A hub that waits for packages of one enrolled school, with its worker run by hand.

Takes a hub. Gives `Reception`: send a package, let the worker judge it, ask for the receipt.
"""
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from testing_server.exam_day.reception.queries import AcceptedAttempt, Upload, accepted_attempts, list_uploads
from testing_server.foundation.jobs import FakeJobs, JobContext
from testing_server.preparation.hub_link import Pending, Quarantined, Receipt
from tests.testing_server.exam_day.reception.make_package import Package, Seat, make_package, make_seat
from tests.testing_server.preparation.make_hub import EnrolledSchool, Hub, enrol
from tests.testing_server.preparation.make_materials import pretend_sealed


@dataclass
class Reception:
    """One school whose materials are sealed."""

    hub: Hub
    ours: EnrolledSchool
    archive: str
    folder: Path

    def package(self, seats: list[Seat] | None = None, **changes: Any) -> Package:
        """A package this hub would accept, unless `changes` spoil it."""
        details = {"school": self.ours.school.id, "archive": self.archive, "made_at_ms": self.hub.clock.now_ms(),
                   "seats": seats if seats is not None else [self.seat()], **changes}
        key, recipients = details.pop("key", self.ours.key), list(self.ours.link.recipients)
        return make_package(key, recipients, **details)

    def seat(self, **changes: Any) -> Seat:
        return make_seat(self.hub.clock.now_ms(), **changes)

    def send(self, package: Package, name: str = "package.age") -> str:
        """Upload it as a classroom would; returns the id to ask with."""
        path = self.folder / name
        path.write_bytes(package.ciphertext)
        sitting = package.manifest.sitting
        return self.ours.link.upload_package(path, {"package": package.package, "sitting": sitting})

    def judge(self) -> None:
        """Let the worker do what waits, telling the core over its loopback address."""
        jobs = self.hub.offered.jobs
        assert isinstance(jobs, FakeJobs)
        jobs.run_all(JobContext(self.hub.offered.settings, self.hub.clock, self.hub.offered.files, self._report))

    def _report(self, path: str, body: dict[str, Any]) -> Any:
        headers = {"Authorization": f"Internal {self.hub.offered.internal_secret}"}
        answer = self.hub.app.test_client().post(path, json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def deliver(self, package: Package, name: str = "package.age") -> Receipt | Pending | Quarantined:
        """Send, judge and ask."""
        named = self.send(package, name)
        self.judge()
        return self.ours.link.fetch_receipt(named)

    def attempts(self) -> list[AcceptedAttempt]:
        found: list[AcceptedAttempt] = self.hub.read(accepted_attempts)
        return found

    def uploads(self) -> list[Upload]:
        found: list[Upload] = self.hub.read(list_uploads)
        return found


def make_reception(hub: Hub, folder: Path) -> Reception:
    """A hub, a school, and materials of the demonstration campaign."""
    ours = enrol(hub)
    return Reception(hub, ours, pretend_sealed(hub, ours.school), folder)
