"""Workstations of the room: pairing, hello, checks, who has gone silent."""
