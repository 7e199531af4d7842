"""What workstations were told to delete, and what they answered

Revision 0008, after 0007.
"""
import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What workstations were told to delete, and what they answered."""
    op.create_table(
        'room_purge',
        sa.Column('attempt', sa.String(length=36), nullable=False),
        sa.Column('workstation', sa.String(length=36), nullable=False),
        sa.Column('sitting', sa.String(length=36), nullable=False),
        sa.Column('generation', sa.BigInteger(), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('result', sa.String(length=40), nullable=False),
        sa.Column('asked_by', sa.String(length=120), nullable=False),
        sa.Column('asked_at_ms', sa.BigInteger(), nullable=False),
        sa.Column('answered_at_ms', sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint('attempt', 'workstation', name=op.f('pk_room_purge')))
    with op.batch_alter_table('room_purge', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_room_purge_sitting'), ['sitting'], unique=False)


def downgrade() -> None:
    """Back to 0007."""
    with op.batch_alter_table('room_purge', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_room_purge_sitting'))

    op.drop_table('room_purge')
