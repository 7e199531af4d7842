"""What a rehearsal found, as it is signed: what was sent, kept and lost, each fault and how fast all went on.

Only what was promised can be lost: an event the server acknowledged, a byte of speech it called durable, an answer that
was shown as saved. A fault that this machine could not make is `not_tried` and proves nothing.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from testing_server.contracts.canonical import encode_canonical, sha256_hex
from testing_server.contracts.refusals import BadStatement
from testing_server.contracts.statements import read_unverified, sign_bytes
from testing_server.contracts.versions import PAYLOAD_TYPES

FORMAT = "rehearsal/1"
MOST_SEATS, MOST_TRIALS = 1000, 200
MAX_CERTIFICATE_BYTES = 128 * 1024
SHOWN_DIGITS = 20


class FaultKind(StrEnum):
    """What can be done to a room."""

    SERVER_KILL = "server-kill"
    SEAT_KILL = "seat-kill"
    LINK_CUT = "link-cut"
    DISK_FULL = "disk-full"
    MIC_MUTE = "mic-mute"
    CLOCK_JUMP = "clock-jump"
    SERVER_LOST = "server-lost"


class Outcome(StrEnum):
    """What became of one fault. `stuck`: the candidate did not go on working in time."""

    ENDURED = "endured"
    STUCK = "stuck"
    NOT_TRIED = "not_tried"


class Verdict(StrEnum):
    """`kept`: everything promised is there and everybody finished; `unfinished`: nothing lost, but not to the end."""

    KEPT = "kept"
    LOST = "lost"
    UNFINISHED = "unfinished"


class Count(msgspec.Struct, kw_only=True, frozen=True):
    """Of one kind of thing: how many the seats wrote, how many of these the server was found to hold, how many of
    those promised it does not hold. `what`: answers, events, recordings, sound_bytes or works; facts: orders, incidents
    and audit of a room whose server was lost."""

    what: str
    sent: int
    kept: int
    lost: int


class Trial(msgspec.Struct, kw_only=True, frozen=True):
    """One fault. `where`: "server" or a seat; `away_ms`: how long it lasted; `return_ms`: from its end until everybody
    it touched worked again; `noticed_ms`: from its start until the console showed trouble; None = not seen."""

    kind: str
    where: str
    outcome: str
    away_ms: int = 0
    return_ms: int | None = None
    noticed_ms: int | None = None
    reason: str = ""


class Speed(msgspec.Struct, kw_only=True, frozen=True):
    """From the seat's disk to the server's, of all events, in ms, outages included; None where nothing was sent."""

    median_ms: int | None
    p95_ms: int | None
    longest_ms: int | None


class Rehearsal(msgspec.Struct, kw_only=True, frozen=True):
    """The whole statement. `material`: "demonstration" or the materials archive's digest; `one_machine`: the robots ran
    on the server's own computer, not at the room's workstations."""

    format: str
    school_name: str
    software: str
    began_at_ms: int
    ended_at_ms: int
    material: str
    title: str
    seats: int
    pace: int
    one_machine: bool
    counts: list[Count]
    trials: list[Trial]
    speed: Speed
    verdict: str
    troubles: list[str] = []

    @property
    def lost(self) -> int:
        """Promised things that are not there."""
        return sum(count.lost for count in self.counts)


def judge_rehearsal(counts: list[Count], trials: list[Trial], troubles: list[str]) -> Verdict:
    """The word for the whole. A fault not tried changes nothing: it is named beside."""
    if any(count.lost for count in counts):
        return Verdict.LOST
    whole = all(count.kept == count.sent for count in counts)
    stuck = any(trial.outcome == Outcome.STUCK for trial in trials)
    return Verdict.UNFINISHED if troubles or stuck or not whole else Verdict.KEPT


def encode_rehearsal(rehearsal: Rehearsal) -> bytes:
    """The bytes that are signed."""
    return encode_canonical(msgspec.to_builtins(rehearsal))


def sign_rehearsal(rehearsal: Rehearsal, key: Ed25519PrivateKey) -> bytes:
    """The certificate: a signed envelope."""
    return sign_bytes(encode_rehearsal(rehearsal), PAYLOAD_TYPES["rehearsal"], key)


def read_rehearsal(payload: bytes) -> Rehearsal:
    """The statement, if it says one thing only. Raises BadStatement."""
    try:
        found = msgspec.json.decode(payload, type=Rehearsal)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
        raise BadStatement(f"not a rehearsal: {error}") from error
    if reason := _find_nonsense(found):
        raise BadStatement(reason)
    return found


def _find_nonsense(found: Rehearsal) -> str:
    if found.format != FORMAT:
        return f"format {found.format!r}"
    if not 1 <= found.seats <= MOST_SEATS or len(found.trials) > MOST_TRIALS or len(found.counts) > MOST_TRIALS:
        return "more than a rehearsal holds"
    if any(min(one.sent, one.kept, one.lost) < 0 or one.kept + one.lost > one.sent for one in found.counts):
        return "counts that cannot be"
    if found.ended_at_ms < found.began_at_ms:
        return "ended before it began"
    if found.verdict != judge_rehearsal(found.counts, found.trials, found.troubles):
        return "a verdict that does not follow from the figures"
    return ""


def name_certificate(envelope: bytes) -> str:
    """The certificate's number: digest of the signed bytes. Raises BadStatement."""
    return sha256_hex(read_unverified(envelope).payload)


def show_number(name: str) -> str:
    """As printed: groups of five hex digits."""
    return " ".join(name[at:at + 5] for at in range(0, SHOWN_DIGITS, 5))
