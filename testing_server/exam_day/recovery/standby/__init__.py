"""A warm standby: what a server hands over to another of its school, and how that one keeps up and steps in."""
