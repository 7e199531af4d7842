"""The bundle for engineers: facts and scrubbed logs in one zip. Takes settings; gives bytes."""
from __future__ import annotations

import io
import zipfile
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from testing_server.exam_day.support.facts import describe_acts, describe_database, describe_machine
from testing_server.exam_day.support.folder import with_storage
from testing_server.exam_day.support.logs import logs_folder
from testing_server.exam_day.support.scrubbing import scrub_lines
from testing_server.foundation.settings import Settings
from testing_server.foundation.storage import Storage

README = """Bundle for support of the testing server.
machine.json: versions, room on the disk. database.json: counts, states, codes of troubles. acts.json: the last acts,
without who and of whom. logs/: lines of our own programs; what they quoted, long numbers, addresses, keys and other
alphabets were taken out on the school's computer. No answers, sound, codes, logins, names or keys are inside.
"""


def write_bundle(session: Session, settings: Settings, now_ms: int) -> bytes:
    """`now_ms`: Unix ms, told inside."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("README.txt", README)
        for name, facts in (("machine", {"made_at_ms": now_ms, **describe_machine(settings)}),
                            ("database", describe_database(session)), ("acts", describe_acts(session))):
            bundle.writestr(f"{name}.json", _write_json(facts))
        for path in sorted(logs_folder(settings.data).glob("*.log*")):
            with open(path, encoding="utf-8", errors="replace") as lines:
                bundle.writestr(f"logs/{path.name}", "\n".join(scrub_lines(lines)) + "\n")
    return out.getvalue()


def make_bundle(settings: Settings, now_ms: int) -> bytes:
    """From the folder of a server, at work or not. Raises NoServerHere."""
    def write(storage: Storage) -> bytes:
        with storage.read() as session:
            return write_bundle(session, settings, now_ms)
    return with_storage(settings, write)


def _write_json(facts: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(facts), indent=1)
