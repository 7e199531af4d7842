"""Rosters: what a classroom needs to know of a day, signed.

Takes codes, logins, archives and the campaign's window. Gives a numbered statement that works without internet.
"""
