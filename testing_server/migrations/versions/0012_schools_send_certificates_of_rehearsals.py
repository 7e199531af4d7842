"""Schools send certificates of rehearsals

Revision 0012, after 0011.
"""
import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Certificates of rehearsals that the hub has verified."""
    op.create_table(
        'school_rehearsal',
        sa.Column('certificate', sa.String(length=64), nullable=False),
        sa.Column('school', sa.String(length=36), nullable=False),
        sa.Column('ended_at_ms', sa.BigInteger(), nullable=False),
        sa.Column('received_at_ms', sa.BigInteger(), nullable=False),
        sa.Column('verdict', sa.String(length=20), nullable=False),
        sa.Column('envelope', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('certificate', name=op.f('pk_school_rehearsal')))
    with op.batch_alter_table('school_rehearsal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_school_rehearsal_school'), ['school'], unique=False)


def downgrade() -> None:
    """Back to 0011."""
    with op.batch_alter_table('school_rehearsal', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_school_rehearsal_school'))

    op.drop_table('school_rehearsal')
