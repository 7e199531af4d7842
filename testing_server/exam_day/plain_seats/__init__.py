"""Seats without installation: the kiosk's own pages, handed to a browser by the classroom server."""
