"""A configuration file for schools that use Safe Exam Browser, and the check that a page is seen in it."""
