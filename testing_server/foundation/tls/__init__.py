"""TLS of a school's own network: an authority of the school and short-lived leaves of its servers.

Takes the addresses of this machine. Gives certificate files and the fingerprint kiosks pin at pairing.
"""
from testing_server.foundation.tls.authority import (
    Authority, fingerprint_certificate, issue_leaf, load_authority, make_authority)
from testing_server.foundation.tls.files import TlsFiles, ensure_tls

__all__ = ["Authority", "TlsFiles", "ensure_tls", "fingerprint_certificate", "issue_leaf", "load_authority",
           "make_authority"]
