"""Tests of the check of a machine, of its door to the system, and of what is installed on it."""
