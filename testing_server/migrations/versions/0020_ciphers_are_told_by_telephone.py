"""Ciphers told by telephone: asked for by one coordinator, approved and read out with a second one

Revision 0020, after 0019.
"""
import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Ciphers told by telephone."""
    op.create_table(
        'told_cipher',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('archive', sa.String(length=64), nullable=False),
        sa.Column('school', sa.String(length=36), nullable=False),
        sa.Column('source', sa.String(length=10), nullable=False),
        sa.Column('reason', sa.String(length=500), nullable=False),
        sa.Column('asked_by', sa.String(length=80), nullable=False),
        sa.Column('asked_at_ms', sa.BigInteger(), nullable=False),
        sa.Column('approved_by', sa.String(length=80), nullable=True),
        sa.Column('approved_at_ms', sa.BigInteger(), nullable=True),
        sa.Column('first_read_at_ms', sa.BigInteger(), nullable=True),
        sa.Column('second_read_at_ms', sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_told_cipher')))
    op.create_index(op.f('ix_told_cipher_archive'), 'told_cipher', ['archive'])
    op.create_index(op.f('ix_told_cipher_school'), 'told_cipher', ['school'])
    op.create_index(op.f('ix_told_cipher_asked_at_ms'), 'told_cipher', ['asked_at_ms'])


def downgrade() -> None:
    """Back to 0019."""
    op.drop_index(op.f('ix_told_cipher_asked_at_ms'), 'told_cipher')
    op.drop_index(op.f('ix_told_cipher_school'), 'told_cipher')
    op.drop_index(op.f('ix_told_cipher_archive'), 'told_cipher')
    op.drop_table('told_cipher')
