"""An opened kit on a plain PC: answers, sounds and the journal beside the file it came from.

Takes the kit's path. While it is open its sounds lie in clear in a private folder beside it; closing removes them, and
so does the next start after a power cut. Wiping removes everything.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from testing_server.contracts.check_digits import read_cipher
from testing_server.contracts.refusals import BadStatement, NumberWrong
from testing_server.contracts.statements import key_id_of, verify_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.foundation.files.store import DIGEST, FileMissing
from testing_server.marking.kits.bundle import (
    CRITERIA, KEY, KitKeys, open_kit, read_header, read_part, seal_events, unlock_criteria, unlock_keys, unpack_content)
from testing_server.marking.kits.journal import Journal
from testing_server.marking.kits.rules import CriteriaLocked, KitLocked, KitUnreadable

FOLDERS = ("recordings", "listening", "files", "media")


class Kit:
    """One kit. Nothing can be read before `unlock`, nothing marked before `open_criteria`."""

    def __init__(self, path: Path) -> None:
        self.path, self.header = path, read_header(path)
        self.work = path.with_name(f"{path.name}.work")
        self._open = self.work / "open"
        self.keys: KitKeys | None = None
        self.answers: dict[str, dict[str, Any]] = {}
        self.media: dict[str, str] = {}
        self._criteria: Mapping[str, Any] | None = None
        self.close()

    @property
    def id(self) -> str:
        """The kit's id."""
        return str(self.header["kit"])

    @property
    def is_open(self) -> bool:
        """Whether the criteria are here: without them there is nothing to mark by."""
        return self._criteria is not None

    @property
    def journal(self) -> Journal:
        """What was done so far. Raises KitLocked before the kit is unlocked."""
        if self.keys is None:
            raise KitLocked()
        return self._journal

    def unlock(self, passphrase: str) -> None:
        """Opens the answers. Raises KitLocked, KitUnreadable."""
        with open_kit(self.path) as tar:
            keys = unlock_keys(read_part(tar, KEY), read_digits(passphrase, KitLocked()))
        self._open.mkdir(parents=True, exist_ok=True, mode=0o700)
        unpack_content(self.path, keys, self._open)
        content = json.loads((self._open / "answers.json").read_bytes())
        self.media = content["media"]
        self.answers = {one["assignment"]: one for one in content["answers"]}
        self._journal = Journal(self.work / "marks.jsonl", self.id, keys, list(self.answers))
        self.keys = keys

    def open_criteria(self, cipher: str) -> None:
        """Opens the criteria. Raises CriteriaLocked, KitLocked."""
        if self.keys is None:
            raise KitLocked()
        locked = (self._open / CRITERIA).read_bytes()
        self._criteria = unlock_criteria(locked, read_digits(cipher, CriteriaLocked()))

    def describe(self, assignment: str) -> dict[str, Any]:
        """One answer as the desk takes it. Raises CriteriaLocked."""
        if self._criteria is None:
            raise CriteriaLocked()
        state = self.journal.states[assignment]
        return {**self.answers[assignment], **self._criteria[assignment], **state.marks,
                "version": state.version, "state": state.state}

    def find_file(self, folder: str, sha256: str) -> Path:
        """A sound, picture or measure of the opened kit. Raises FileMissing."""
        path = self._open / folder / sha256
        if folder not in FOLDERS or not DIGEST.fullmatch(sha256) or not path.exists():
            raise FileMissing()
        return path

    def seal_marks(self) -> bytes:
        """The file that goes back to the hub: the signed journal, readable by the hub alone."""
        return seal_events(self.journal.lines, str(self.header["recipient"]))

    def close(self) -> None:
        """Nothing is left in clear; marks stay."""
        self.keys, self._criteria, self.answers = None, None, {}
        shutil.rmtree(self._open, ignore_errors=True)

    def check_receipt(self, envelope: bytes) -> None:
        """Raises KitUnreadable unless the hub that gave the kit out has all marks of it."""
        raw = bytes.fromhex(str(self.header["hub_key"]))
        try:
            told = verify_statement(envelope, {key_id_of(raw): raw}, PAYLOAD_TYPES["kit_receipt"]).read()
        except BadStatement as error:
            raise KitUnreadable() from error
        if told.get("kit") != self.id or told.get("events") != len(self.journal.lines):
            raise ReceiptTooOld()

    def wipe(self) -> None:
        """The kit, its marks and its sounds are gone from this computer."""
        self.close()
        shutil.rmtree(self.work, ignore_errors=True)
        self.path.unlink(missing_ok=True)


class ReceiptTooOld(KitUnreadable):
    """The receipt is of another kit, or marks were made since."""

    code = "receipt_too_old"


def read_digits(typed: str, wrong: KitLocked | CriteriaLocked) -> str:
    """Digits as people type them; raises `wrong`, naming the group that has a slip."""
    try:
        return read_cipher(typed)
    except NumberWrong as error:
        raise type(wrong)(details={"group": error.group} if error.group else None) from error
