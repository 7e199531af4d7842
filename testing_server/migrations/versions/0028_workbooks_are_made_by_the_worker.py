"""Workbooks of a territory are made by the worker; the board counts what is marked

Revision 0028, after 0027.
"""
import sqlalchemy as sa
from alembic import op

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Counts are told anew by the hub within a minute of its start."""
    op.create_table(
        'export',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('kind', sa.String(length=80), nullable=False),
        sa.Column('arguments', sa.JSON(), nullable=False),
        sa.Column('owner', sa.String(length=120), nullable=False),
        sa.Column('territory', sa.String(length=401), nullable=False),
        sa.Column('language', sa.String(length=10), nullable=False),
        sa.Column('state', sa.String(length=20), nullable=False),
        sa.Column('done', sa.Integer(), nullable=False),
        sa.Column('whole', sa.Integer(), nullable=False),
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('size_bytes', sa.BigInteger(), nullable=False),
        sa.Column('reason', sa.String(length=500), nullable=False),
        sa.Column('asked_at_ms', sa.BigInteger(), nullable=False),
        sa.Column('changed_at_ms', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_export')))
    op.create_index(op.f('ix_export_owner'), 'export', ['owner'], unique=False)
    op.create_table(
        'progress_tally',
        sa.Column('school', sa.String(length=80), nullable=False),
        sa.Column('campaign', sa.String(length=80), nullable=False),
        sa.Column('step', sa.String(length=40), nullable=False),
        sa.Column('work', sa.String(length=120), nullable=False),
        sa.Column('who', sa.String(length=120), nullable=False),
        sa.Column('topic', sa.String(length=80), nullable=False),
        sa.Column('done', sa.Integer(), nullable=False),
        sa.Column('left', sa.Integer(), nullable=False),
        sa.Column('thirds', sa.Integer(), nullable=False),
        sa.Column('thirds_left', sa.Integer(), nullable=False),
        sa.Column('changed_at_ms', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('school', 'campaign', 'step', 'work', 'who', name=op.f('pk_progress_tally')))
    op.create_index(op.f('ix_progress_tally_changed_at_ms'), 'progress_tally', ['changed_at_ms'], unique=False)


def downgrade() -> None:
    """Files that were made stay in the store until somebody deletes them."""
    op.drop_index(op.f('ix_progress_tally_changed_at_ms'), table_name='progress_tally')
    op.drop_table('progress_tally')
    op.drop_index(op.f('ix_export_owner'), table_name='export')
    op.drop_table('export')
