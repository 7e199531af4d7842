"""Audit: who did what, in chains that show every change.

Takes facts inside the transaction they describe. Gives them back in order and tells whether a chain is whole.
"""
from testing_server.foundation.audit.actions import Act, append_acts, append_audit
from testing_server.foundation.audit.carrying import ChainBroken, export_chain, import_chain
from testing_server.foundation.audit.queries import (
    AuditLine, find_last, list_actors, read_audit, read_latest, read_verbs, verify_audit)

__all__ = ["Act", "AuditLine", "ChainBroken", "append_acts", "append_audit", "export_chain", "find_last",
           "import_chain", "list_actors", "read_audit", "read_latest", "read_verbs", "verify_audit"]
