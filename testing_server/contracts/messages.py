"""Bodies of the HTTP messages between kiosk and classroom (protocol.md §8). Unknown fields are ignored.

Binary values travel as lower-case hex. Errors are {code, message, retry_after_s?, details}.
Every request of a paired kiosk carries `Protocol: 1.0` and, but for hello, `Authorization: Bearer <token>`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from testing_server.contracts.exit_code import ExitLock
from testing_server.contracts.refusals import ContractRefusal


class Message(msgspec.Struct, kw_only=True):
    """Base of all bodies."""


def read_message(kind: type, data: bytes) -> Any:
    """Decode a body into `kind`; raises ContractRefusal (bad_request) naming the field."""
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
        raise ContractRefusal(str(error)) from error


class PairBegin(Message):
    """POST /v1/pair -> PairBegun. `public_key`: raw Ed25519, `commitment`: SHA-256 of the nonce."""

    public_key: str
    commitment: str
    software: str = ""
    host_name: str = ""


class PairBegun(Message):
    """`authority_pem`: the LAN authority; the kiosk checks that the TLS leaf it sees was issued by it."""

    pairing: str
    nonce: str
    authority_pem: str


class PairReveal(Message):
    """POST /v1/pair/{pairing} -> PairState."""

    nonce: str


class PairState(Message):
    """GET /v1/pair/{pairing}. state: waiting | green | red; green carries the certificate (signed envelope text)."""

    state: str
    workstation: str = ""
    seat: str = ""
    school: str = ""
    certificate: str = ""


class PlaceTold(Message):
    """GET /v1/place: whose server this is, for people who choose one before anything is trusted."""

    school: str = ""
    room: str = ""


class Hello(Message):
    """POST /v1/hello, twice: without `challenge` -> HelloChallenge; with it and `signature` -> Welcome.

    `signature` = Ed25519 over b"hello1" + challenge bytes by the workstation key.
    `attempts` = inventory {attempt: {lease: highest number}}. `certificate`: what pairing gave, for a server that took
    over and knows nobody yet; `claims`: envelopes of the highest claim seen of each sitting; `ledgers`: the newest room
    ledger kept of each, {sitting: [generation, version]}.
    """

    workstation: str
    protocol: list[str]
    software: str
    boot_id: str
    generation: int = 0
    attempts: dict[str, dict[str, int]] = {}
    challenge: str = ""
    signature: str = ""
    certificate: str = ""
    claims: list[str] = []
    ledgers: dict[str, tuple[int, int]] = {}


class HelloChallenge(Message):
    """32 bytes to sign, valid for one minute."""

    challenge: str


class Welcome(Message):
    """Token for 12 hours, bound to the generation. `acked` {attempt: {lease: n}}; files_url: of the files process.

    `claim`: signed envelope text of the sitting's claim, "" when no sitting is open. `hub_root`: fingerprint of the
    hub's root key, "" before enrolment; a workstation keeps the first one it is told. `school_key`: hex Ed25519 that
    signs claims, pinned at the first hello; `claims`: of every sitting that concerns this workstation; `recovering`:
    this server gathers what workstations keep and leads nothing yet.
    """

    token: str
    seat: str
    server_at_ms: int
    generation: int
    claim: str
    files_url: str
    school: str
    room: str
    state: str
    acked: dict[str, dict[str, int]] = {}
    durable: dict[str, int] = {}
    hub_root: str = ""
    school_key: str = ""
    claims: list[str] = []
    recovering: bool = False


class ClaimsTold(Message):
    """GET /v1/claims, open to anyone: the claims this server stands on; `held` {sitting: [generation, version]} of the
    room ledgers it has. `recovering`: it gathers what workstations keep. `merged` {sitting: {generation: version}}: the
    ledgers of earlier servers that its facts contain; told by a server that leads after another one."""

    claims: list[str] = []
    recovering: bool = False
    held: dict[str, list[int]] = {}
    merged: dict[str, dict[int, int]] = {}


class ClaimShown(Message):
    """POST /v1/claims -> ClaimsTold: a claim somebody met; a higher one than this server's own fences it."""

    claim: str


class LeasesShown(Message):
    """POST /v1/leases -> LeasesTaken: grants this workstation holds and a server that took over does not know.

    `grants`: {attempt: {lease: grant's JSON text}}.
    """

    grants: dict[str, dict[str, str]]


class LeasesTaken(Message):
    """`acked` as in Welcome, of every attempt asked for; `unknown`: attempts this server has never heard of."""

    acked: dict[str, dict[str, int]] = {}
    unknown: list[str] = []


class TimeAsked(Message):
    """POST /v1/time -> TimeTold (four-stamp exchange)."""

    t0_ms: int


class TimeTold(Message):
    """`exit_lock`: of the organizer's exit code, the same in every answer until the code is changed.

    `ledgers`: {sitting: [generation, version]} of the room ledgers to fetch, GET /v1/ledgers/{sitting}.
    """

    t1_ms: int
    t2_ms: int
    exit_lock: ExitLock | None = None
    ledgers: dict[str, list[int]] = {}


class CheckWord(StrEnum):
    """How good what was looked at is; `stop` = no exam here before it is put right."""

    GOOD = "good"
    ATTENTION = "attention"
    STOP = "stop"


class CheckFinding(Message):
    """One thing a machine's check looked at. `ru`, `en`: what is wrong and what to do, in a sentence."""

    subject: Annotated[str, Meta(max_length=40)]
    word: CheckWord
    code: Annotated[str, Meta(max_length=40)]
    ru: Annotated[str, Meta(max_length=400)]
    en: Annotated[str, Meta(max_length=400)]


class CheckReport(Message):
    """PUT /v1/workstations/{id}/check: last one wins. verdict: a word of verdicts.Verdict or "" if not checked.

    What is left out was not looked at: the server keeps what it knew. `starts`: how many starts of the machine its
    folder has seen, `boot_id`: the present one; a count that does not grow from one boot to the next is a disk that is
    reset. `battery_percent`, `on_mains`: None where there is no battery. Reply: {state, reset}.
    """

    verdict: str
    disk_free_bytes: int
    clock_offset_ms: int
    screen: str = ""
    browser: str = ""
    input_device: str = ""
    output_device: str = ""
    link_kbytes_s: int = 0
    software: str = ""
    round_trip_ms: int = 0
    findings: Annotated[list[CheckFinding], Meta(max_length=60)] | None = None
    starts: int = 0
    boot_id: Annotated[str, Meta(max_length=80)] = ""
    memory_free_bytes: int = 0
    battery_percent: Annotated[int, Meta(ge=0, le=100)] | None = None
    on_mains: bool | None = None


class SignIn(Message):
    """POST /v1/attempts/sign-in -> SignedIn. `journal`: id of the kiosk's journal file.

    `plain`: a seat without installation says so; the assessment decides whether it will do.
    """

    login: str
    workstation: str
    journal: str
    plain: bool = False


class Bundle(Message):
    """One age file to fetch early, GET {files_url}/v1/bundles/{sha256}. plain: a medium's SHA-256 or ""."""

    sha256: str
    bytes: int
    plain: str = ""
    type: str = ""


class SignedIn(Message):
    """`grant`: the lease grant's JSON text (its digest is `prev` of event 1). `assessment`: the public assessment.json.

    `training`: true when nothing is counted (say so on every screen).
    """

    attempt: str
    code: str
    lease: int
    generation: int
    grant: str
    state: str
    assessment: dict[str, Any]
    variant: str
    bundles: list[Bundle]
    training: bool = False
    directives_version: int = 0


class EventsAppend(Message):
    """POST /v1/attempts/{id}/events -> EventsAcked. `events`: the lines exactly as journalled (JSON texts)."""

    lease: int
    events: list[str]


class EventsAcked(Message):
    """`acked`: every event 1..n of that lease has been fsynced by this server. `missing`: at most 16 [from, to]."""

    acked: int
    missing: list[list[int]]
    server_at_ms: int
    directives_version: int
    lease_state: str = "open"


class PartAcked(Message):
    """PUT {files_url}/v1/recordings/{attempt}/{lease}/{number}/parts/{part_no}?offset=&sha256=&rate=&verdict=, raw PCM.

    `verdict`: what the seat heard in the two seconds that end with this part, a word of contracts.verdicts; without it,
    or with any other word, the server judges by itself.
    """

    durable_bytes: int
    missing: list[list[int]] = []


class PieceAcked(Message):
    """PUT {files_url}/v1/files/{attempt}/{sha256}?offset=&bytes=, a piece of a file given as an answer.

    `durable_bytes`: fsynced from the start; the next piece begins there. Equal to `bytes` = the whole file is here.
    """

    durable_bytes: int


class DirectivesTold(Message):
    """GET /v1/attempts/{id}/directives?after=generation.number: directives as JSON texts in order.

    `ledgers` as in TimeTold.
    """

    directives: list[str]
    version: int
    ledgers: dict[str, list[int]] = {}


class PurgeAnswer(Message):
    """PUT /v1/attempts/{id}/purge -> {}: what became of the directive `purge`. An event would come after the package.

    `result`: a word of receipts.PurgeResult.
    """

    generation: int
    number: int
    result: str


class History(Message):
    """GET /v1/attempts/{id}/history: event lines and directives; what a new seat needs to go on.

    `grants` {lease: grant's JSON text} of the older leases: with them this seat can deliver their events elsewhere.
    """

    events: list[str]
    directives: list[str]
    grants: dict[str, str] = {}
