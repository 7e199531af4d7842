"""Answers may be files

Revision 0006, after 0005.
"""
import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Answers may be files."""
    op.create_table('room_answer_file',
    sa.Column('attempt', sa.String(length=36), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('item', sa.String(length=80), nullable=False),
    sa.Column('response', sa.String(length=80), nullable=False),
    sa.Column('bytes', sa.Integer(), nullable=False),
    sa.Column('type', sa.String(length=120), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('attempt', 'sha256', name=op.f('pk_room_answer_file'))
    )
    with op.batch_alter_table('room_answer_file', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_room_answer_file_state'), ['state'], unique=False)


def downgrade() -> None:
    """Back to 0005."""
    with op.batch_alter_table('room_answer_file', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_room_answer_file_state'))

    op.drop_table('room_answer_file')
