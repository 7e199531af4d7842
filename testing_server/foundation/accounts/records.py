"""Table of accounts."""
from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage.base import Base


class AccountRecord(Base):
    """One person. `stamp` changes with the password, which ends sessions opened with the old one."""

    __tablename__ = "account"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    login: Mapped[str] = mapped_column(String(80), unique=True)
    role: Mapped[str] = mapped_column(String(40))
    password: Mapped[str] = mapped_column(String(200))
    must_change: Mapped[bool]
    school: Mapped[str | None] = mapped_column(String(80), index=True)
    territory: Mapped[str | None] = mapped_column(String(80))
    is_head: Mapped[bool] = mapped_column(default=False)
    is_closed: Mapped[bool] = mapped_column(default=False)
    stamp: Mapped[str] = mapped_column(String(32))
    created_at_ms: Mapped[int] = mapped_column(BigInteger)
