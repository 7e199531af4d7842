"""What the worker tells the core about packages, and what the core asks of the worker."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import msgspec
from flask import Blueprint, Response, request
from sqlalchemy import select

from testing_server.exam_day.packages.actions import note_package
from testing_server.exam_day.packages.contents import Staged
from testing_server.exam_day.packages.jobs import ask_receipt, seal_package, send_package
from testing_server.exam_day.packages.records import PackageRecord
from testing_server.exam_day.room import attach_room, room
from testing_server.exam_day.scopes import tell_sitting
from testing_server.exam_day.school.hearing import HubHearing
from testing_server.exam_day.school.queries import School, find_school
from testing_server.exam_day.wire import answer, answer_contract_refusals
from testing_server.foundation.access import INTERNAL
from testing_server.foundation.mounts import Mount
from testing_server.foundation.services import Services, services
from testing_server.preparation.hub_keys import read_hub_keys

pages = Blueprint("packages_internal", __name__)
answer_contract_refusals(pages)
ASK_AGAIN_MS = 30_000


@pages.post("/v1/internal/packages/<package>")
def take_report(package: str) -> Response:
    report, now_ms = msgspec.json.decode(request.get_data(), type=dict), room().clock.now_ms()
    record = services().storage.write(lambda session: note_package(session, now_ms, package, report))
    room().package_asked_ms[package] = room().clock.monotonic_ms()
    note_line(room().hearing, report, now_ms)
    tell_sitting(record.sitting)
    if report["state"] == "made":
        hand_to_sender(services(), record)
    return answer({})


def note_line(hearing: HubHearing, report: Mapping[str, Any], now_ms: int) -> None:
    """What the worker's way to the hub tells of the line: bytes that arrived and verdicts are answers."""
    if report.get("trouble") and report["state"] in ("sending", "sent"):
        hearing.note_trouble(str(report["trouble"]), now_ms)
    elif "sent" in report or report["state"] in ("receipted", "quarantined"):
        hearing.note_answer(now_ms)


def hand_to_sealer(offered: Services, school: School, staged: Staged) -> None:
    """The worker encrypts to the hub's package recipients."""
    trusted = read_hub_keys(school.hub_keys.encode(), school.root_fingerprint)
    offered.jobs.enqueue(seal_package, package=staged.package, folder=str(staged.folder),
                         recipients=list(trusted.recipients))


def hand_to_sender(offered: Services, package: PackageRecord) -> None:
    """The worker sends; nothing happens before the school is enrolled."""
    with offered.storage.read() as session:
        school = find_school(session)
    if school is None or not school.is_enrolled:
        return
    offered.jobs.enqueue(send_package, package=package.id, school=asdict(school), metadata={
        "package": package.id, "school": school.id, "sitting": package.sitting, "sequence": str(package.sequence)})


def tend_packages(offered: Services) -> None:
    """Go on with packages that wait for the hub: after a cut, a restart, or while it is still checking."""
    here = attach_room(offered)
    now_ms = here.clock.monotonic_ms()
    with offered.storage.read() as session:
        waiting = list(session.scalars(select(PackageRecord).where(
            PackageRecord.state.in_(("made", "sending", "sent")))))
        school = find_school(session)
    for package in waiting:
        if school is None or not school.is_enrolled or now_ms - here.package_asked_ms.get(
                package.id, now_ms - ASK_AGAIN_MS) < ASK_AGAIN_MS:
            continue
        here.package_asked_ms[package.id] = now_ms
        if package.state == "sent":
            offered.jobs.enqueue(ask_receipt, package=package.id, school=asdict(school))
        else:
            hand_to_sender(offered, package)


MOUNT = Mount(blueprint=pages, access={"take_report": frozenset({INTERNAL})})
