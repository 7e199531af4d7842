"""Where the list lies. Takes the data folder and the school's key; gives names only to who types its passphrase.

Encrypted to the school's own recipient: writing needs no secret, reading needs the passphrase each time, also while the
key is unlocked for signing. Packages, ledgers and backups take named tables and folders; this folder is none of them.
"""
from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import pyrage
from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal
from testing_server.preparation.private_files import write_private_file
from testing_server.preparation.school_key import SchoolKey, unlock_school_key

FOLDER = "names"


class NamesDamaged(Refusal):
    code = "names_damaged"
    status = 422
    message = _("Список фамилий не читается: файл повреждён или закрыт другим ключом школы.")
    safe = _("Бумажный протокол и все работы целы.")
    remedy = _("Сотрите список и введите его снова с бумажного протокола.")


def names_file(data: Path, campaign: str) -> Path:
    """The name of a campaign may hold anything; its digest is a safe file name."""
    return data / FOLDER / f"{hashlib.sha256(campaign.encode()).hexdigest()[:32]}.age"


def keep_names(data: Path, campaign: str, names: Mapping[str, str], key: SchoolKey) -> None:
    """In place of the list before. `names`: code -> name."""
    plain = json.dumps(dict(names), ensure_ascii=False).encode()
    write_private_file(names_file(data, campaign), pyrage.encrypt(plain, [key.recipient.to_public()]))


def open_names(data: Path, campaign: str, locked_key: bytes, passphrase: str) -> dict[str, str]:
    """code -> name, {} before there is a list. Raises WrongPassphrase, SchoolKeyDamaged, NamesDamaged."""
    identity, path = unlock_school_key(locked_key, passphrase).recipient, names_file(data, campaign)
    if not path.exists():
        return {}
    try:
        names: dict[str, str] = json.loads(pyrage.decrypt(path.read_bytes(), [identity]))
    except (pyrage.DecryptError, ValueError) as error:
        raise NamesDamaged() from error
    return names


def erase_names(data: Path, campaign: str) -> None:
    """No list any more."""
    names_file(data, campaign).unlink(missing_ok=True)
