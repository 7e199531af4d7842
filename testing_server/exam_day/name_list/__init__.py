"""The list of names by code, for this school only: an age file on this machine that nothing else reads."""
