"""The express lane: requests that come a thousand times a second, read and answered without the web framework.

Takes the bytes of one connection. Answers the requests a lane knows by their first line and that have nothing unusual
about them; every other byte is left for the ordinary path, unread, and so is a request the lane would rather not
answer itself. A lane therefore only ever says what the ordinary path would have said, sooner.
"""
from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from testing_server.foundation.headers import HEADERS
from testing_server.foundation.lanes import ExpressLane

HEAD_LIMIT = 8 * 1024
PIECE = 64 * 1024
HEAD_END = b"\r\n\r\n"
FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x21-\x7e\t ]*)")
UNUSUAL = frozenset({b"transfer-encoding", b"expect", b"upgrade", b"content-encoding"})
COMMON = "".join(f"{name}: {value}\r\n" for name, value in {
    **HEADERS, "Cache-Control": "no-store", "Content-Type": "application/json", "Connection": "keep-alive"}.items())
PLAIN = f"HTTP/1.1 200 OK\r\n{COMMON}".encode()
SECURE = PLAIN + b"Strict-Transport-Security: max-age=31536000\r\n"


class Ask(msgspec.Struct, frozen=True, gc=False):
    """A request of a lane as far as its head tells; `begins`: where its body begins, `ends`: where it ends."""

    lane: ExpressLane
    part: str
    token: str
    begins: int
    ends: int


class Connection:
    """One connection and what was read of it beyond the last answer."""

    def __init__(self, socket: Any, lanes: Sequence[ExpressLane], is_secure: bool, timeout_s: float) -> None:
        self._socket = socket
        self._lanes = lanes
        self._prefix = SECURE if is_secure else PLAIN
        self._timeout_s = timeout_s

    def serve(self, read: bytes = b"") -> bytes:
        """Answers what belongs to a lane; the first bytes of a request that does not, b"" at the connection's end."""
        self._socket.settimeout(self._timeout_s)
        try:
            while read or (read := self._socket.recv(PIECE)):
                left = self._answer_one(read)
                if left is None:
                    return self._rest
                read = left
            return b""
        finally:
            self._socket.settimeout(None)

    def _answer_one(self, read: bytes) -> bytes | None:
        """What follows the request that was answered; None when it is not for us, `_rest` then holds its bytes."""
        ask, self._rest = self._read_head(read)
        if ask is None or not self._read_body(ask.ends):
            return None
        said = ask.lane.answer(ask.part, ask.token, self._rest[ask.begins:ask.ends])
        if said is None:
            return None
        self._socket.sendall(b"%bContent-Length: %d\r\n\r\n%b" % (self._prefix, len(said), said))
        return self._rest[ask.ends:]

    def _read_head(self, read: bytes) -> tuple[Ask | None, bytes]:
        while True:
            lane = next((lane for lane in self._lanes if read.startswith(lane.start[:len(read)])), None)
            if lane is None:
                return None, read
            end = read.find(HEAD_END, 0, HEAD_LIMIT)
            if end >= 0:
                return understand_head(lane, read[:end]), read
            if len(read) >= HEAD_LIMIT or not (more := self._socket.recv(PIECE)):
                return None, read
            read += more

    def _read_body(self, ends: int) -> bool:
        missing = ends - len(self._rest)
        if missing <= 0:
            return True
        pieces = [self._rest]
        while missing > 0 and (piece := self._socket.recv(max(PIECE, missing))):
            pieces.append(piece)
            missing -= len(piece)
        self._rest = b"".join(pieces)
        return missing <= 0


def understand_head(lane: ExpressLane, head: bytes) -> Ask | None:
    """What is asked, None when anything about the head is unusual."""
    first, *lines = head.split(b"\r\n")
    fields: dict[bytes, bytes] = {}
    for line in lines:
        found = FIELD.fullmatch(line)
        name = found[1].lower() if found else b""
        if found is None or name in fields or name in UNUSUAL:
            return None
        fields[name] = found[2].strip()
    kind_and_token = fields.get(b"authorization", b"").split()
    length = fields.get(b"content-length", b"" if lane.body_limit else b"0")
    if not (first.startswith(lane.start) and first.endswith(lane.end) and b"host" in fields):
        return None
    if not length.isdigit() or len(length) > 9 or int(length) > lane.body_limit:
        return None
    if len(kind_and_token) != 2 or kind_and_token[0] != b"Bearer":
        return None
    if fields.get(b"connection", b"keep-alive").lower() != b"keep-alive":
        return None
    begins = len(head) + len(HEAD_END)
    return Ask(lane, first[len(lane.start):-len(lane.end)].decode("latin-1"), kind_and_token[1].decode(), begins,
               begins + int(length))
