"""The first set-up of a classroom server: on its own PC, once, before anybody has an account.

Takes the school's name, a passphrase for its key, the organizer's login and, where it is at hand, the credential
file. Gives a key, an account, a server that is enrolled or works on without.
"""
from __future__ import annotations

from dataclasses import dataclass

from flask import request
from sqlalchemy.orm import Session

from testing_server.exam_day.room import Room, room
from testing_server.exam_day.school.actions import (
    AlreadySetUp, SetUp, enrol_at_hub, make_own_key, save_enrolment, save_school)
from testing_server.foundation.access import AccountRole
from testing_server.foundation.accounts.actions import create_account
from testing_server.foundation.accounts.rules import check_new_password, read_login
from testing_server.foundation.refusals import NotAllowed
from testing_server.foundation.services import services
from testing_server.foundation.web.gate import is_loopback, is_same_origin
from testing_server.preparation.enrolment.credentials import Credentials


@dataclass(frozen=True)
class FirstSteps:
    """What the first page asks."""

    school_name: str
    room: str
    passphrase: str
    login: str
    password: str


def is_open() -> bool:
    """Whether the first set-up may be made by this request: nothing is here yet, and it comes from this very PC."""
    return not room().keys.exists and is_loopback(request.remote_addr or "")


def check_open() -> None:
    """Raises AlreadySetUp, NotAllowed."""
    if room().keys.exists:
        raise AlreadySetUp()
    if not is_loopback(request.remote_addr or ""):
        raise NotAllowed()
    # the page's form carries a token of its own; under /v1 only the origin tells a stranger's page
    if request.path.startswith("/v1/") and not is_same_origin():
        raise NotAllowed()


def take_first_steps(asked: FirstSteps) -> None:
    """Key, school and account, or none of them. Raises WeakPassphrase, BadLogin, WeakPassword, NameMissing."""
    check_open()
    here, offered = room(), services()
    login, now_ms = read_login(asked.login), here.clock.now_ms()
    check_new_password(login, "", asked.password)
    set_up = SetUp(asked.school_name, asked.room)
    set_up.check()
    make_own_key(here.keys, offered.settings, asked.school_name, now_ms, asked.passphrase)

    def act(session: Session) -> None:
        save_school(session, now_ms, set_up, login)
        create_account(session, now_ms, login, AccountRole.SCHOOL_ORGANIZER, password=asked.password, by=login)
    offered.storage.write(act)


def enrol(credentials: Credentials, by: str) -> None:
    """Make the school's key known to its hub. Raises HubRefused, HubAway, AnswerNotTrusted, KeyLocked."""
    here: Room = room()
    enrolment = enrol_at_hub(credentials.hub, credentials.root, credentials.login, credentials.code, here.keys.key())
    now_ms = here.clock.now_ms()
    services().storage.write(lambda session: save_enrolment(session, now_ms, enrolment, by))
