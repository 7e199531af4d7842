"""Sittings that classrooms told of and that sent no package: what such a day was done with must stay."""
from __future__ import annotations

from collections import Counter

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import select, true
from sqlalchemy.orm import Session

from testing_server.exam_day.monitor.records import SittingReportRecord
from testing_server.exam_day.monitor.rules import Report
from testing_server.exam_day.reception.records import PackageRecord
from testing_server.preparation.retention.needs import Need, register_need

# nobody of these wrote anything: a sitting of nobody else has nothing to send
NOTHING_WRITTEN = frozenset({"assigned", "absent", "transferred"})


def find_unpackaged(session: Session, campaign: str, now_ms: int, school: str | None) -> dict[str, int]:
    """Sittings in which somebody began and of which no package was accepted; one that did not say its campaign counts
    for each."""
    row = SittingReportRecord
    packaged = select(PackageRecord.package).where(PackageRecord.school == row.school,
                                                   PackageRecord.sitting == row.sitting).exists()
    told = session.execute(select(row.school, row.body).where(
        ~packaged, row.body != "", row.school == school if school else true()))
    return dict(Counter(place for place, body in told if _holds_work(body, campaign)))


def _holds_work(body: str, campaign: str) -> bool:
    report = msgspec.json.decode(body, type=Report)
    return report.campaign in ("", campaign) and any(
        count for state, count in report.counts.items() if state not in NOTHING_WRITTEN)


def register_needs() -> None:
    """Once, with the mounts."""
    register_need(Need("monitor sittings", frozenset({"archives", "rosters", "codes"}),
                       _("сеанс проведён, а пакета нет"), find_unpackaged))
