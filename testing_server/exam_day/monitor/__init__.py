"""Monitor: what coordinators see of sittings while they go on, and how far each school is.

Takes reports of classroom servers and the stages' progress. Gives live boards.
"""
