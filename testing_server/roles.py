"""What a classroom and a hub are made of.

Takes settings. Gives the mounts and services of a role; with cli.py the only place that sees all stages.
"""
from flask import Flask

from testing_server.foundation.clock import Clock
from testing_server.foundation.mounts import Mount
from testing_server.foundation.services import build_services
from testing_server.foundation.settings import Settings
from testing_server.foundation.web import create_app


def list_mounts(settings: Settings) -> list[Mount]:
    """The blueprints of the role's stages, in the order of their menus."""
    mounts: dict[str, list[Mount]] = {"hub": [], "classroom": []}
    return mounts[settings.role]


def make_role_app(settings: Settings, clock: Clock) -> Flask:
    """The application of a role."""
    return create_app(settings, clock, build_services, list_mounts(settings))
