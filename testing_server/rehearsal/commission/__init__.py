"""A simulated commission: robot experts of known severity mark a real hub over HTTP, and everything is counted again.

Takes how many experts and answers. Gives a table and breaches: a rule broken, an answer lost or marked twice.
"""
