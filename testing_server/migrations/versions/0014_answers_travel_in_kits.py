"""Answers travel in offline kits; a mark has remarks tied to a place

Revision 0014, after 0013.
"""
import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Answers travel in offline kits; a mark has remarks tied to a place."""
    op.create_table(
        'marking_kit',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('expert', sa.String(length=80), nullable=False),
        sa.Column('public_key', sa.String(length=64), nullable=False),
        sa.Column('state', sa.String(length=20), nullable=False),
        sa.Column('answers', sa.Integer(), nullable=False),
        sa.Column('made_at_ms', sa.BigInteger(), nullable=False),
        sa.Column('until_ms', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_marking_kit')))
    op.create_index(op.f('ix_marking_kit_expert'), 'marking_kit', ['expert'])
    op.create_table(
        'marking_kit_event',
        sa.Column('kit', sa.String(length=36), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('assignment', sa.String(length=36), nullable=False),
        sa.Column('kind', sa.String(length=20), nullable=False),
        sa.Column('at_ms', sa.BigInteger(), nullable=False),
        sa.Column('body', sa.JSON(), nullable=False),
        sa.Column('envelope', sa.Text(), nullable=False),
        sa.Column('verdict', sa.String(length=20), nullable=False),
        sa.Column('reason', sa.String(length=80), nullable=False),
        sa.Column('merged_at_ms', sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(['kit'], ['marking_kit.id'], name=op.f('fk_marking_kit_event_kit_marking_kit')),
        sa.PrimaryKeyConstraint('kit', 'number', name=op.f('pk_marking_kit_event')))
    op.add_column('mark_event', sa.Column('notes', sa.JSON(), nullable=True))
    op.add_column('marking_assignment', sa.Column('kit', sa.String(length=36), nullable=True))
    op.create_index(op.f('ix_marking_assignment_kit'), 'marking_assignment', ['kit'])


def downgrade() -> None:
    """Back to 0013."""
    op.drop_index(op.f('ix_marking_assignment_kit'), table_name='marking_assignment')
    op.drop_column('marking_assignment', 'kit')
    op.drop_column('mark_event', 'notes')
    op.drop_table('marking_kit_event')
    op.drop_index(op.f('ix_marking_kit_expert'), table_name='marking_kit')
    op.drop_table('marking_kit')
