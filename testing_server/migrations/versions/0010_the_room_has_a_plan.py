"""The room has a plan, sittings have planned seats and waves

Revision 0010, after 0009.
"""
import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The room has a plan, sittings have planned seats and waves."""
    op.create_table(
        'room_plan',
        sa.Column('id', sa.String(length=20), nullable=False),
        sa.Column('rows', sa.Integer(), nullable=False),
        sa.Column('places', sa.Integer(), nullable=False),
        sa.Column('cells', sa.Text(), nullable=False),
        sa.Column('by', sa.String(length=120), nullable=False),
        sa.Column('at_ms', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_room_plan')))
    op.create_table(
        'room_seating',
        sa.Column('attempt', sa.String(length=36), nullable=False),
        sa.Column('sitting', sa.String(length=36), nullable=False),
        sa.Column('seat', sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint('attempt', name=op.f('pk_room_seating')))
    with op.batch_alter_table('room_seating', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_room_seating_sitting'), ['sitting'], unique=False)
    op.create_table(
        'room_wave',
        sa.Column('sitting', sa.String(length=36), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('count', sa.Integer(), nullable=False),
        sa.Column('begins_at_ms', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('sitting', name=op.f('pk_room_wave')))


def downgrade() -> None:
    """Back to 0009."""
    op.drop_table('room_wave')
    with op.batch_alter_table('room_seating', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_room_seating_sitting'))

    op.drop_table('room_seating')
    op.drop_table('room_plan')
