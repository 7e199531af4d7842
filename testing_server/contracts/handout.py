"""What a classroom server hands out to workstations: wheels and installers, listed with their digests.

Written by `make dist` as manifest.json, served by the classroom, read by `kiosk-client update` and by the installer of
a new workstation. A target is system and Python: "linux-cp311", "win_amd64-cp313".
"""

from __future__ import annotations

import re
from typing import Annotated

import msgspec
from msgspec import Meta

from testing_server.contracts.messages import Message
from testing_server.contracts.refusals import ContractRefusal

FORMAT = "handout/1"
MANIFEST = "manifest.json"
# A flat folder: no name can lead out of it.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,199}")


class BadHandout(ContractRefusal):
    """A manifest that cannot be read, or that names what may not be named."""

    code = "bad_handout"


class HandoutFile(Message):
    """A file; `targets`: where it is needed, [] = it is for people (an installer of Python)."""

    name: str
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    bytes: Annotated[int, Meta(ge=0)]
    targets: list[str] = []


class Handout(Message):
    """The manifest. `protocol`: lowest and highest the release speaks; `version`: of the release."""

    format: str
    version: Annotated[str, Meta(pattern=r"^[0-9A-Za-z.+!-]{1,60}$")]
    protocol: list[str]
    files: list[HandoutFile]


class HandoutTold(Handout):
    """GET /v1/handout: the manifest, and whether updates wait because works go on."""

    frozen: bool = False


def read_handout(data: bytes, kind: type[Handout] = Handout) -> Handout:
    """A manifest with safe names. Raises BadHandout."""
    try:
        found = msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
        raise BadHandout(str(error)) from error
    if found.format != FORMAT:
        raise BadHandout(f"format {found.format}")
    names = [file.name for file in found.files]
    wrong = [name for name in names if not NAME.fullmatch(name)]
    if wrong or len(set(names)) != len(names):
        raise BadHandout(f"names {wrong or 'repeated'}")
    return found


def choose_files(handout: Handout, target: str) -> list[HandoutFile]:
    """What a workstation of this target needs."""
    return [file for file in handout.files if target in file.targets]
