"""Progress: how far each school is in a campaign, in words every stage may post, and what it was reminded of.

Takes `(school, campaign, work, step, state, when)`. Gives it to the coordinators' board, which reads nothing else.
"""
from testing_server.foundation.progress.actions import Word, note_contact, note_contacts, post_progress, post_words
from testing_server.foundation.progress.queries import Progress, read_progress
from testing_server.foundation.progress.rules import STEPS, State, Step

__all__ = ["STEPS", "Progress", "State", "Step", "Word", "note_contact", "note_contacts", "post_progress", "post_words",
           "read_progress"]
