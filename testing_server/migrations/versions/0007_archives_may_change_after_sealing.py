"""Archives can be given a new cipher, moved and withdrawn

Revision 0007, after 0006.
"""
import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Archives can be given a new cipher, moved and withdrawn."""
    with op.batch_alter_table('archive', schema=None) as batch_op:
        batch_op.add_column(sa.Column('version', sa.Integer(), nullable=False, server_default='1'))
        batch_op.add_column(sa.Column('state', sa.String(length=20), nullable=False, server_default='valid'))
        batch_op.add_column(sa.Column('lock', sa.String(length=10), nullable=False, server_default='cipher'))
        batch_op.add_column(sa.Column('reason', sa.String(length=500), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('changed_at_ms', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('key_age', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('earlier_days', sa.Text(), nullable=False, server_default='[]'))

    with op.batch_alter_table('received_upload', schema=None) as batch_op:
        batch_op.add_column(sa.Column('pardon', sa.String(length=500), nullable=False, server_default=''))

    with op.batch_alter_table('room_archive', schema=None) as batch_op:
        batch_op.add_column(sa.Column('version', sa.Integer(), nullable=False, server_default='1'))
        batch_op.add_column(sa.Column('standing', sa.String(length=20), nullable=False, server_default='valid'))
        batch_op.add_column(sa.Column('reason', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('moved_from', sa.String(length=10), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('lock', sa.String(length=10), nullable=False, server_default='cipher'))


def downgrade() -> None:
    """Back to 0006."""
    with op.batch_alter_table('room_archive', schema=None) as batch_op:
        batch_op.drop_column('lock')
        batch_op.drop_column('moved_from')
        batch_op.drop_column('reason')
        batch_op.drop_column('standing')
        batch_op.drop_column('version')

    with op.batch_alter_table('received_upload', schema=None) as batch_op:
        batch_op.drop_column('pardon')

    with op.batch_alter_table('archive', schema=None) as batch_op:
        batch_op.drop_column('earlier_days')
        batch_op.drop_column('key_age')
        batch_op.drop_column('changed_at_ms')
        batch_op.drop_column('reason')
        batch_op.drop_column('lock')
        batch_op.drop_column('state')
        batch_op.drop_column('version')
