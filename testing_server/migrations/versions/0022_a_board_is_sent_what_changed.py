"""A board is sent what changed; every process of the hub knows which sittings are looked at

Revision 0022, after 0021.
"""
import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """When what is shown of a sitting changed, when a coordinator asked for it last."""
    with op.batch_alter_table('sitting_report') as table:
        table.add_column(sa.Column('changed_at_ms', sa.BigInteger(), nullable=False, server_default='0'))
        table.add_column(sa.Column('watched_at_ms', sa.BigInteger(), nullable=False, server_default='0'))
    with op.batch_alter_table('sitting_report') as table:
        table.alter_column('changed_at_ms', server_default=None)
        table.alter_column('watched_at_ms', server_default=None)
        table.create_index(op.f('ix_sitting_report_changed_at_ms'), ['changed_at_ms'], unique=False)


def downgrade() -> None:
    """Back to 0021."""
    with op.batch_alter_table('sitting_report') as table:
        table.drop_index(op.f('ix_sitting_report_changed_at_ms'))
        table.drop_column('watched_at_ms')
        table.drop_column('changed_at_ms')
