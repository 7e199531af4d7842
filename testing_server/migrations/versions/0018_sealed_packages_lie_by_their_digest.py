"""Sealed packages lie by their digest.

Revision ID: 0018
Revises: 0017
Create Date: 2026-11-23 17:55:00

"""
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this form."""
    with op.batch_alter_table("received_upload", schema=None) as batch_op:
        batch_op.add_column(sa.Column("content", sa.String(length=64), server_default="", nullable=False))
        batch_op.add_column(sa.Column("asked_at_ms", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Back to the form before."""
    with op.batch_alter_table("received_upload", schema=None) as batch_op:
        batch_op.drop_column("asked_at_ms")
        batch_op.drop_column("content")
