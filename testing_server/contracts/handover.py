"""Messages of the handover: what one server of a school gives another (protocol.md §3, §8 `handover`).

POST /v1/handover opens it by the school's key, GET /v1/handover?after= gives the next page. A server that no longer
leads goes on giving.
"""

from __future__ import annotations

import msgspec

from testing_server.contracts.messages import Message

SIGNED = b"handover1"
PARTS = "/v1/handover/parts"
FILES = "/v1/handover/files"


class HandoverAsked(Message):
    """POST /v1/handover, twice: without `challenge` -> a challenge; with it and `signature` -> a token.

    `signature` = Ed25519 by the school's signing key over b"handover1" + challenge bytes, hex. `instance`: who asks.
    """

    instance: str
    challenge: str = ""
    signature: str = ""


class HandoverOpened(Message):
    """Either a `challenge` (hex), or a `token` for an hour and where the files process is.

    `instance`: the server that hands over; places of its pages are its own.
    """

    challenge: str = ""
    token: str = ""
    instance: str = ""
    files_url: str = ""


class Handed(Message):
    """GET /v1/handover?after=events.aside -> the next page, in the order of arrival.

    `events`, `aside`: (received_at_ms, the line as its seat wrote it); aside are those that contradict stored ones.
    `next`: what to ask for afterwards; `behind`: events that follow it.
    `ledgers`: {sitting: [generation, version]} to fetch from /v1/handover/ledgers/{sitting}; `claims`: the highest
    claim that this server knows of each sitting, its own or of another server that leads now.
    """

    next: str
    behind: int
    events: list[tuple[int, str]] = []
    aside: list[tuple[int, str]] = []
    ledgers: dict[str, list[int]] = {}
    claims: list[str] = []


class HandedPart(Message):
    """A part of a recording: its name, its place in the file, its digest."""

    attempt: str
    lease: int
    number: int
    part_no: int
    offset: int
    length: int
    sha256: str


class HandedParts(Message):
    """GET /v1/handover/parts?after= of the files process: this line of JSON, then the parts' bytes one after another.

    `next`: what to ask for afterwards; `behind_bytes`: sound that follows it.
    """

    next: int
    behind_bytes: int
    parts: list[HandedPart] = []


class HandedFile(Message):
    """A whole file given as an answer; its bytes are at /v1/handover/files/{attempt}/{sha256}."""

    attempt: str
    sha256: str
    length: int


class HandedFiles(Message):
    """GET /v1/handover/files of the files process: every whole file of an answer that it has."""

    files: list[HandedFile] = []


def read_parts_page(body: bytes) -> tuple[HandedParts, list[bytes]]:
    """A page and the bytes of each part. Raises ValueError for what is no page."""
    line, found, sound = body.partition(b"\n")
    page = msgspec.json.decode(line, type=HandedParts)
    if not found or len(sound) != sum(part.length for part in page.parts):
        raise ValueError("the sound does not fit its list")
    pieces, start = [], 0
    for part in page.parts:
        pieces.append(sound[start:start + part.length])
        start += part.length
    return page, pieces
