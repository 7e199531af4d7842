"""Responses: events and sound from the seats, directives to them, leases, the folded state."""
