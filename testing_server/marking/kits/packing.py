"""From answers on the hub to the content of a kit: a tar of what the desk shows, nameless as the desk is.

`answers.json`: what is shown without criteria; `criteria.age`: criteria and guidance under the criteria cipher;
`recordings/`, `listening/`, `files/`, `media/`: by digest.
"""

from __future__ import annotations

import io
import json
import re
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from testing_server.foundation.services import Services
from testing_server.marking.gathering.sources import open_prompt_medium
from testing_server.marking.kits.bundle import CRITERIA, lock
from testing_server.marking.listening.store import ListeningStore
from testing_server.marking.review.queries import DeskAnswer

LOCKED = ("criteria", "rules", "guidance")
DIGEST = re.compile(r"\b[0-9a-f]{64}\b")


def pack_content(offered: Services, answers: Sequence[DeskAnswer], cipher: str, target: Path) -> None:
    """Writes the tar. Raises FileMissing where a recording is not here."""
    shown = [{name: value for name, value in asdict(one).items() if name not in LOCKED} for one in answers]
    locked = {one.assignment: {name: getattr(one, name) for name in LOCKED} for one in answers}
    with tarfile.open(target, "w") as tar:
        media = _add_media(offered, tar, answers)
        _add(tar, "answers.json", encode({"answers": shown, "media": media}))
        _add(tar, CRITERIA, lock(encode(locked), cipher))
        _add_sounds(offered, tar, {part["sha256"] for one in answers for part in one.content.get("recordings", [])})
        for sha256 in sorted({file["sha256"] for one in answers for file in one.content.get("files", [])}):
            tar.add(offered.files.path(sha256), f"files/{sha256}", filter=hide_origin)


def encode(value: Any) -> bytes:
    """JSON as it lies in a kit."""
    return json.dumps(value, ensure_ascii=False).encode()


def _add_sounds(offered: Services, tar: tarfile.TarFile, recordings: set[str]) -> None:
    store = ListeningStore(offered.settings.data)
    for sha256 in sorted(recordings):
        tar.add(offered.files.path(sha256), f"recordings/{sha256}", filter=hide_origin)
        _add(tar, f"listening/{sha256}", store.obtain(sha256, offered.files))


def _add_media(offered: Services, tar: tarfile.TarFile, answers: Sequence[DeskAnswer]) -> dict[str, str]:
    """Pictures and sounds of the tasks; gives digest → media type."""
    types: dict[str, str] = {}
    for archive, sha256 in sorted(_list_media(answers)):
        if sha256 not in types:
            path, types[sha256] = open_prompt_medium(offered, archive, sha256)
            tar.add(path, f"media/{sha256}", filter=hide_origin)
    return types


def _list_media(answers: Sequence[DeskAnswer]) -> set[tuple[str, str]]:
    found = set()
    for one in answers:
        known = _read_known_media(one.prompt)
        found |= {(one.archive, sha256) for sha256 in known}
    return found


def _read_known_media(prompt: Mapping[str, Any]) -> set[str]:
    """Media are named by their digest wherever a task uses them (protocol.md §6)."""
    return set(DIGEST.findall(json.dumps(prompt)))


def hide_origin(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """A tar tells nothing of the machine it was made on."""
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    return entry


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))
