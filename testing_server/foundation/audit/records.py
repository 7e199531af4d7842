"""Tables of the audit: lines and the head of each chain."""
from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage.base import Base


class AuditRecord(Base):
    """One line; `content` is the very JSON that was hashed."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "actor", "at_ms"),)

    chain: Mapped[str] = mapped_column(String(120), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    actor: Mapped[str] = mapped_column(String(120))
    verb: Mapped[str] = mapped_column(String(80), index=True)
    subject: Mapped[str] = mapped_column(String(200))
    content: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))


class AuditChainRecord(Base):
    """The end of a chain: locked while a line is added, so that two writers never take one number."""

    __tablename__ = "audit_chain"

    chain: Mapped[str] = mapped_column(String(120), primary_key=True)
    length: Mapped[int] = mapped_column(default=0)
    digest: Mapped[str] = mapped_column(String(64), default="")
