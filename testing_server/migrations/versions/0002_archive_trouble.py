"""The room tells what stands in the way of an archive

Revision 0002, after 0001.
"""
import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The room tells what stands in the way of an archive."""
    with op.batch_alter_table('room_archive', schema=None) as batch_op:
        batch_op.add_column(sa.Column('trouble', sa.Text(), nullable=False, server_default=''))


def downgrade() -> None:
    """Back to 0001."""
    with op.batch_alter_table('room_archive', schema=None) as batch_op:
        batch_op.drop_column('trouble')
