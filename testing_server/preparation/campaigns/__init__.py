"""Campaigns: the rules of a period of works, as data.

Takes JSON files. Gives instants: when a cipher opens, when criteria open, between which moments answers count.
"""
