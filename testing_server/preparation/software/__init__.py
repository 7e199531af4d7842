"""Programs and training material that a campaign offers to its schools, in time by the campaign's rule.

Takes files an administrator laid into the hub's data folder. Gives schools those a coordinator offered, as they were.
"""
