"""Answers wait in lots, commissions have members, standard answers and decisions of the head

Revision 0017, after 0016.
"""
import json
import secrets
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What waits is found by an index; each answer of old works gets a lot and a place drawn in it."""
    _create_queues()
    _create_commissions()
    op.create_table(
        'marking_decision',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('answer', sa.String(length=36), nullable=False),
        sa.Column('kind', sa.String(length=20), nullable=False),
        sa.Column('points', sa.JSON(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('by', sa.String(length=80), nullable=False),
        sa.Column('at_ms', sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(['answer'], ['marking_answer.id'], name=op.f('fk_marking_decision_answer_marking_answer')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_marking_decision')))
    op.create_index(op.f('ix_marking_decision_answer'), 'marking_decision', ['answer'])
    _create_referrals()
    op.add_column('marking_work', sa.Column('rules', sa.JSON(), nullable=False, server_default='{}'))
    _widen_assignments()
    _fill_lots()


def _create_queues() -> None:
    op.create_table(
        'marking_lot',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('campaign', sa.String(length=80), nullable=False),
        sa.Column('assessment', sa.String(length=80), nullable=False),
        sa.Column('position', sa.Integer(), nullable=False),
        sa.Column('subject', sa.String(length=80), nullable=False),
        sa.Column('region', sa.String(length=120), nullable=False),
        sa.Column('is_third', sa.Boolean(), nullable=False),
        sa.Column('takers', sa.String(length=20), nullable=False),
        sa.Column('own_school', sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_marking_lot')),
        sa.UniqueConstraint('campaign', 'assessment', 'position', 'region', 'is_third',
                            name=op.f('uq_marking_lot_campaign_assessment_position_region_is_third')))
    op.create_table(
        'marking_expert',
        sa.Column('login', sa.String(length=80), nullable=False),
        sa.Column('lot', sa.Integer(), nullable=True),
        sa.Column('given', sa.Integer(), nullable=False),
        sa.Column('day', sa.String(length=10), nullable=False),
        sa.Column('marked', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('login', name=op.f('pk_marking_expert')))
    op.create_table(
        'marking_pair',
        sa.Column('one', sa.String(length=80), nullable=False),
        sa.Column('other', sa.String(length=80), nullable=False),
        sa.Column('answers', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('one', 'other', name=op.f('pk_marking_pair')))


def _create_commissions() -> None:
    op.create_table(
        'commission',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('subject', sa.String(length=80), nullable=False),
        sa.Column('region', sa.String(length=120), nullable=False),
        sa.Column('opens_at_ms', sa.BigInteger(), nullable=False),
        sa.Column('closes_at_ms', sa.BigInteger(), nullable=False),
        sa.Column('daily_limit', sa.Integer(), nullable=False),
        sa.Column('needs_approval', sa.Boolean(), nullable=False),
        sa.Column('pass_percent', sa.Integer(), nullable=False),
        sa.Column('control_every', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_commission')),
        sa.UniqueConstraint('subject', 'region', name=op.f('uq_commission_subject_region')))
    op.create_table(
        'commission_member',
        sa.Column('commission', sa.String(length=36), nullable=False),
        sa.Column('expert', sa.String(length=80), nullable=False),
        sa.Column('is_lead', sa.Boolean(), nullable=False),
        sa.Column('school', sa.String(length=36), nullable=True),
        sa.Column('daily_limit', sa.Integer(), nullable=False),
        sa.Column('state', sa.String(length=20), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('changed_at_ms', sa.BigInteger(), nullable=False),
        sa.Column('judged_from_ms', sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(['commission'], ['commission.id'],
                                name=op.f('fk_commission_member_commission_commission')),
        sa.PrimaryKeyConstraint('commission', 'expert', name=op.f('pk_commission_member')))
    op.create_table(
        'marking_standard',
        sa.Column('answer', sa.String(length=36), nullable=False),
        sa.Column('lot', sa.Integer(), nullable=False),
        sa.Column('use', sa.String(length=20), nullable=False),
        sa.Column('points', sa.JSON(), nullable=False),
        sa.Column('comment', sa.Text(), nullable=False),
        sa.Column('by', sa.String(length=80), nullable=False),
        sa.Column('at_ms', sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(['answer'], ['marking_answer.id'], name=op.f('fk_marking_standard_answer_marking_answer')),
        sa.ForeignKeyConstraint(['lot'], ['marking_lot.id'], name=op.f('fk_marking_standard_lot_marking_lot')),
        sa.PrimaryKeyConstraint('answer', name=op.f('pk_marking_standard')))
    op.create_index(op.f('ix_marking_standard_lot'), 'marking_standard', ['lot'])


def _create_referrals() -> None:
    op.create_table(
        'marking_referral',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('assignment', sa.String(length=36), nullable=False),
        sa.Column('kind', sa.String(length=30), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('by', sa.String(length=80), nullable=False),
        sa.Column('at_ms', sa.BigInteger(), nullable=False),
        sa.Column('decision', sa.String(length=20), nullable=False),
        sa.Column('decided_by', sa.String(length=80), nullable=True),
        sa.Column('decided_at_ms', sa.BigInteger(), nullable=True),
        sa.Column('sent_to', sa.String(length=80), nullable=False),
        sa.Column('note', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(['assignment'], ['marking_assignment.id'],
                                name=op.f('fk_marking_referral_assignment_marking_assignment')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_marking_referral')))
    op.create_index(op.f('ix_marking_referral_assignment'), 'marking_referral', ['assignment'])
    op.create_index(op.f('ix_marking_referral_decision'), 'marking_referral', ['decision'])


def _widen_assignments() -> None:
    with op.batch_alter_table('marking_assignment') as batch_op:
        batch_op.add_column(sa.Column('taken_at_ms', sa.BigInteger(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('lot', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('draw', sa.BigInteger(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('school', sa.String(length=36), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('purpose', sa.String(length=20), nullable=False, server_default='live'))
        batch_op.add_column(sa.Column('copy', sa.String(length=80), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('asked', sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column('barred', sa.JSON(), nullable=False, server_default='[]'))
        batch_op.create_foreign_key(op.f('fk_marking_assignment_lot_marking_lot'), 'marking_lot', ['lot'], ['id'])
        batch_op.drop_constraint(op.f('uq_marking_assignment_answer_round'), type_='unique')
        batch_op.create_unique_constraint(op.f('uq_marking_assignment_answer_round_copy'), ['answer', 'round', 'copy'])
        batch_op.drop_index(op.f('ix_marking_assignment_state'))
        batch_op.drop_index(op.f('ix_marking_assignment_expert'))
    op.create_index('ix_marking_assignment_lot_state_draw', 'marking_assignment', ['lot', 'state', 'draw'])
    op.create_index('ix_marking_assignment_expert_state', 'marking_assignment', ['expert', 'state'])
    op.create_index('ix_marking_assignment_state_taken_until_ms', 'marking_assignment', ['state', 'taken_until_ms'])


def _fill_lots() -> None:
    """Nobody's work of before waits for ever: its answers get the lot that a work opened now would have given them."""
    connection, lots = op.get_bind(), dict[tuple[Any, ...], int]()
    found = connection.execute(sa.text(
        'SELECT a.id, n.position, w.archive, w.campaign, w.assessment, w.school, s.region FROM marking_assignment a '
        'JOIN marking_answer n ON n.id = a.answer JOIN marking_work w ON w.archive = n.archive '
        'LEFT JOIN school s ON s.id = w.school')).all()
    for assignment, position, archive, campaign, assessment, school, region in found:
        key = (campaign, assessment, position, region or '')
        if key not in lots:
            lots[key] = len(lots) + 1
            connection.execute(sa.text(
                'INSERT INTO marking_lot (id, campaign, assessment, position, region, subject, is_third, takers, '
                'own_school) VALUES (:id, :campaign, :assessment, :position, :region, :subject, :no, :takers, :yes)'),
                {'id': lots[key], 'campaign': campaign, 'assessment': assessment, 'position': position,
                 'region': region or '', 'subject': _read_subject(connection, archive), 'no': False, 'takers': 'any',
                 'yes': True})
        connection.execute(sa.text('UPDATE marking_assignment SET lot = :lot, draw = :draw, school = :school '
                                   'WHERE id = :id'),
                           {'lot': lots[key], 'draw': secrets.randbits(52), 'school': school, 'id': assignment})
    if lots and connection.dialect.name == 'postgresql':
        connection.execute(sa.text("SELECT setval(pg_get_serial_sequence('marking_lot', 'id'), :last)"),
                           {'last': len(lots)})


def _read_subject(connection: sa.Connection, archive: str) -> str:
    definition = connection.scalar(sa.text('SELECT definition FROM marking_work WHERE archive = :archive'),
                                   {'archive': archive})
    try:
        read = json.loads(definition) if isinstance(definition, str) else definition
    except ValueError:
        return ''
    return str(read.get('subject', '')) if isinstance(read, dict) else ''


def downgrade() -> None:
    """Back to 0016: copies of standard answers go, one row an answer and round was allowed then."""
    op.drop_table('marking_referral')
    op.execute(sa.text("DELETE FROM mark_event WHERE assignment IN (SELECT id FROM marking_assignment WHERE copy <> ''"
                       " AND EXISTS (SELECT 1 FROM marking_assignment b WHERE b.answer = marking_assignment.answer AND"
                       " b.round = marking_assignment.round AND b.id <> marking_assignment.id))"))
    op.execute(sa.text("DELETE FROM marking_assignment WHERE copy <> '' AND EXISTS (SELECT 1 FROM marking_assignment b"
                       " WHERE b.answer = marking_assignment.answer AND b.round = marking_assignment.round"
                       " AND b.id <> marking_assignment.id)"))
    for index in ('lot_state_draw', 'expert_state', 'state_taken_until_ms'):
        op.drop_index(f'ix_marking_assignment_{index}', table_name='marking_assignment')
    with op.batch_alter_table('marking_assignment') as batch_op:
        batch_op.drop_constraint(op.f('uq_marking_assignment_answer_round_copy'), type_='unique')
        batch_op.create_unique_constraint(op.f('uq_marking_assignment_answer_round'), ['answer', 'round'])
        batch_op.drop_constraint(op.f('fk_marking_assignment_lot_marking_lot'), type_='foreignkey')
        for column in ('barred', 'asked', 'copy', 'purpose', 'school', 'draw', 'lot', 'taken_at_ms'):
            batch_op.drop_column(column)
        batch_op.create_index(op.f('ix_marking_assignment_state'), ['state'])
        batch_op.create_index(op.f('ix_marking_assignment_expert'), ['expert'])
    op.drop_column('marking_work', 'rules')
    op.drop_table('marking_standard')
    for table in ('marking_decision', 'commission_member', 'commission', 'marking_pair', 'marking_expert',
                  'marking_lot'):
        op.drop_table(table)
