"""Progress: how far each school is, in words every stage may post.

Takes `(school, step, state, when)`. Gives it to the coordinators' board, which reads nothing else.
"""
from testing_server.foundation.progress.actions import post_progress
from testing_server.foundation.progress.queries import Progress, read_progress

__all__ = ["Progress", "post_progress", "read_progress"]
