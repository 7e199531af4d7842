"""A key can be corrected after the work

Revision 0005, after 0004.
"""
import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A key can be corrected after the work."""
    op.create_table('key_correction',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('assessment', sa.String(length=80), nullable=False),
    sa.Column('item', sa.String(length=120), nullable=False),
    sa.Column('xml', sa.LargeBinary(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('by', sa.String(length=80), nullable=False),
    sa.Column('drafted_at_ms', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('applied_at_ms', sa.BigInteger(), nullable=True),
    sa.Column('answers', sa.Integer(), nullable=False),
    sa.Column('changed', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_key_correction'))
    )
    with op.batch_alter_table('key_correction', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_key_correction_assessment'), ['assessment'], unique=False)

    op.create_table('rescore',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('correction', sa.String(length=36), nullable=False),
    sa.Column('attempt', sa.String(length=36), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('before_points', sa.String(length=40), nullable=False),
    sa.Column('before_outcomes', sa.JSON(), nullable=False),
    sa.Column('after_points', sa.String(length=40), nullable=False),
    sa.Column('after_outcomes', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['attempt'], ['marking_attempt.attempt'], name=op.f('fk_rescore_attempt_marking_attempt')),
    sa.ForeignKeyConstraint(['correction'], ['key_correction.id'], name=op.f('fk_rescore_correction_key_correction')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rescore'))
    )
    with op.batch_alter_table('rescore', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_rescore_attempt'), ['attempt'], unique=False)
        batch_op.create_index(batch_op.f('ix_rescore_correction'), ['correction'], unique=False)

    with op.batch_alter_table('machine_score', schema=None) as batch_op:
        # answers gathered before this revision kept no responses: no item's name finds them
        batch_op.add_column(sa.Column('item', sa.String(length=120), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('responses', sa.JSON(), nullable=False, server_default='{}'))
        batch_op.add_column(sa.Column('correction', sa.String(length=36), nullable=True))
        batch_op.create_index(batch_op.f('ix_machine_score_item'), ['item'], unique=False)

    with op.batch_alter_table('marking_protocol', schema=None) as batch_op:
        batch_op.add_column(sa.Column('version', sa.Integer(), nullable=False, server_default='1'))
    with op.batch_alter_table('marking_protocol', schema=None) as batch_op:
        batch_op.drop_constraint('pk_marking_protocol', type_='primary')
        batch_op.create_primary_key('pk_marking_protocol', ['archive', 'version'])


def downgrade() -> None:
    """Back to 0004: of each work only the protocol that holds."""
    op.execute("DELETE FROM marking_protocol WHERE version < (SELECT MAX(version) FROM marking_protocol AS newest "
               "WHERE newest.archive = marking_protocol.archive)")
    with op.batch_alter_table('marking_protocol', schema=None) as batch_op:
        batch_op.drop_constraint('pk_marking_protocol', type_='primary')
        batch_op.create_primary_key('pk_marking_protocol', ['archive'])
    with op.batch_alter_table('marking_protocol', schema=None) as batch_op:
        batch_op.drop_column('version')

    with op.batch_alter_table('machine_score', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_machine_score_item'))
        batch_op.drop_column('correction')
        batch_op.drop_column('responses')
        batch_op.drop_column('item')

    with op.batch_alter_table('rescore', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_rescore_correction'))
        batch_op.drop_index(batch_op.f('ix_rescore_attempt'))

    op.drop_table('rescore')
    with op.batch_alter_table('key_correction', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_key_correction_assessment'))

    op.drop_table('key_correction')
