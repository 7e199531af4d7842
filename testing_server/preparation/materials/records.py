"""Tables of sealed archives. A cipher is here only encrypted to its slot, whose key is a file elsewhere."""
from sqlalchemy import BigInteger, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage.base import Base, Milliseconds


class SealingRecord(Base):
    """One order to seal: how far it is. `seed_locked`: the seed of its variants, encrypted to the criteria slot.

    `late_reason`: why it was ordered after the campaign's day for it, "" where it was not.
    """

    __tablename__ = "sealing"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    school: Mapped[str] = mapped_column(String(36), index=True)
    campaign: Mapped[str] = mapped_column(String(80))
    package: Mapped[str] = mapped_column(String(500))
    day: Mapped[str] = mapped_column(String(10))
    count: Mapped[int]
    state: Mapped[str] = mapped_column(String(20))
    done: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(String(500), default="")
    seed_locked: Mapped[bytes | None] = mapped_column(LargeBinary)
    late_reason: Mapped[str] = mapped_column(String(500), default="")
    asked_at_ms: Mapped[int] = mapped_column(Milliseconds)
    changed_at_ms: Mapped[int] = mapped_column(Milliseconds)


class ArchiveRecord(Base):
    """One sealed archive. `partner`: the criteria archive of a materials archive and the other way round.

    `state`: valid or withdrawn; `lock`: cipher or none. `version`: of its statement; `reason`, `changed_at_ms`: of the
    last change. `key_age`: the key file since a new cipher, None while the one beside the archive holds.
    `earlier_days`: JSON list of the days it was meant for before it was moved. `forgotten_at_ms`: when its files and
    its cipher were deleted because its term had passed; what it was stays.
    """

    __tablename__ = "archive"

    archive: Mapped[str] = mapped_column(String(64), primary_key=True)
    sealing: Mapped[str] = mapped_column(String(36), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    partner: Mapped[str] = mapped_column(String(64), index=True)
    campaign: Mapped[str] = mapped_column(String(80))
    school: Mapped[str] = mapped_column(String(36), index=True)
    assessment: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(Text)
    day: Mapped[str] = mapped_column(String(10), index=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    key_sha256: Mapped[str] = mapped_column(String(64))
    variants: Mapped[int]
    sealed_at_ms: Mapped[int] = mapped_column(Milliseconds)
    opens_at_ms: Mapped[int] = mapped_column(Milliseconds)
    slot: Mapped[str] = mapped_column(String(64))
    cipher_locked: Mapped[bytes] = mapped_column(LargeBinary)
    statement: Mapped[bytes] = mapped_column(LargeBinary)
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(20), default="valid")
    lock: Mapped[str] = mapped_column(String(10), default="cipher")
    reason: Mapped[str] = mapped_column(String(500), default="")
    changed_at_ms: Mapped[int | None] = mapped_column(Milliseconds)
    key_age: Mapped[bytes | None] = mapped_column(LargeBinary)
    earlier_days: Mapped[str] = mapped_column(Text, default="[]")
    fetched_at_ms: Mapped[int | None] = mapped_column(Milliseconds)
    released_at_ms: Mapped[int | None] = mapped_column(Milliseconds)
    forgotten_at_ms: Mapped[int | None] = mapped_column(Milliseconds)
