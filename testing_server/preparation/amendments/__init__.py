"""Amendments: what may happen to archives after they were sealed: a new cipher, another day, withdrawal.

Takes an archive, a reason and who asks. Gives the next signed statement of the archive; archive.age itself is never
touched. Classroom servers learn of it on their next link or from a stick.
"""
