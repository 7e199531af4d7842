"""Files of archives and rosters of days go by their term; what they were stays

Revision 0030, after 0029.
"""
import sqlalchemy as sa
from alembic import op

revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing has been deleted yet."""
    op.add_column('archive', sa.Column('forgotten_at_ms', sa.BigInteger(), nullable=True))
    op.add_column('exam_day', sa.Column('forgotten_at_ms', sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Back to 0029; what was deleted by its term does not come back."""
    with op.batch_alter_table('exam_day') as table:
        table.drop_column('forgotten_at_ms')
    with op.batch_alter_table('archive') as table:
        table.drop_column('forgotten_at_ms')
