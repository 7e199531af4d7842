"""A sheet knows the shape of what it tells, by which a country is counted; schools lie in the order of their places

Revision 0031, after 0030.
"""
import json
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None

PORTION = 1_000
SHEET = sa.table('sheet', *(sa.column(name) for name in ('campaign', 'kind', 'school', 'version', 'content', 'shape')))
KEY = (SHEET.c.campaign, SHEET.c.kind, SHEET.c.school, SHEET.c.version)


def upgrade() -> None:
    """The shape of every version is computed from its content."""
    op.add_column('sheet', sa.Column('shape', sa.BigInteger(), nullable=False, server_default='0'))
    after: tuple[Any, ...] = ('', '', '', 0)
    while rows := op.get_bind().execute(
            sa.select(*KEY, SHEET.c.content).where(sa.tuple_(*KEY) > after).order_by(*KEY).limit(PORTION)).all():
        _write(rows)
        after = tuple(rows[-1][:4])
    with op.batch_alter_table('sheet') as batch:
        batch.alter_column('shape', server_default=None)
    op.drop_index('ix_sheet_newest', table_name='sheet')
    op.create_index('ix_sheet_counted', 'sheet', ['campaign', 'kind', 'is_newest', 'school', 'shape', 'confirmed'])
    op.create_index('ix_school_place', 'school', ['is_closed', 'region', 'municipality', 'id'])
    op.create_index('ix_school_place_of', 'school', ['id', 'is_closed', 'region', 'municipality'])


def downgrade() -> None:
    """Back to 0030."""
    op.drop_index('ix_school_place_of', table_name='school')
    op.drop_index('ix_school_place', table_name='school')
    op.drop_index('ix_sheet_counted', table_name='sheet')
    op.create_index('ix_sheet_newest', 'sheet', ['campaign', 'kind', 'is_newest'])
    with op.batch_alter_table('sheet') as batch:
        batch.drop_column('shape')


def _write(rows: Any) -> None:
    names = ('campaign', 'kind', 'school', 'version')
    op.get_bind().execute(
        sa.update(SHEET).where(*(getattr(SHEET.c, name) == sa.bindparam(f'of_{name}') for name in names)).values(
            shape=sa.bindparam('told')),
        [{**{f'of_{name}': value for name, value in zip(names, row)}, 'told': _compute_shape(_read_content(row[4]))}
         for row in rows])


def _read_content(text: str) -> dict[str, Any]:
    """What cannot be read names nothing: a hub does not stay down for it."""
    try:
        content = json.loads(text)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _compute_shape(content: Mapping[str, Any]) -> int:
    """As sheets/rules.py computed it when this revision was written."""
    return int.from_bytes(blake2b("\n".join(sorted(_list_named(content))).encode(), digest_size=7).digest())


def _list_named(content: Mapping[str, Any]) -> Iterator[str]:
    for name, told in content.items():
        if isinstance(told, Mapping):
            yield from (f"{name}\t{inner}" for inner in told)
        else:
            yield name
