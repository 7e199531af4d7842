"""Revisions of the registry: the list of schools goes out as a workbook, comes back corrected, is looked at, applied.

Takes an uploaded workbook. Gives a preview of what will change or what is wrong by cell, the change as one
transaction, and its undoing while nothing depends on it. Records are the registry's own.
"""
