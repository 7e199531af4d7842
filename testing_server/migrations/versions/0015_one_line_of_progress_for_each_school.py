"""Progress knows its campaign and work; one line of all steps for each school; the last contact

Revision 0015, after 0014.
"""
import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

STEPS = ("application", "schedule", "materials", "training", "codes", "ciphers", "sittings", "finished", "packages",
         "forms", "questionnaires", "marking")
WORST_FIRST = ("stopped", "offline", "attention", "running", "waiting", "ready")
# old step -> step, work ("" keeps what stood after the colon), state (None keeps the word)
RENAMED = {
    "materials": ("materials", "", "running"), "download": ("materials", "", None),
    "enrolment": ("training", "enrolment", None), "rehearsal": ("training", "rehearsal", None),
    "cipher": ("ciphers", "", None), "sitting": ("sittings", "", None), "package": ("packages", "", None),
    "criteria": ("marking", "", "running"), "protocol": ("marking", "", None)}


def upgrade() -> None:
    """Words keep their meaning under the new names; lines are written from them."""
    rows = op.get_bind().execute(sa.text("SELECT school, step, state, at_ms FROM progress ORDER BY at_ms")).all()
    op.drop_table('progress')
    progress = op.create_table(
        'progress',
        sa.Column('school', sa.String(length=80), nullable=False),
        sa.Column('campaign', sa.String(length=80), nullable=False),
        sa.Column('step', sa.String(length=40), nullable=False),
        sa.Column('work', sa.String(length=120), nullable=False),
        sa.Column('state', sa.String(length=40), nullable=False),
        sa.Column('at_ms', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('school', 'campaign', 'step', 'work', name=op.f('pk_progress')))
    lines = op.create_table(
        'progress_line',
        sa.Column('school', sa.String(length=80), nullable=False),
        sa.Column('campaign', sa.String(length=80), nullable=False),
        sa.Column('line', sa.String(length=20), nullable=False),
        sa.Column('changed_at_ms', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('school', 'campaign', name=op.f('pk_progress_line')))
    op.create_index(op.f('ix_progress_line_changed_at_ms'), 'progress_line', ['changed_at_ms'], unique=False)
    op.create_table(
        'school_contact',
        sa.Column('school', sa.String(length=80), nullable=False),
        sa.Column('at_ms', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('school', name=op.f('pk_school_contact')))
    op.create_index(op.f('ix_school_contact_at_ms'), 'school_contact', ['at_ms'], unique=False)
    renamed = rename_rows(rows)
    op.bulk_insert(progress, renamed)
    op.bulk_insert(lines, write_lines(renamed))


def rename_rows(rows: object) -> list[dict[str, object]]:
    """Rows of the new table; where two old ones meet, the newest stays."""
    found: dict[tuple[str, str, str], dict[str, object]] = {}
    for school, old, state, at_ms in rows:  # type: ignore[attr-defined]
        name, _colon, rest = old.partition(":")
        step, work, word = RENAMED.get(name, (name[:40], "", None))
        found[school, step, work or rest] = {
            "school": school, "campaign": "", "step": step, "work": work or rest, "state": word or state,
            "at_ms": at_ms}
    return list(found.values())


def write_lines(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """One line for each school, the worst word of each step."""
    letters: dict[object, list[str]] = {}
    changed: dict[object, int] = {}
    for row in rows:
        line = letters.setdefault(row["school"], ["-"] * len(STEPS))
        changed[row["school"]] = max(int(str(row["at_ms"])), changed.get(row["school"], 0))
        if row["step"] in STEPS and row["state"] in WORST_FIRST:
            place, letter = STEPS.index(str(row["step"])), str(WORST_FIRST.index(str(row["state"])))
            line[place] = letter if line[place] == "-" else min(line[place], letter)
    return [{"school": school, "campaign": "", "line": "".join(line), "changed_at_ms": changed[school]}
            for school, line in letters.items()]


def downgrade() -> None:
    """Back to 0014: the campaign is forgotten."""
    rows = op.get_bind().execute(sa.text("SELECT school, step, work, state, at_ms FROM progress")).all()
    op.drop_table('school_contact')
    op.drop_table('progress_line')
    op.drop_table('progress')
    progress = op.create_table(
        'progress',
        sa.Column('school', sa.String(length=80), nullable=False),
        sa.Column('step', sa.String(length=120), nullable=False),
        sa.Column('state', sa.String(length=40), nullable=False),
        sa.Column('at_ms', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('school', 'step', name=op.f('pk_progress')))
    op.create_index(op.f('ix_progress_at_ms'), 'progress', ['at_ms'], unique=False)
    newest = {(school, (f"{step}:{work}" if work else step)[:120]): (state, at_ms)
              for school, step, work, state, at_ms in sorted(rows, key=lambda row: row.at_ms)}
    op.bulk_insert(progress, [{"school": school, "step": step, "state": state, "at_ms": at_ms}
                              for (school, step), (state, at_ms) in newest.items()])
