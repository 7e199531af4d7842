"""The running core replaces a password for the command line of its own computer. Takes a login; gives the password."""
from __future__ import annotations

from flask import Blueprint, Response

from testing_server.contracts.messages import Message
from testing_server.exam_day.room import room
from testing_server.exam_day.support.passwords import PATH, reset
from testing_server.exam_day.wire import answer, answer_contract_refusals, read_body
from testing_server.foundation.access import INTERNAL
from testing_server.foundation.mounts import Mount
from testing_server.foundation.services import services

pages = Blueprint("support_internal", __name__)
answer_contract_refusals(pages)


class PasswordAsked(Message):
    """POST /v1/internal/password-resets."""

    login: str


@pages.post(PATH)
def replace() -> Response:
    asked = read_body(PasswordAsked)
    return answer({"password": reset(services().storage, room().clock.now_ms(), asked.login)})


MOUNT = Mount(blueprint=pages, access={"replace": frozenset({INTERNAL})})
