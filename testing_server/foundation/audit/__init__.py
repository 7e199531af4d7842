"""Audit: who did what, in chains that show every change.

Takes facts inside the transaction they describe. Gives them back in order and tells whether a chain is whole.
"""
from testing_server.foundation.audit.actions import append_audit
from testing_server.foundation.audit.carrying import ChainBroken, export_chain, import_chain
from testing_server.foundation.audit.queries import AuditLine, read_audit, verify_audit

__all__ = ["AuditLine", "ChainBroken", "append_audit", "export_chain", "import_chain", "read_audit", "verify_audit"]
