"""The express lane answers what is plainly its own and leaves every other byte to the ordinary path."""
from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testing_server.foundation.lanes import ExpressLane
from testing_server.foundation.serving.express import Connection

HEAD = ("POST /v1/attempts/7/events HTTP/1.1", "Host: here", "Authorization: Bearer abc")
Asked = list[tuple[str, str, bytes]]


class Pieces:
    """A socket that gives its bytes in pieces and keeps what is sent."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.left = [piece for piece in pieces if piece]
        self.sent = b""

    def settimeout(self, seconds: float | None) -> None:
        self.timeout = seconds

    def recv(self, most: int) -> bytes:
        return self.left.pop(0) if self.left else b""

    def sendall(self, data: bytes) -> None:
        self.sent += data


def make_lane(asked: Asked, said: bytes | None = b"{}") -> ExpressLane:
    def answer(part: str, token: str, body: bytes) -> bytes | None:
        asked.append((part, token, body))
        return said
    return ExpressLane(b"POST /v1/attempts/", b"/events HTTP/1.1", 1_000, answer)


def make_request(body: bytes = b"hello", *more: str, head: tuple[str, ...] = HEAD, length: str = "") -> bytes:
    lines = [*head, f"Content-Length: {length or len(body)}", *more]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def serve(pieces: list[bytes], said: bytes | None = b"{}") -> tuple[Asked, bytes, bytes]:
    """(what the lane was asked, what was sent, what is left to the ordinary path)."""
    asked: Asked = []
    wire = Pieces(pieces)
    left = Connection(wire, [make_lane(asked, said)], True, 5).serve()
    assert wire.timeout is None
    return asked, wire.sent, left


def test_a_plain_request_is_answered_with_every_strict_header() -> None:
    asked, sent, left = serve([make_request()])
    assert asked == [("7", "abc", b"hello")] and left == b""
    head, _, body = sent.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK") and body == b"{}"
    for name in (b"Content-Security-Policy", b"Strict-Transport-Security", b"Cache-Control: no-store", b"nosniff"):
        assert name in head


@given(st.lists(st.integers(1, 400), max_size=12))
@settings(deadline=None)
def test_bytes_may_come_in_any_pieces(cuts: list[int]) -> None:
    whole = make_request(b"first") + make_request(b"second") + b"GET /v1/time HTTP/1.1\r\n\r\n"
    places = sorted({0, len(whole), *(cut for cut in cuts if cut < len(whole))})
    asked, sent, left = serve([whole[low:high] for low, high in zip(places, places[1:], strict=False)])
    assert [body for _, _, body in asked] == [b"first", b"second"] and sent.count(b"200 OK") == 2
    # the ordinary path reads on from the socket by itself
    assert whole.endswith(left) or whole[len(whole) - len(b"GET /v1/time HTTP/1.1\r\n\r\n"):].startswith(left)
    assert left.startswith(b"G")


@pytest.mark.parametrize("request_bytes", [
    make_request(b"", "Transfer-Encoding: chunked"), make_request(b"", "Expect: 100-continue"),
    make_request(b"", "Upgrade: websocket"), make_request(b"", "Connection: close"), make_request(length="-1"),
    make_request(length="5, 5"), make_request(length="5000"), make_request(b"x" * 5, "Content-Length: 5"),
    make_request(b"", "content-encoding: gzip"), make_request(b"", " folded: header"), make_request(b"", "Bad Name: x"),
    make_request(head=HEAD[:2]), make_request(head=(HEAD[0], HEAD[2])), make_request(b"", "X: \x00"),
    make_request(head=("POST /v1/attempts/7/events HTTP/1.0", *HEAD[1:])), b"POST /v1/attempts/" + b"a" * 9_000,
    make_request(head=(*HEAD[:2], "Authorization: Basic abc")), b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01"],
    ids=str)
def test_anything_unusual_is_left_whole_to_the_ordinary_path(request_bytes: bytes) -> None:
    asked, sent, left = serve([request_bytes])
    assert (asked, sent, left) == ([], b"", request_bytes)


def test_a_question_without_a_body_needs_no_length() -> None:
    asked: Asked = []
    told = make_lane(asked)
    lane = ExpressLane(b"GET /v1/attempts/", b" HTTP/1.1", 0, told.answer)
    question = b"GET /v1/attempts/7/x?after=1.2 HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer abc\r\n"
    whole = question + b"\r\n" + question + b"Content-Length: 0\r\n\r\n"
    with_body = question + b"Content-Length: 4\r\n\r\nbody"
    assert Connection(Pieces([whole + with_body]), [told, lane], True, 5).serve() == with_body
    assert asked == [("7/x?after=1.2", "abc", b"")] * 2
    headless = make_request().replace(b"Content-Length: 5\r\n", b"")
    assert Connection(Pieces([headless]), [told, lane], True, 5).serve() == headless, "a body of unknown length"


def test_what_the_lane_would_not_answer_is_left_whole() -> None:
    asked, sent, left = serve([make_request() + b"more"], said=None)
    assert len(asked) == 1 and sent == b"" and left == make_request() + b"more"


def test_a_request_cut_off_in_its_body_is_never_answered() -> None:
    asked, sent, _ = serve([make_request(b"half", length="400")])
    assert (asked, sent) == ([], b"")


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


def test_a_silent_connection_is_given_up(pair: tuple[socket.socket, socket.socket]) -> None:
    with pytest.raises(TimeoutError):
        Connection(pair[0], [make_lane([])], False, 0.05).serve()
