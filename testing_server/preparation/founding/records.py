"""Table of the hub itself."""
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage.base import Base, Milliseconds


class HubRecord(Base):
    """One row: the root this hub was founded with. Other keys beside this database are somebody else's."""

    __tablename__ = "hub"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    root_fingerprint: Mapped[str] = mapped_column(String(64))
    founded_at_ms: Mapped[int] = mapped_column(Milliseconds)
