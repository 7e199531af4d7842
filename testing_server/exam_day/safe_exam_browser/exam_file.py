"""What this server's .seb file is made of: the start address and the quit password, kept beside the keys.

Takes settings of the server; gives the exam, its Config Key and the file. The file has no secret but the digest of the
quit password, and that is long enough to stay one.
"""
from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from flask_babel import lazy_gettext as _

from testing_server.exam_day.safe_exam_browser.config_key import compute_config_key
from testing_server.exam_day.safe_exam_browser.exam_settings import Exam, list_hosts, make_settings
from testing_server.exam_day.workstations.addresses import find_authority
from testing_server.exam_day.workstations.announcement import find_addresses
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.settings import Settings
from testing_server.preparation.private_files import write_private_file

FILE_NAME = "safe-exam-browser.json"
# Where a seat without installation begins.
SEAT_PATH = "/seat"
# Without look-alikes; twelve signs are 58 bits: the file carries a plain SHA-256 of them.
SIGNS, SIGN_COUNT, GROUP = "abcdefghjkmnpqrstuvwxyz23456789", 12, 4


class AddressRefused(Refusal):
    code = "address_refused"
    status = 422
    message = _("Это не адрес сервера аудитории.")
    remedy = _("Пример: https://192.168.1.10:8443. Без защищённого соединения Safe Exam Browser не начнёт работу.")


@dataclass(frozen=True)
class Kept:
    """`address`: of this server as seats reach it, without a path; `is_required`: no seat without this browser."""

    address: str
    quit_password: str
    is_required: bool = False


def obtain_kept(settings: Settings) -> Kept:
    """What was chosen before, else the first address of this server and a fresh password."""
    path = settings.keys_folder / FILE_NAME
    try:
        kept = json.loads(path.read_bytes())
        return Kept(str(kept["address"]), str(kept["quit_password"]), bool(kept.get("is_required")))
    except (OSError, ValueError, KeyError):
        return _save(path, Kept(_guess_address(settings), make_password()))


def change_address(settings: Settings, address: str, is_required: bool = False) -> Kept:
    """Another address; the Config Key changes with it. Raises AddressRefused."""
    kept = Kept(read_address(address), obtain_kept(settings).quit_password, is_required)
    return _save(settings.keys_folder / FILE_NAME, kept)


def read_address(typed: str) -> str:
    """scheme://host:port. Raises AddressRefused."""
    parts = urlsplit(typed.strip())
    try:
        is_good = parts.scheme == "https" and bool(parts.hostname) and (parts.port or 443) > 0 and '"' not in typed
    except ValueError:
        is_good = False
    if not is_good:
        raise AddressRefused()
    return f"https://{parts.hostname}:{parts.port or 443}"


def make_password() -> str:
    """Three groups of four signs."""
    signs = "".join(secrets.choice(SIGNS) for _ in range(SIGN_COUNT))
    return "-".join(signs[start:start + GROUP] for start in range(0, SIGN_COUNT, GROUP))


def describe_exam(settings: Settings) -> Exam:
    """The exam of this server's file."""
    kept = obtain_kept(settings)
    authority = x509.load_pem_x509_certificate(find_authority(settings).pem.encode())
    start_url = kept.address + SEAT_PATH
    return Exam(start_url, list_hosts(start_url, settings.files_port or settings.port + 1), kept.quit_password,
                authority.public_bytes(Encoding.DER))


def read_config_key(settings: Settings) -> str:
    """The key that a seat in Safe Exam Browser proves with each request: see `config_key.check_config_key`."""
    return compute_config_key(make_settings(describe_exam(settings)))


def _guess_address(settings: Settings) -> str:
    return f"https://{(find_addresses(settings.host) or ['127.0.0.1'])[0]}:{settings.port}"


def _save(path: Path, kept: Kept) -> Kept:
    write_private_file(path, json.dumps(asdict(kept)).encode())
    return kept
