"""Results of one candidate: by code for the school, and everything about one work for an appeal, in one file."""
