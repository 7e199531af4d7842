"""Verifying packages in the worker. Takes an upload and what the core knows of its school; tells the verdict."""
import secrets
import shutil
from pathlib import Path
from typing import Any

from testing_server.exam_day.reception.uploads import UploadFolder
from testing_server.exam_day.reception.quarantine import Quarantine
from testing_server.exam_day.reception.verification import (
    KnownKey, KnownSchool, Verified, describe_facts, list_files, verify_package)
from testing_server.foundation.files import FolderStore
from testing_server.foundation.jobs import JobContext, job
from testing_server.preparation.hub_keys import load_hub_keys

PIECE = 1024 * 1024


@job
def judge_upload(context: JobContext, upload: str, claimed_sha256: str, known: dict[str, Any]) -> None:
    """Repeatable: files are kept by digest, and the core records a package once."""
    if not UploadFolder(context.settings.data).path(upload).exists():
        # an earlier run of this job was answered, and the core moved the accepted package away
        return
    path = f"/v1/internal/uploads/{upload}/verdict"
    context.report_to_core(path, {"verdict": "verifying"})
    try:
        facts = _verify(context, upload, claimed_sha256, read_known(known))
    except Quarantine as refused:
        context.report_to_core(path, {"verdict": "quarantined", "reason": refused.reason, "detail": refused.detail})
        return
    context.report_to_core(path, {"verdict": "accepted", "facts": facts})


def read_known(known: dict[str, Any]) -> KnownSchool:
    """From JSON."""
    return KnownSchool(**{**known, "keys": [KnownKey(**key) for key in known["keys"]]})


def _verify(context: JobContext, upload: str, claimed_sha256: str, known: KnownSchool) -> dict[str, Any]:
    data = context.settings.data
    work = data / "uploads" / f".{upload}-{secrets.token_hex(4)}"
    identity = load_hub_keys(context.settings.keys_folder).recipient
    try:
        verified = verify_package(UploadFolder(data).path(upload), identity, known, work, context.files.has)
        if claimed_sha256 and claimed_sha256 != verified.ciphertext_sha256:
            raise Quarantine("digest_mismatch", "the file is not the one the sender described")
        keep_files(context.files, verified)
        return describe_facts(verified)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def keep_files(files: FolderStore, verified: Verified) -> None:
    """Everything of the package into the store, by digest; what is there already is not written again."""
    digests = {entry.path: entry.sha256 for entry in verified.manifest.entries}
    for path in list_files(verified):
        sha256 = digests.get(path.relative_to(verified.folder).as_posix())
        if sha256 and not files.has(sha256):
            _keep_file(files, path, sha256)


def _keep_file(files: FolderStore, path: Path, sha256: str) -> None:
    upload = files.create()
    with path.open("rb") as source:
        while piece := source.read(PIECE):
            files.append(upload, piece)
    files.commit(upload, sha256)
