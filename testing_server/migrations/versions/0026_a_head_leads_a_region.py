"""A head of a commission leads a region and subjects; a work knows its own; a correction of a key its region; who gave
somebody a one-time password

Revision 0026, after 0025.
"""
import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Heads of before lead nothing until a coordinator says what; corrections of before hold in every region."""
    with op.batch_alter_table('account') as table:
        table.add_column(sa.Column('subjects', sa.JSON(none_as_null=True), nullable=True))
        table.add_column(sa.Column('password_issued_by', sa.String(length=80), nullable=False, server_default=''))
        table.add_column(sa.Column('password_issued_at_ms', sa.BigInteger(), nullable=False, server_default='0'))
    with op.batch_alter_table('marking_work') as table:
        table.add_column(sa.Column('region', sa.String(length=120), nullable=False, server_default=''))
        table.add_column(sa.Column('subject', sa.String(length=80), nullable=False, server_default=''))
        table.create_index(op.f('ix_marking_work_region'), ['region'], unique=False)
    with op.batch_alter_table('key_correction') as table:
        table.add_column(sa.Column('region', sa.String(length=120), nullable=False, server_default=''))
    # whoever made an account gave its first password; of later ones nobody knows
    op.execute('UPDATE account SET password_issued_by = created_by, password_issued_at_ms = created_at_ms')
    _place_works()
    for name, columns in (('account', ('password_issued_by', 'password_issued_at_ms')),
                          ('marking_work', ('region', 'subject')), ('key_correction', ('region',))):
        with op.batch_alter_table(name) as table:
            for column in columns:
                table.alter_column(column, server_default=None)


def downgrade() -> None:
    """Back to 0025: a head leads the whole hub again."""
    with op.batch_alter_table('key_correction') as table:
        table.drop_column('region')
    with op.batch_alter_table('marking_work') as table:
        table.drop_index(op.f('ix_marking_work_region'))
        table.drop_column('subject')
        table.drop_column('region')
    with op.batch_alter_table('account') as table:
        table.drop_column('password_issued_at_ms')
        table.drop_column('password_issued_by')
        table.drop_column('subjects')


def _place_works() -> None:
    work = sa.table('marking_work', *(sa.column(name) for name in (
        'archive', 'school', 'definition', 'region', 'subject')))
    school = sa.table('school', sa.column('id'), sa.column('region'))
    connection = op.get_bind()
    regions = {row.id: row.region for row in connection.execute(sa.select(school))}
    for named in connection.execute(sa.select(work.c.archive)).scalars().all():
        row = connection.execute(sa.select(work).where(work.c.archive == named)).one()
        connection.execute(sa.update(work).where(work.c.archive == named).values(
            region=regions.get(row.school, '')[:120], subject=_read_subject(row.definition)[:80]))


def _read_subject(definition: Any) -> str:
    """PostgreSQL gives JSON as it is read, SQLite as text."""
    try:
        read = json.loads(definition) if isinstance(definition, str | bytes) else definition
        return str(read.get('subject', ''))
    except (ValueError, AttributeError):
        return ''
