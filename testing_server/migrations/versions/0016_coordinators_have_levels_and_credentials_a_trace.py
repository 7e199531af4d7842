"""Coordinators have levels and a second factor, credentials leave a trace, the registry is revised by files

Revision 0016, after 0015.
"""
import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Coordinators have levels and a second factor, credentials leave a trace, the registry is revised by files."""
    with op.batch_alter_table('account') as batch_op:
        batch_op.alter_column('territory', existing_type=sa.String(length=80), type_=sa.String(length=401),
                              existing_nullable=True)
        batch_op.add_column(sa.Column('created_by', sa.String(length=80), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('password_used_at_ms', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('second_factor_at_ms', sa.BigInteger(), nullable=True))
    make_account_tables()
    make_zone_requests()
    make_revisions()
    make_revision_rows()
    make_revision_problems()
    make_credential_batches()
    make_credentials()
    make_listed_experts()
    make_school_numbers()
    make_expert_numbers()


def make_account_tables() -> None:
    """The secret of codes, and the codes for a lost telephone."""
    op.create_table(
        'account_second_factor',
        sa.Column('account', sa.String(length=36), nullable=False),
        sa.Column('secret_locked', sa.LargeBinary(), nullable=False),
        sa.Column('last_step', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('account', name=op.f('pk_account_second_factor')))
    op.create_table(
        'account_recovery_code',
        sa.Column('account', sa.String(length=36), nullable=False),
        sa.Column('digest', sa.String(length=64), nullable=False),
        sa.Column('used_at_ms', sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint('account', 'digest', name=op.f('pk_account_recovery_code')))


def make_zone_requests() -> None:
    """Requests for another zone of a school."""
    op.create_table(
        'school_zone_request',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('school', sa.String(length=36), nullable=False),
        sa.Column('zone_was', sa.String(length=60), nullable=False),
        sa.Column('zone', sa.String(length=60), nullable=False),
        sa.Column('reason', sa.String(length=500), nullable=False),
        sa.Column('asked_by', sa.String(length=80), nullable=False),
        sa.Column('asked_at_ms', sa.BigInteger(), nullable=False),
        sa.Column('state', sa.String(length=20), nullable=False),
        sa.Column('decided_by', sa.String(length=80), nullable=True),
        sa.Column('decided_at_ms', sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_school_zone_request')))
    op.create_index(op.f('ix_school_zone_request_school'), 'school_zone_request', ['school'])
    op.create_index(op.f('ix_school_zone_request_state'), 'school_zone_request', ['state'])


def make_revisions() -> None:
    """Uploaded lists of schools."""
    op.create_table(
        'registry_revision',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('file', sa.String(length=64), nullable=False),
        sa.Column('file_name', sa.String(length=200), nullable=False),
        sa.Column('territory', sa.String(length=401), nullable=True),
        sa.Column('made_by', sa.String(length=80), nullable=False),
        sa.Column('made_at_ms', sa.BigInteger(), nullable=False),
        sa.Column('state', sa.String(length=20), nullable=False),
        sa.Column('read_rows', sa.Integer(), nullable=False),
        sa.Column('missing_rows', sa.Integer(), nullable=False),
        sa.Column('more_problems', sa.Integer(), nullable=False),
        sa.Column('note', sa.String(length=500), nullable=False),
        sa.Column('applied_by', sa.String(length=80), nullable=True),
        sa.Column('applied_at_ms', sa.BigInteger(), nullable=True),
        sa.Column('undone_by', sa.String(length=80), nullable=True),
        sa.Column('undone_at_ms', sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_registry_revision')))


def make_revision_rows() -> None:
    """What a list changes, line by line, and what was before."""
    was = [sa.Column(f'{name}_was', sa.String(length=length), nullable=False)
           for name, length in (('name', 300), ('municipality', 200), ('region', 200), ('zone', 60))]
    op.create_table(
        'registry_revision_row',
        sa.Column('revision', sa.String(length=36), nullable=False),
        sa.Column('login', sa.String(length=40), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=20), nullable=False),
        sa.Column('school', sa.String(length=36), nullable=False),
        sa.Column('name', sa.String(length=300), nullable=False),
        sa.Column('municipality', sa.String(length=200), nullable=False),
        sa.Column('region', sa.String(length=200), nullable=False),
        sa.Column('zone', sa.String(length=60), nullable=False),
        *was,
        sa.PrimaryKeyConstraint('revision', 'login', name=op.f('pk_registry_revision_row')))


def make_revision_problems() -> None:
    """What is wrong in a list."""
    op.create_table(
        'registry_revision_problem',
        sa.Column('revision', sa.String(length=36), nullable=False),
        sa.Column('place', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('cell', sa.String(length=20), nullable=False),
        sa.Column('problem', sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint('revision', 'place', name=op.f('pk_registry_revision_problem')))


def make_credential_batches() -> None:
    """Files of credentials."""
    op.create_table(
        'credential_batch',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('kind', sa.String(length=20), nullable=False),
        sa.Column('territory', sa.String(length=401), nullable=True),
        sa.Column('ordered_by', sa.String(length=80), nullable=False),
        sa.Column('ordered_at_ms', sa.BigInteger(), nullable=False),
        sa.Column('expires_at_ms', sa.BigInteger(), nullable=False),
        sa.Column('total', sa.Integer(), nullable=False),
        sa.Column('done', sa.Integer(), nullable=False),
        sa.Column('secret_locked', sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_credential_batch')))


def make_credentials() -> None:
    """Lines of such a file."""
    op.create_table(
        'credential',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('batch', sa.String(length=36), nullable=False),
        sa.Column('login', sa.String(length=80), nullable=False),
        sa.Column('level', sa.String(length=20), nullable=False),
        sa.Column('territory', sa.String(length=401), nullable=False),
        sa.Column('school', sa.String(length=36), nullable=True),
        sa.Column('title', sa.String(length=401), nullable=False),
        sa.Column('issued_by', sa.String(length=80), nullable=False),
        sa.Column('issued_at_ms', sa.BigInteger(), nullable=True),
        sa.Column('fetched_by', sa.String(length=80), nullable=True),
        sa.Column('fetched_at_ms', sa.BigInteger(), nullable=True),
        sa.Column('used_at_ms', sa.BigInteger(), nullable=True),
        sa.Column('replaced_at_ms', sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_credential')))
    for column in ('batch', 'login', 'school', 'territory'):
        op.create_index(op.f(f'ix_credential_{column}'), 'credential', [column])


def make_listed_experts() -> None:
    """Experts by subject, as their list has them."""
    op.create_table(
        'listed_expert',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('region', sa.String(length=200), nullable=False),
        sa.Column('municipality', sa.String(length=200), nullable=False),
        sa.Column('subject', sa.String(length=80), nullable=False),
        sa.Column('name', sa.String(length=200), nullable=False),
        sa.Column('school_login', sa.String(length=40), nullable=False),
        sa.Column('status', sa.String(length=20), nullable=False),
        sa.Column('account', sa.String(length=80), nullable=False),
        sa.Column('listed_by', sa.String(length=80), nullable=False),
        sa.Column('listed_at_ms', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_listed_expert')))
    op.create_index(op.f('ix_listed_expert_region'), 'listed_expert', ['region'])
    op.create_index(op.f('ix_listed_expert_subject'), 'listed_expert', ['subject'])


def make_school_numbers() -> None:
    """How many rooms and people a school tells of."""
    op.create_table(
        'school_numbers',
        sa.Column('campaign', sa.String(length=80), nullable=False),
        sa.Column('school', sa.String(length=36), nullable=False),
        sa.Column('rooms', sa.Integer(), nullable=False),
        sa.Column('workstations', sa.Integer(), nullable=False),
        sa.Column('told_by', sa.String(length=80), nullable=False),
        sa.Column('told_at_ms', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('campaign', 'school', name=op.f('pk_school_numbers')))
    op.create_index(op.f('ix_school_numbers_school'), 'school_numbers', ['school'])


def make_expert_numbers() -> None:
    """How many experts of a subject it tells of."""
    op.create_table(
        'expert_number',
        sa.Column('campaign', sa.String(length=80), nullable=False),
        sa.Column('school', sa.String(length=36), nullable=False),
        sa.Column('subject', sa.String(length=80), nullable=False),
        sa.Column('experts', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('campaign', 'school', 'subject', name=op.f('pk_expert_number')))
    op.create_index(op.f('ix_expert_number_school'), 'expert_number', ['school'])


def downgrade() -> None:
    """Back to 0015."""
    for table in ('expert_number', 'school_numbers', 'listed_expert', 'credential', 'credential_batch',
                  'registry_revision_problem', 'registry_revision_row', 'registry_revision', 'school_zone_request',
                  'account_recovery_code', 'account_second_factor'):
        op.drop_table(table)
    with op.batch_alter_table('account') as batch_op:
        for column in ('second_factor_at_ms', 'password_used_at_ms', 'created_by'):
            batch_op.drop_column(column)
        batch_op.alter_column('territory', existing_type=sa.String(length=401), type_=sa.String(length=80),
                              existing_nullable=True, postgresql_using='substr(territory, 1, 80)')
