"""The web: one application factory, closed by default.

Takes settings, a clock, services and the mounts of the stages. Gives a Flask application in which every
endpoint has an access line.
"""
from testing_server.foundation.access import ANYONE, INTERNAL, SCHOOL, SIGNED_IN, WORKSTATION
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import Services, build_services, services
from testing_server.foundation.web.app import create_app
from testing_server.foundation.web.gate import UnlistedEndpoint, current_school, current_workstation

__all__ = ["ANYONE", "INTERNAL", "SCHOOL", "SIGNED_IN", "WORKSTATION", "MenuEntry", "Mount", "Refusal",
           "Services", "UnlistedEndpoint", "build_services", "create_app", "current_school",
           "current_workstation", "services"]
