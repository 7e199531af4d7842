"""Tables of what the hub received. Codes only; sound and events lie in the file store by their digests."""
from sqlalchemy import BigInteger, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage.base import Base, Milliseconds


class UploadRecord(Base):
    """One upload. `state`: a word of contracts.states.PACKAGE; `package`: its id, claimed until it is verified.

    `pardon`: why a coordinator lets a package of withdrawn or moved materials through, "" when nobody did.
    `content`: SHA-256 of the whole sealed file, which then lies in the file store; "" before. `asked_at_ms`: when the
    worker was last asked to judge.
    """

    __tablename__ = "received_upload"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    school: Mapped[str] = mapped_column(String(36), index=True)
    length: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(20), index=True)
    package: Mapped[str] = mapped_column(String(64), default="", index=True)
    sitting: Mapped[str] = mapped_column(String(80), default="")
    claimed_sha256: Mapped[str] = mapped_column(String(64), default="")
    reason: Mapped[str] = mapped_column(String(40), default="")
    detail: Mapped[str] = mapped_column(Text, default="")
    by: Mapped[str] = mapped_column(String(120))
    begun_at_ms: Mapped[int] = mapped_column(Milliseconds)
    last_byte_at_ms: Mapped[int] = mapped_column(Milliseconds)
    judged_at_ms: Mapped[int | None] = mapped_column(Milliseconds)
    pardon: Mapped[str] = mapped_column(String(500), default="")
    content: Mapped[str] = mapped_column(String(64), default="", server_default="", index=True)
    asked_at_ms: Mapped[int | None] = mapped_column(Milliseconds)


class PackageRecord(Base):
    """An accepted package; `receipt` is the signed envelope, the same for every repetition.

    `forgotten_at_ms`: when all but the receipt was deleted because its term had passed.
    """

    __tablename__ = "received_package"

    package: Mapped[str] = mapped_column(String(64), primary_key=True)
    school: Mapped[str] = mapped_column(String(36), index=True)
    sitting: Mapped[str] = mapped_column(String(80), index=True)
    campaign: Mapped[str] = mapped_column(String(80))
    assessment: Mapped[str] = mapped_column(String(80))
    archive: Mapped[str] = mapped_column(String(64))
    sequence: Mapped[int]
    state: Mapped[str] = mapped_column(String(20))
    training: Mapped[bool]
    ciphertext_sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    accepted_at_ms: Mapped[int] = mapped_column(Milliseconds)
    manifest: Mapped[str] = mapped_column(Text)
    receipt: Mapped[bytes] = mapped_column(LargeBinary)
    forgotten_at_ms: Mapped[int | None] = mapped_column(Milliseconds)


class ReceivedFileRecord(Base):
    """A file of the store that a package needs: one of its own, or the sealed package itself."""

    __tablename__ = "received_file"

    package: Mapped[str] = mapped_column(String(64), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)


class ReceivedAttemptRecord(Base):
    """One attempt of a package. `heads`, `responses`: JSON, folded by the rule named in the manifest."""

    __tablename__ = "received_attempt"

    package: Mapped[str] = mapped_column(String(64), primary_key=True)
    attempt: Mapped[str] = mapped_column(String(36), primary_key=True)
    code: Mapped[str] = mapped_column(String(5))
    variant: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(20))
    seconds_used: Mapped[int]
    receipt_code: Mapped[str] = mapped_column(String(20), index=True)
    heads: Mapped[str] = mapped_column(Text)
    responses: Mapped[str] = mapped_column(Text)
    events_sha256: Mapped[str] = mapped_column(String(64))
    results_sha256: Mapped[str] = mapped_column(String(64))


class ReceivedRecordingRecord(Base):
    """One recording of a package; identity = (attempt, lease, number). Sound: FLAC in the file store."""

    __tablename__ = "received_recording"

    package: Mapped[str] = mapped_column(String(64), primary_key=True)
    attempt: Mapped[str] = mapped_column(String(36), primary_key=True)
    lease: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(String(80))
    response: Mapped[str] = mapped_column(String(80))
    flac_sha256: Mapped[str] = mapped_column(String(64))
    pcm_sha256: Mapped[str] = mapped_column(String(64))
    rate_hz: Mapped[int]
    samples: Mapped[int] = mapped_column(BigInteger)
    verdict: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    counted: Mapped[bool]
