"""The school's own commission on a classroom server: which works may be marked here and why not, and who marks."""
