"""The coordinator sees sittings live

Revision 0003, after 0002.
"""
import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The newest report of each sitting."""
    op.create_table(
        'sitting_report',
        sa.Column('school', sa.String(length=36), nullable=False),
        sa.Column('sitting', sa.String(length=80), nullable=False),
        sa.Column('version', sa.BigInteger(), nullable=False),
        sa.Column('server_at_ms', sa.BigInteger(), nullable=False),
        sa.Column('received_at_ms', sa.BigInteger(), nullable=False),
        sa.Column('word', sa.String(length=20), nullable=False),
        sa.Column('body', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('school', 'sitting', name=op.f('pk_sitting_report')))
    with op.batch_alter_table('sitting_report', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sitting_report_received_at_ms'), ['received_at_ms'], unique=False)


def downgrade() -> None:
    """Back to 0002."""
    with op.batch_alter_table('sitting_report', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sitting_report_received_at_ms'))
    op.drop_table('sitting_report')
