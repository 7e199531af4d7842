"""Rehearsals: the console starts a drill as a process of its own and signs what it found; the hub lists certificates.

Takes statements of drills; gives certificates (a signed statement, and a sheet of paper that can be verified by it).
"""
