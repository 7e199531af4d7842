"""Schools are reminded; the audit is read by who acted

Revision 0019, after 0018.
"""
import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What a school was reminded of, and an index for the log of coordinators."""
    op.create_table(
        'reminder',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('school', sa.String(length=36), nullable=False),
        sa.Column('campaign', sa.String(length=80), nullable=False),
        sa.Column('step', sa.String(length=40), nullable=False),
        sa.Column('text', sa.String(length=1000), nullable=False),
        sa.Column('by', sa.String(length=120), nullable=False),
        sa.Column('at_ms', sa.BigInteger(), nullable=False),
        sa.Column('seen_at_ms', sa.BigInteger(), nullable=True),
        sa.Column('seen_by', sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_reminder')))
    op.create_index(op.f('ix_reminder_school'), 'reminder', ['school'], unique=False)
    op.create_index(op.f('ix_reminder_at_ms'), 'reminder', ['at_ms'], unique=False)
    op.create_index(op.f('ix_audit_actor_at_ms'), 'audit', ['actor', 'at_ms'], unique=False)


def downgrade() -> None:
    """Back to 0018."""
    op.drop_index(op.f('ix_audit_actor_at_ms'), table_name='audit')
    op.drop_index(op.f('ix_reminder_at_ms'), table_name='reminder')
    op.drop_index(op.f('ix_reminder_school'), table_name='reminder')
    op.drop_table('reminder')
