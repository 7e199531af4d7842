"""Data is kept as long as the campaign says: holds, orders to delete, files that wait for their end; which package
needs which file

Revision 0024, after 0023.
"""
import json

import sqlalchemy as sa
from alembic import op

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The files of packages accepted so far are read from their manifests."""
    op.create_table(
        'retention_hold',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('campaign', sa.String(length=80), nullable=False),
        sa.Column('kind', sa.String(length=40), nullable=False),
        sa.Column('territory', sa.String(length=401), nullable=False),
        sa.Column('reason', sa.String(length=500), nullable=False),
        sa.Column('by', sa.String(length=80), nullable=False),
        sa.Column('at_ms', sa.BigInteger(), nullable=False),
        sa.Column('until_ms', sa.BigInteger(), nullable=True),
        sa.Column('lifted_by', sa.String(length=80), nullable=True),
        sa.Column('lifted_at_ms', sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_retention_hold')))
    op.create_index(op.f('ix_retention_hold_campaign'), 'retention_hold', ['campaign'], unique=False)
    op.create_table(
        'retention_deletion',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('campaign', sa.String(length=80), nullable=False),
        sa.Column('kind', sa.String(length=40), nullable=False),
        sa.Column('territory', sa.String(length=401), nullable=False),
        sa.Column('before_ms', sa.BigInteger(), nullable=False),
        sa.Column('by', sa.String(length=80), nullable=False),
        sa.Column('ordered_at_ms', sa.BigInteger(), nullable=False),
        sa.Column('state', sa.String(length=20), nullable=False),
        sa.Column('schools', sa.Integer(), nullable=False),
        sa.Column('things', sa.Integer(), nullable=False),
        sa.Column('size_bytes', sa.BigInteger(), nullable=False),
        sa.Column('ended_at_ms', sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_retention_deletion')))
    op.create_index(op.f('ix_retention_deletion_campaign'), 'retention_deletion', ['campaign'], unique=False)
    op.create_index(op.f('ix_retention_deletion_state'), 'retention_deletion', ['state'], unique=False)
    op.create_table(
        'condemned_file',
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('deletion', sa.String(length=36), nullable=False),
        sa.Column('going_at_ms', sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint('sha256', name=op.f('pk_condemned_file')))
    op.create_index(op.f('ix_condemned_file_deletion'), 'condemned_file', ['deletion'], unique=False)
    op.create_table(
        'received_file',
        sa.Column('package', sa.String(length=64), nullable=False),
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint('package', 'sha256', name=op.f('pk_received_file')))
    op.create_index(op.f('ix_received_file_sha256'), 'received_file', ['sha256'], unique=False)
    op.add_column('received_package', sa.Column('forgotten_at_ms', sa.BigInteger(), nullable=True))
    op.create_index(op.f('ix_received_upload_content'), 'received_upload', ['content'], unique=False)
    _note_files()


def downgrade() -> None:
    """Back to 0023; what was deleted by its term does not come back."""
    op.drop_index(op.f('ix_received_upload_content'), table_name='received_upload')
    with op.batch_alter_table('received_package') as table:
        table.drop_column('forgotten_at_ms')
    for index, name in (('ix_received_file_sha256', 'received_file'), ('ix_condemned_file_deletion', 'condemned_file'),
                        ('ix_retention_deletion_state', 'retention_deletion'),
                        ('ix_retention_deletion_campaign', 'retention_deletion'),
                        ('ix_retention_hold_campaign', 'retention_hold')):
        op.drop_index(op.f(index), table_name=name)
    for name in ('received_file', 'condemned_file', 'retention_deletion', 'retention_hold'):
        op.drop_table(name)


def _note_files() -> None:
    package = sa.table('received_package', sa.column('package'), sa.column('manifest'), sa.column('ciphertext_sha256'))
    file = sa.table('received_file', sa.column('package'), sa.column('sha256'))
    connection = op.get_bind()
    for named in connection.execute(sa.select(package.c.package)).scalars().all():
        row = connection.execute(sa.select(package).where(package.c.package == named)).one()
        digests = {entry['sha256'] for entry in _read_entries(row.manifest)} | {row.ciphertext_sha256}
        connection.execute(sa.insert(file), [{'package': named, 'sha256': one} for one in sorted(digests - {''})])


def _read_entries(manifest: str) -> list[dict[str, str]]:
    try:
        return list(json.loads(manifest).get('entries', []))
    except (ValueError, AttributeError):
        return []
