"""A file on a stick pairs a room: whom it was made for, by whom it was used

Revision 0013, after 0012.
"""
import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A file on a stick pairs a room: whom it was made for, by whom it was used."""
    op.create_table(
        'room_pairing_file',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('token_sha256', sa.String(length=64), nullable=False),
        sa.Column('uses', sa.Integer(), nullable=False),
        sa.Column('made_by', sa.String(length=120), nullable=False),
        sa.Column('made_at_ms', sa.BigInteger(), nullable=False),
        sa.Column('expires_at_ms', sa.BigInteger(), nullable=False),
        sa.Column('is_withdrawn', sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_room_pairing_file')),
        sa.UniqueConstraint('token_sha256', name=op.f('uq_room_pairing_file_token_sha256')))
    op.create_table(
        'room_pairing_file_use',
        sa.Column('file', sa.String(length=36), nullable=False),
        sa.Column('public_key', sa.String(length=64), nullable=False),
        sa.Column('used_at_ms', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('file', 'public_key', name=op.f('pk_room_pairing_file_use')))


def downgrade() -> None:
    """Back to 0012."""
    op.drop_table('room_pairing_file_use')
    op.drop_table('room_pairing_file')
