"""Tables of accounts and of the sign-ins that are still open."""
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


class SignInRecord(Base):
    """One open session of a person at one browser; its row goes when it ends, so a copied cookie opens nothing.

    `acted_at_ms`: when the person last did something, to the minute; `is_locked`: locked by its button, or found idle.
    """

    __tablename__ = "account_sign_in"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account: Mapped[str] = mapped_column(String(36), index=True)
    began_at_ms: Mapped[int] = mapped_column(BigInteger)
    acted_at_ms: Mapped[int] = mapped_column(BigInteger)
    is_locked: Mapped[bool] = mapped_column(default=False)
