"""Audit: who did what, in chains that show every change.

Takes facts inside the transaction they describe. Gives them back in order and tells whether a chain is whole.
"""
from testing_server.foundation.audit.actions import append_audit
from testing_server.foundation.audit.queries import AuditLine, read_audit, verify_audit

__all__ = ["AuditLine", "append_audit", "read_audit", "verify_audit"]
