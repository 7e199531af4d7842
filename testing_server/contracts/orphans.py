"""Works that a server has never heard of: the school's key is lost with its server, and no ledger can be read.

POST /v1/works: a workstation that was paired anew says what it still holds. An organizer takes them into a sitting.
"""

from __future__ import annotations

from testing_server.contracts.messages import Message


class WorkShown(Message):
    """One attempt as its workstation knows it. `grants`: {lease: grant's JSON text}; `own`: leases written here."""

    code: str
    variant: str
    assessment: str
    grants: dict[str, str]
    own: list[int] = []


class WorksShown(Message):
    """`works`: {attempt: what is held of it}."""

    works: dict[str, WorkShown]


class WorksTaken(Message):
    """`known`: those of them that this server knows by now: say hello again and send."""

    known: list[str] = []
