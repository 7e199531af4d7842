"""Paper of the room: slips with codes and logins, the blank of the name protocol. Names are written by hand only."""
