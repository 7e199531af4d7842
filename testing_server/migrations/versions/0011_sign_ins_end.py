"""Sign-ins of people are rows that end: by their button, by idleness, by the clock

Revision 0011, after 0010.
"""
import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Sign-ins of people are rows that end: by their button, by idleness, by the clock."""
    op.create_table(
        'account_sign_in',
        sa.Column('id', sa.String(length=32), nullable=False),
        sa.Column('account', sa.String(length=36), nullable=False),
        sa.Column('began_at_ms', sa.BigInteger(), nullable=False),
        sa.Column('acted_at_ms', sa.BigInteger(), nullable=False),
        sa.Column('is_locked', sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_account_sign_in')))
    with op.batch_alter_table('account_sign_in', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_account_sign_in_account'), ['account'], unique=False)


def downgrade() -> None:
    """Back to 0010."""
    with op.batch_alter_table('account_sign_in', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_account_sign_in_account'))

    op.drop_table('account_sign_in')
