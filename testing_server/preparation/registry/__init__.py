"""Registry: schools, their organizers, and coordinators with their territories.

Takes what a coordinator types. Gives schools with a login, a place and a time zone, and accounts with one-time
passwords.
"""
