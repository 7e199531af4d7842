"""The edge between HTTP and the contracts.

Takes the body of the present request; gives a contract's message, and answers in the protocol's form.
"""
from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from flask import Blueprint, Response, request

from testing_server.contracts.messages import Message, read_message
from testing_server.contracts.refusals import BadEvent, ContractRefusal, MoveRefused

T = TypeVar("T", bound=Message)
STATUSES: dict[type[ContractRefusal], int] = {MoveRefused: 409, BadEvent: 422}


def read_body(kind: type[T]) -> T:
    """The request's body as a message; raises ContractRefusal."""
    message: T = read_message(kind, request.get_data())
    return message


def answer(message: Any, status: int = 200) -> Response:
    """A message or plain data as JSON."""
    return Response(msgspec.json.encode(message), status, mimetype="application/json")


def answer_contract_refusal(error: ContractRefusal) -> Response:
    """{code, message} for whatever broke the protocol."""
    status = next((found for kind, found in STATUSES.items() if isinstance(error, kind)), 400)
    return answer({"code": error.code, "message": str(error)}, status)


def answer_contract_refusals(blueprint: Blueprint) -> None:
    """Lets a blueprint's views raise ContractRefusal."""
    blueprint.register_error_handler(ContractRefusal, answer_contract_refusal)
