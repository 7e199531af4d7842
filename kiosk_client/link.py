"""The link to the classroom server: every request of protocol.md §8, over TLS that trusts one authority only.

Takes bodies of `contracts.messages`, gives their answers; what the server refuses is `Refused` with its code, what
does not arrive is `ServerAway`. A token that ran out is renewed by itself.
"""

from __future__ import annotations

import ipaddress
import logging
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec

from kiosk_client.patience import Patience
from kiosk_client.refusals import SeatRefusal, ServerAway
from testing_server.contracts import messages
from testing_server.contracts.refusals import ContractRefusal
from testing_server.contracts.versions import PROTOCOL

TIMEOUT = httpx.Timeout(10.0, connect=4.0)
# X509_V_FLAG_NO_CHECK_TIME of OpenSSL, which `ssl` does not name.
NO_CHECK_TIME = ssl.VerifyFlags(0x200000)
FILES_TIMEOUT = httpx.Timeout(30.0, connect=4.0)

log = logging.getLogger(__name__)


class Refused(SeatRefusal):
    """The server answered and said no: its code, what it says of when to try again, its details."""

    def __init__(self, status: int, code: str, message: str, retry_after_s: float | None,
                 details: dict[str, Any]) -> None:
        super().__init__(message)
        self.status, self.code, self.retry_after_s, self.facts = status, code, retry_after_s, details


class InsecureServer(SeatRefusal):
    """Plain HTTP is for this very computer only."""

    code = "insecure_server"


@dataclass(frozen=True)
class Answer:
    """What came back: the body, whether over TLS, and the leaf certificate seen there (DER)."""

    body: bytes
    is_secure: bool
    leaf: bytes


def make_context(authority_pem: str) -> ssl.SSLContext:
    """Trust this authority alone. The name is not checked: any leaf of the school's own authority is its server.

    Nor are dates: a workstation whose clock is wrong (an empty battery sets it years back) must reach the server that
    tells it the time; a person pinned the authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= NO_CHECK_TIME
    context.load_verify_locations(cadata=authority_pem)
    return context


def check_address(url: str) -> str:
    """The address without a slash at its end; raises InsecureServer for plain HTTP beyond this computer."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InsecureServer(f"{url} is no address of a server")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise InsecureServer(f"{url}: plain HTTP is allowed on this computer only")
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether a host is this very computer."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Wire:
    """Requests to one server. `authority_pem` None: before pairing nothing is trusted, the leaf is looked at."""

    def __init__(self, server: str, authority_pem: str | None) -> None:
        self.server = check_address(server)
        verify: ssl.SSLContext | bool = make_context(authority_pem) if authority_pem else False
        self._http = httpx.Client(verify=verify, timeout=TIMEOUT, headers={"Protocol": PROTOCOL}, trust_env=False)

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def request(self, method: str, url: str, *, token: str = "", content: bytes | None = None,
                params: dict[str, Any] | None = None, headers: dict[str, str] | None = None,
                timeout: httpx.Timeout = TIMEOUT) -> Answer:
        """One request; `url` may be a path of the server or a whole address. Raises Refused, ServerAway."""
        with self.stream(method, url, token, content, params, headers or {}, timeout) as response:
            # Looked at before the body: a connection that is closed after it no longer knows its certificate.
            leaf = _read_leaf(response)
            try:
                body = response.read()
            except httpx.HTTPError as error:
                raise ServerAway(str(error)) from error
            raise_refusal(response, body)
            return Answer(body, response.url.scheme == "https", leaf)

    @contextmanager
    def stream(self, method: str, url: str, token: str, content: bytes | None, params: dict[str, Any] | None,
               headers: dict[str, str], timeout: httpx.Timeout) -> Iterator[httpx.Response]:
        """The response before its body was read. Raises ServerAway."""
        address = url if "://" in url else self.server + url
        check_address(address)
        if token:
            headers = {**headers, "Authorization": f"Bearer {token}"}
        request = self._http.build_request(method, address, content=content, params=params, headers=headers,
                                           timeout=timeout)
        try:
            response = self._http.send(request, stream=True)
        except (httpx.HTTPError, OSError, RuntimeError) as error:
            # RuntimeError: httpx says so when this end was closed meanwhile.
            raise ServerAway(f"{address}: {error}") from error
        try:
            yield response
        finally:
            response.close()


def raise_refusal(response: httpx.Response, body: bytes) -> None:
    """Raise Refused unless the answer is a good one."""
    if response.status_code < 400:
        return
    try:
        told = msgspec.json.decode(body, type=dict)
    except msgspec.MsgspecError:
        told = {}
    retry = told.get("retry_after_s", response.headers.get("Retry-After"))
    details = told.get("details")
    raise Refused(response.status_code, str(told.get("code", f"http_{response.status_code}")),
                  str(told.get("message", "")), _read_seconds(retry), details if isinstance(details, dict) else {})


def _read_seconds(value: Any) -> float | None:
    try:
        return float(value) if value is not None else None
    except (TypeError, ValueError):
        return None


def _read_leaf(response: httpx.Response) -> bytes:
    stream = response.extensions.get("network_stream")
    found = stream.get_extra_info("ssl_object") if stream is not None else None
    return (found.getpeercert(True) or b"") if found is not None else b""


class Link:
    """The requests of a paired workstation. `say_hello(link)` gives a token; it is called when the server wants one."""

    def __init__(self, wire: Wire, say_hello: Callable[[Link], str]) -> None:
        self.wire = wire
        self.files_url = ""
        self._say_hello = say_hello
        self._token = ""
        self._token_lock = threading.Lock()
        self._for_core, self._for_files = Patience(), Patience()

    @property
    def token(self) -> str:
        """The session token, "" before the first hello."""
        return self._token

    def move(self, wire: Wire, files_url: str, token: str) -> None:
        """Go on over another wire, where a hello has been said already; what is under way on the old one fails."""
        with self._token_lock:
            old, self.wire, self.files_url, self._token = self.wire, wire, files_url, token
        old.close()

    def forget_token(self) -> None:
        """The next request says hello first."""
        self._token = ""

    def renew_token(self, old: str) -> str:
        """Say hello, once for all threads that noticed the same dead token. Raises Refused, ServerAway."""
        with self._token_lock:
            if self._token == old or not self._token:
                self._token = self._say_hello(self)
            return self._token

    def ask(self, method: str, url: str, kind: type, body: messages.Message | bytes | None = None,
            timeout: httpx.Timeout = TIMEOUT, **params: Any) -> Any:
        """A request with the token and its answer read as `kind`. Raises Refused, ServerAway."""
        content = msgspec.json.encode(body) if isinstance(body, messages.Message) else body
        headers = {"Content-Type": "application/octet-stream" if isinstance(body, bytes) else "application/json"}
        answer = self._with_token(lambda token: self.wire.request(
            method, url, token=token, content=content, params=params or None, headers=headers, timeout=timeout))
        return read_answer(kind, answer.body)

    def _with_token(self, action: Callable[[str], Answer]) -> Answer:
        token = self._token or self.renew_token("")
        try:
            return action(token)
        except Refused as refusal:
            if refusal.status != 401:
                raise
        return action(self.renew_token(token))

    def _ask_files(self, method: str, path: str, kind: type, body: bytes, **params: Any) -> Any:
        url = self._find_files() + path
        return self._for_files.wait(lambda timeout: self.ask(method, url, kind, body, timeout, **params))

    def _find_files(self) -> str:
        if not self._token:
            # Where the files process listens is said in the hello.
            self.renew_token("")
        return self.files_url

    # The messages.

    def hello(self, body: messages.Hello) -> Any:
        """HelloChallenge without a signature, Welcome with one."""
        kind = messages.Welcome if body.signature else messages.HelloChallenge
        answer = self.wire.request("POST", "/v1/hello", content=msgspec.json.encode(body),
                                   headers={"Content-Type": "application/json"})
        return read_answer(kind, answer.body)

    def tell_time(self, t0_ms: int) -> messages.TimeTold:
        """The server's two stamps."""
        return self._for_core.wait(lambda timeout: self.ask(
            "POST", "/v1/time", messages.TimeTold, messages.TimeAsked(t0_ms=t0_ms), timeout))

    def report_check(self, workstation: str, report: messages.CheckReport) -> dict[str, Any]:
        """What the check of this workstation found; the server says whether it saw the machine forget (`reset`)."""
        told: dict[str, Any] = self.ask("PUT", f"/v1/workstations/{workstation}/check", dict, report)
        return told

    def sign_in(self, body: messages.SignIn) -> messages.SignedIn:
        """The attempt of a login and a lease for it."""
        return self.ask("POST", "/v1/attempts/sign-in", messages.SignedIn, body)

    def fetch_history(self, attempt: str) -> messages.History:
        """Everything other seats wrote, and the directives."""
        return self.ask("GET", f"/v1/attempts/{attempt}/history", messages.History, timeout=FILES_TIMEOUT)

    def send_events(self, attempt: str, body: messages.EventsAppend) -> messages.EventsAcked:
        """A batch of lines."""
        return self._for_core.wait(lambda timeout: self.ask(
            "POST", f"/v1/attempts/{attempt}/events", messages.EventsAcked, body, timeout))

    def fetch_directives(self, attempt: str, after: tuple[int, int]) -> messages.DirectivesTold:
        """Directives after (generation, number)."""
        return self._for_core.wait(lambda timeout: self.ask(
            "GET", f"/v1/attempts/{attempt}/directives", messages.DirectivesTold, None, timeout,
            after=f"{after[0]}.{after[1]}"))

    def answer_purge(self, attempt: str, body: messages.PurgeAnswer) -> None:
        """What became of the order to delete an attempt here."""
        self.ask("PUT", f"/v1/attempts/{attempt}/purge", dict, body)

    def fetch_ledger(self, sitting: str) -> bytes:
        """The newest room ledger of a sitting, an envelope."""
        return self._with_token(lambda token: self.wire.request(
            "GET", f"/v1/ledgers/{sitting}", token=token, timeout=FILES_TIMEOUT)).body

    def confirm_ledger(self, sitting: str, place: tuple[int, int]) -> None:
        """That version lies on this disk."""
        self.ask("PUT", f"/v1/ledgers/{sitting}/held", dict, generation=place[0], version=place[1])

    def hand_in_ledger(self, envelope: bytes) -> None:
        """A ledger for a server that recovers."""
        self.ask("PUT", "/v1/ledgers", dict, envelope, FILES_TIMEOUT)

    def show_leases(self, body: messages.LeasesShown) -> messages.LeasesTaken:
        """Grants that a server which took over does not know."""
        taken: messages.LeasesTaken = self.ask("POST", "/v1/leases", messages.LeasesTaken, body)
        return taken

    def send_part(self, recording: tuple[str, int, int], part_no: int, offset: int, sha256: str, rate: int,
                  block: bytes, verdict: str = "") -> messages.PartAcked:
        """A part of a recording and what was heard in it, to the files process."""
        attempt, lease, number = recording
        return self._ask_files("PUT", f"/v1/recordings/{attempt}/{lease}/{number}/parts/{part_no}", messages.PartAcked,
                               block, offset=offset, sha256=sha256, rate=rate, verdict=verdict)

    def send_piece(self, attempt: str, sha256: str, offset: int, length: int, piece: bytes) -> messages.PieceAcked:
        """A piece of a file given as an answer, to the files process."""
        return self._ask_files("PUT", f"/v1/files/{attempt}/{sha256}", messages.PieceAcked, piece, offset=offset,
                               bytes=length)

    def fetch_file(self, attempt: str, sha256: str) -> bytes:
        """A file that was given as an answer at another seat, from the files process. Raises Refused, ServerAway."""
        url = f"{self._find_files()}/v1/files/{attempt}/{sha256}"
        return self._with_token(lambda token: self.wire.request("GET", url, token=token, timeout=FILES_TIMEOUT)).body

    @contextmanager
    def open_bundle(self, sha256: str, offset: int) -> Iterator[httpx.Response]:
        """A bundle's bytes from `offset` on. Raises Refused, ServerAway."""
        token = self._token or self.renew_token("")
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        url = f"{self.files_url}/v1/bundles/{sha256}"
        with self.wire.stream("GET", url, token, None, None, headers, FILES_TIMEOUT) as response:
            if response.status_code == 401:
                self.forget_token()
            if response.status_code >= 400:
                raise_refusal(response, response.read())
            yield response


def read_answer(kind: type, body: bytes) -> Any:
    """The answer as `kind`; an answer of another form counts as no answer. Raises ServerAway."""
    try:
        return messages.read_message(kind, body or b"{}")
    except ContractRefusal as error:
        raise ServerAway(f"the server's answer is not of the protocol: {error}") from error
