"""Sittings: archives and rosters that arrived, attempts of candidates, commands of the organizer."""
