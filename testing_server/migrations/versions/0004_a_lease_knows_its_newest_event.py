"""A lease knows its newest event

Revision 0004, after 0003.
"""
import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

NEWEST = ("SELECT MAX(number) FROM room_event WHERE room_event.attempt = room_lease.attempt "
          "AND room_event.lease = room_lease.lease")


def upgrade() -> None:
    """A lease knows its newest event."""
    with op.batch_alter_table('room_lease', schema=None) as batch_op:
        batch_op.add_column(sa.Column('head_number', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('head_digest', sa.String(length=64), nullable=False, server_default=''))
    op.execute(f"UPDATE room_lease SET head_number = COALESCE(({NEWEST}), 0)")
    op.execute("UPDATE room_lease SET head_digest = COALESCE((SELECT digest FROM room_event "
               "WHERE room_event.attempt = room_lease.attempt AND room_event.lease = room_lease.lease "
               "AND room_event.number = room_lease.head_number), '')")


def downgrade() -> None:
    """Back to 0003."""
    with op.batch_alter_table('room_lease', schema=None) as batch_op:
        batch_op.drop_column('head_digest')
        batch_op.drop_column('head_number')
