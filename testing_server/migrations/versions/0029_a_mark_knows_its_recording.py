"""Where a criterion was decided names its recording; marks of before get that of their answer where it has only one

Revision 0029, after 0028.
"""
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None

EVENT = sa.table('mark_event', sa.column('id', sa.Integer), sa.column('assignment', sa.String),
                 sa.column('moments', sa.JSON))
ASSIGNMENT = sa.table('marking_assignment', sa.column('id', sa.String), sa.column('answer', sa.String))
ANSWER = sa.table('marking_answer', sa.column('id', sa.String), sa.column('content', sa.JSON))


def upgrade() -> None:
    """{criterion: ms} becomes {criterion: {recording, at_ms}}; of several recordings nobody knows which it was."""
    rows = op.get_bind().execute(
        sa.select(EVENT.c.id, EVENT.c.moments, ANSWER.c.content)
        .join(ASSIGNMENT, ASSIGNMENT.c.id == EVENT.c.assignment).join(ANSWER, ANSWER.c.id == ASSIGNMENT.c.answer)).all()
    for row, moments, content in rows:
        if isinstance(moments, dict) and any(isinstance(place, int) for place in moments.values()):
            _write(row, {name: place if isinstance(place, dict) else {"recording": _find_recording(content),
                                                                      "at_ms": place}
                         for name, place in moments.items()})


def downgrade() -> None:
    """Back to 0028: moments alone."""
    for row, moments in op.get_bind().execute(sa.select(EVENT.c.id, EVENT.c.moments)).all():
        if isinstance(moments, dict) and moments:
            _write(row, {name: place["at_ms"] for name, place in moments.items() if isinstance(place, dict)})


def _write(row: int, moments: dict[str, Any]) -> None:
    op.get_bind().execute(sa.update(EVENT).where(EVENT.c.id == row).values(moments=moments))


def _find_recording(content: Any) -> str:
    recordings = content.get("recordings") or [] if isinstance(content, dict) else []
    return str(recordings[0].get("sha256", "")) if len(recordings) == 1 else ""
