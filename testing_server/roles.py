"""What a classroom and a hub are made of.

Takes settings. Gives the mounts and services of a role; with cli.py and processes.py the only place that sees all
stages. Each function imports what it gives: a classroom carries nothing of a hub, a process nothing of another one.
"""
from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from testing_server.foundation.clock import Clock
    from testing_server.foundation.mounts import Mount
    from testing_server.foundation.settings import Settings


def list_mounts(settings: Settings) -> list[Mount]:
    """The blueprints of the role's stages, in the order of their menus; their jobs are known from then on."""
    if settings.role == "hub":
        return list_hub_mounts()
    return list_classroom_mounts()


def list_classroom_mounts() -> list[Mount]:
    """The exam day, then what a school may do with its work afterwards."""
    from testing_server.exam_day.mounts import classroom_mounts
    from testing_server.marking.school.mounts import classroom_mounts as marking_mounts
    from testing_server.outcomes.school.mounts import classroom_mounts as outcomes_mounts
    return [*classroom_mounts(), *marking_mounts(), *outcomes_mounts()]


def list_hub_mounts() -> list[Mount]:
    """The board first, then in the order in which the work goes."""
    from testing_server.exam_day.monitor.mounts import board_mounts, following_mounts
    from testing_server.exam_day.reception.mounts import hub_mounts as reception_mounts
    from testing_server.marking.mounts import hub_mounts as marking_mounts
    from testing_server.outcomes.mounts import hub_mounts as outcomes_mounts
    from testing_server.preparation.mounts import hub_mounts as preparation_mounts
    return [*board_mounts(), *preparation_mounts(), *reception_mounts(), *following_mounts(), *marking_mounts(),
            *outcomes_mounts()]


def prepare_role(settings: Settings) -> None:
    """Once, before the processes start: the per-start secret, the newest form of the database, the store of files."""
    from testing_server.foundation.files.choosing import prepare_files
    from testing_server.migrations import upgrade_database
    (settings.run_folder / "internal.key").unlink(missing_ok=True)
    upgrade_database(settings.storage_url)
    prepare_files(settings)


def make_role_app(settings: Settings, clock: Clock) -> Flask:
    """The application of a role's core."""
    from testing_server.foundation.services import build_services
    from testing_server.foundation.web import create_app
    app = create_app(settings, clock, build_services, list_mounts(settings))
    if settings.role == "classroom":
        from testing_server.exam_day.tending import start_tending
        start_tending(app)
    else:
        from testing_server.marking.statistics.announcing import start_announcing
        from testing_server.preparation.founding.actions import prepare_hub
        from testing_server.preparation.release.watching import start_watching
        from testing_server.preparation.retention.automatic import start_keeping_terms
        prepare_hub(app.extensions["testing_server"])
        start_watching(app)
        start_keeping_terms(app)
        start_announcing(app)
    return app


def make_files_app(settings: Settings, clock: Clock) -> Flask:
    """The application of a role's files process."""
    if settings.role == "hub":
        from testing_server.foundation.files.downloads import make_downloads_app
        return make_downloads_app(settings, clock)
    from testing_server.exam_day.responses.files_app import make_files_app as make_classroom_files_app
    from testing_server.exam_day.workstations.announcement import announce
    app = make_classroom_files_app(settings, clock)
    # here and not in the core: the library needs threads of the system
    app.extensions["announcement"] = announce(settings)
    return app
