"""Room ledgers that workstations keep, claims that were met, seats a recovered server must hear from

Revision 0009, after 0008.
"""
import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Room ledgers that workstations keep, claims that were met, seats a recovered server must hear from."""
    op.create_table(
        'room_ledger',
        sa.Column('sitting', sa.String(length=36), nullable=False),
        sa.Column('generation', sa.BigInteger(), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('digest', sa.String(length=64), nullable=False),
        sa.Column('envelope', sa.LargeBinary(), nullable=False),
        sa.Column('made_at_ms', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('sitting', name=op.f('pk_room_ledger')))
    op.create_table(
        'room_claim',
        sa.Column('sitting', sa.String(length=36), nullable=False),
        sa.Column('generation', sa.BigInteger(), nullable=False),
        sa.Column('envelope', sa.Text(), nullable=False),
        sa.Column('met_at_ms', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('sitting', 'generation', name=op.f('pk_room_claim')))
    op.create_table(
        'room_awaited',
        sa.Column('attempt', sa.String(length=36), nullable=False),
        sa.Column('sitting', sa.String(length=36), nullable=False),
        sa.Column('workstation', sa.String(length=36), nullable=False),
        sa.Column('state', sa.String(length=20), nullable=False),
        sa.Column('heads', sa.Text(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('by', sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint('attempt', name=op.f('pk_room_awaited')))
    with op.batch_alter_table('room_awaited', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_room_awaited_sitting'), ['sitting'], unique=False)


def downgrade() -> None:
    """Back to 0008."""
    with op.batch_alter_table('room_awaited', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_room_awaited_sitting'))

    op.drop_table('room_awaited')
    op.drop_table('room_claim')
    op.drop_table('room_ledger')
