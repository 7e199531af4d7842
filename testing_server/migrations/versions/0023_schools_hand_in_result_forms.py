"""Schools hand in result forms, every version is kept

Revision 0023, after 0022.
"""
import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One line for each version of a school's form of a work."""
    op.create_table(
        'result_form',
        sa.Column('campaign', sa.String(80), nullable=False), sa.Column('work', sa.String(80), nullable=False),
        sa.Column('school', sa.String(36), nullable=False), sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('content', sa.Text(), nullable=False), sa.Column('rows', sa.Integer(), nullable=False),
        sa.Column('source', sa.String(20), nullable=False), sa.Column('protocol', sa.String(64), nullable=False),
        sa.Column('timing', sa.String(10), nullable=False), sa.Column('results_from', sa.String(10), nullable=False),
        sa.Column('by', sa.String(80), nullable=False), sa.Column('at_ms', sa.BigInteger(), nullable=False),
        sa.Column('is_newest', sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint('campaign', 'work', 'school', 'version', name=op.f('pk_result_form')))
    op.create_index('ix_result_form_newest', 'result_form', ['campaign', 'work', 'is_newest'])


def downgrade() -> None:
    """Back to 0022."""
    op.drop_index('ix_result_form_newest', table_name='result_form')
    op.drop_table('result_form')
