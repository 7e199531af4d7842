"""Marks of a signed protocol for other programs: CSV by code, QTI Results Reporting with human scores."""
