"""Tables of accounts and of the sign-ins that are still open."""
from sqlalchemy import JSON, BigInteger, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage.base import Base


class AccountRecord(Base):
    """One person. `stamp` changes with the password, which ends sessions opened with the old one.

    `territory`: "region" or "region/municipality", None = the country: what a coordinator sees, where an expert
    belongs, what a head of a commission leads; `subjects`: those a head leads, None = nobody said yet;
    `password_issued_by`: who last gave the one-time password or read it out of a file, whatever the person made of it
    since;
    `password_used_at_ms`: when the present password first let somebody in; `second_factor_at_ms`: since when a code is
    asked for, None = never.
    """

    __tablename__ = "account"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    login: Mapped[str] = mapped_column(String(80), unique=True)
    role: Mapped[str] = mapped_column(String(40))
    password: Mapped[str] = mapped_column(String(200))
    must_change: Mapped[bool]
    school: Mapped[str | None] = mapped_column(String(80), index=True)
    territory: Mapped[str | None] = mapped_column(String(401))
    is_head: Mapped[bool] = mapped_column(default=False)
    subjects: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    is_closed: Mapped[bool] = mapped_column(default=False)
    stamp: Mapped[str] = mapped_column(String(32))
    created_at_ms: Mapped[int] = mapped_column(BigInteger)
    created_by: Mapped[str] = mapped_column(String(80), default="")
    password_issued_by: Mapped[str] = mapped_column(String(80), default="")
    password_issued_at_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    password_used_at_ms: Mapped[int | None] = mapped_column(BigInteger)
    second_factor_at_ms: Mapped[int | None] = mapped_column(BigInteger)


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


class SecondFactorRecord(Base):
    """The secret of an account's codes, locked by a key that is no part of the database.

    `last_step`: the thirty seconds whose code was taken last: neither it nor an earlier one is taken again.
    """

    __tablename__ = "account_second_factor"

    account: Mapped[str] = mapped_column(String(36), primary_key=True)
    secret_locked: Mapped[bytes] = mapped_column(LargeBinary)
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)


class RecoveryCodeRecord(Base):
    """A code for a lost telephone, as a keyed digest; good for one sign-in."""

    __tablename__ = "account_recovery_code"

    account: Mapped[str] = mapped_column(String(36), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    used_at_ms: Mapped[int | None] = mapped_column(BigInteger)
