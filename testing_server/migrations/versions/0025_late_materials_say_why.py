"""Materials ordered late say why; programs and training material are offered to schools, late ones with a reason too

Revision 0025, after 0024.
"""
import sqlalchemy as sa
from alembic import op

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Orders of before are said to be in time: nobody asked them for a reason."""
    with op.batch_alter_table('sealing') as batch_op:
        batch_op.add_column(sa.Column('late_reason', sa.String(length=500), nullable=False, server_default=''))
    op.create_table(
        'offered_file',
        sa.Column('campaign', sa.String(length=80), nullable=False),
        sa.Column('name', sa.String(length=120), nullable=False),
        sa.Column('kind', sa.String(length=20), nullable=False),
        sa.Column('size_bytes', sa.BigInteger(), nullable=False),
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('by', sa.String(length=80), nullable=False),
        sa.Column('offered_at_ms', sa.BigInteger(), nullable=False),
        sa.Column('due_ms', sa.BigInteger(), nullable=True),
        sa.Column('late_reason', sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint('campaign', 'name', name=op.f('pk_offered_file')))


def downgrade() -> None:
    """Back to 0024; reasons are in the audit."""
    op.drop_table('offered_file')
    with op.batch_alter_table('sealing') as batch_op:
        batch_op.drop_column('late_reason')
