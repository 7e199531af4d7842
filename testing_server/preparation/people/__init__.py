"""People of a campaign: levels of coordinators, credentials passed down, experts' lists, numbers of rooms and experts.

Takes what coordinators and schools type or upload. Gives accounts with one-time passwords and the trace of each, lists
of experts by subject and region, and how many rooms and experts a school has.
"""
