"""Schools tell of a campaign: applications, schedules, questionnaires in versions, and reserve days

Revision 0021, after 0020.
"""
import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Versions of sheets, and the days asked for outside a period."""
    op.create_table(
        'sheet',
        sa.Column('campaign', sa.String(length=80), nullable=False),
        sa.Column('kind', sa.String(length=80), nullable=False),
        sa.Column('school', sa.String(length=36), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('content', sa.Text(), nullable=False),
        sa.Column('verb', sa.String(length=20), nullable=False),
        sa.Column('level', sa.String(length=20), nullable=False),
        sa.Column('by', sa.String(length=80), nullable=False),
        sa.Column('at_ms', sa.BigInteger(), nullable=False),
        sa.Column('confirmed', sa.Integer(), nullable=False),
        sa.Column('is_newest', sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint('campaign', 'kind', 'school', 'version', name=op.f('pk_sheet')))
    op.create_index('ix_sheet_newest', 'sheet', ['campaign', 'kind', 'is_newest'], unique=False)
    op.create_table(
        'reserve_day',
        sa.Column('campaign', sa.String(length=80), nullable=False),
        sa.Column('school', sa.String(length=36), nullable=False),
        sa.Column('work', sa.String(length=80), nullable=False),
        sa.Column('form', sa.String(length=20), nullable=False),
        sa.Column('day', sa.String(length=10), nullable=False),
        sa.Column('state', sa.String(length=20), nullable=False),
        sa.Column('reason', sa.String(length=500), nullable=False),
        sa.Column('asked_by', sa.String(length=80), nullable=False),
        sa.Column('asked_at_ms', sa.BigInteger(), nullable=False),
        sa.Column('remark', sa.String(length=500), nullable=False),
        sa.Column('decided_by', sa.String(length=80), nullable=False),
        sa.Column('decided_at_ms', sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint('campaign', 'school', 'work', 'form', 'day', name=op.f('pk_reserve_day')))
    op.create_index(op.f('ix_reserve_day_school'), 'reserve_day', ['school'], unique=False)


def downgrade() -> None:
    """Back to 0020."""
    op.drop_index(op.f('ix_reserve_day_school'), table_name='reserve_day')
    op.drop_table('reserve_day')
    op.drop_index('ix_sheet_newest', table_name='sheet')
    op.drop_table('sheet')
