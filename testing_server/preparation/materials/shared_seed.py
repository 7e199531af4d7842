"""What all sealings of a work in a campaign draw alike. Takes the data folder; gives a seed nobody else can guess.

By it a bank is cut into the parts of zones and the portions of schools: were it new at every sealing, schools of far
zones would share items. Each school's own seed stays its own.
"""
import hashlib
import hmac
import secrets
from pathlib import Path

from testing_server.preparation.private_files import write_private_file_once

SECRET = "assembly.secret"


def obtain_shared_seed(data: Path, campaign: str, assessment: str) -> str:
    """The same hex digits at every call for this campaign and assessment; the secret is made at the first."""
    path = data / SECRET
    if not path.exists():
        write_private_file_once(path, secrets.token_hex(32).encode())
    words = f"portions/1\n{campaign}\n{assessment}".encode()
    return hmac.new(bytes.fromhex(path.read_text()), words, hashlib.sha256).hexdigest()
