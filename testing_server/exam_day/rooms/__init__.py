"""The room as it stands: rows and places, who sits where, waves of candidates through the same headsets."""
