"""Enrolment: a school's own key becomes known to the hub, once.

Takes a one-time code from the coordinator's credential file and the school's public keys. Gives a school
certificate, and afterwards sessions by signed challenge.
"""
