"""Events are found by attempt, lease and number alone: a second index cost a quarter of what keeping an answer costs

Revision 0027, after 0026.
"""
from alembic import op

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rows of an attempt in the order of arrival are few enough to sort."""
    op.drop_index('ix_room_event_arrival', table_name='room_event')


def downgrade() -> None:
    """Back to 0026."""
    op.create_index('ix_room_event_arrival', 'room_event', ['attempt', 'row'])
