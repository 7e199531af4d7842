"""What a classroom and a hub are made of.

Takes settings. Gives the mounts and services of a role; with cli.py the only place that sees all stages.
"""
from flask import Flask

from testing_server.exam_day.monitor.mounts import hub_mounts as monitor_mounts
from testing_server.exam_day.mounts import classroom_mounts
from testing_server.exam_day.reception.mounts import hub_mounts as reception_mounts
from testing_server.exam_day.responses.files_app import make_files_app as make_classroom_files_app
from testing_server.exam_day.tending import start_tending
from testing_server.exam_day.workstations.announcement import announce
from testing_server.foundation.clock import Clock
from testing_server.foundation.files.downloads import make_downloads_app
from testing_server.foundation.mounts import Mount
from testing_server.foundation.services import build_services
from testing_server.foundation.settings import Settings
from testing_server.foundation.web import create_app
from testing_server.marking.mounts import hub_mounts as marking_mounts
from testing_server.migrations import upgrade_database
from testing_server.outcomes.mounts import hub_mounts as outcomes_mounts
from testing_server.preparation.founding.actions import prepare_hub
from testing_server.preparation.mounts import hub_mounts as preparation_mounts


def list_mounts(settings: Settings) -> list[Mount]:
    """The blueprints of the role's stages, in the order of their menus."""
    return list_hub_mounts() if settings.role == "hub" else classroom_mounts()


def list_hub_mounts() -> list[Mount]:
    """In the order in which the work goes."""
    return [*preparation_mounts(), *monitor_mounts(), *reception_mounts(), *marking_mounts(), *outcomes_mounts()]


def prepare_role(settings: Settings) -> None:
    """Once, before the processes start: the per-start secret and the newest form of the database."""
    (settings.run_folder / "internal.key").unlink(missing_ok=True)
    upgrade_database(settings.storage_url)


def make_role_app(settings: Settings, clock: Clock) -> Flask:
    """The application of a role's core."""
    app = create_app(settings, clock, build_services, list_mounts(settings))
    if settings.role == "classroom":
        start_tending(app)
    else:
        prepare_hub(app.extensions["testing_server"])
    return app


def make_files_app(settings: Settings, clock: Clock) -> Flask:
    """The application of a role's files process."""
    if settings.role == "hub":
        return make_downloads_app(settings, clock)
    app = make_classroom_files_app(settings, clock)
    # here and not in the core: the library needs threads of the system
    app.extensions["announcement"] = announce(settings)
    return app
