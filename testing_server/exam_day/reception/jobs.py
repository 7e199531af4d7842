"""Verifying packages in the worker. Takes an upload and what the core knows of its school; tells the verdict."""
import shutil
import tempfile
from pathlib import Path
from typing import Any

from testing_server.exam_day.reception.quarantine import Quarantine
from testing_server.exam_day.reception.verification import (
    KnownKey, KnownSchool, Verified, describe_facts, list_files, verify_package)
from testing_server.foundation.files import FileStore
from testing_server.foundation.files.choosing import make_pieces
from testing_server.foundation.jobs import JobContext, job
from testing_server.preparation.hub_keys import load_hub_keys


@job
def judge_upload(context: JobContext, upload: str) -> None:
    """Repeatable, also by two workers at once: files are kept by digest, and the core records a package once."""
    path = f"/v1/internal/uploads/{upload}/verdict"
    told = context.report_to_core(path, {"verdict": "verifying"})
    if told.get("done"):
        return
    work = Path(tempfile.mkdtemp(prefix=f".{upload}-", dir=make_work_folder(context.settings.data)))
    try:
        verdict = _judge(context, upload, told, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    context.report_to_core(path, verdict)


def make_work_folder(data: Path) -> Path:
    """Where packages are opened; what a killed worker leaves there is removed by the next one."""
    folder = data / "verifying"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def read_known(known: dict[str, Any]) -> KnownSchool:
    """From JSON."""
    return KnownSchool(**{**known, "keys": [KnownKey(**key) for key in known["keys"]]})


def _judge(context: JobContext, upload: str, told: dict[str, Any], work: Path) -> dict[str, Any]:
    content = told["content"]
    sealed = context.files.path(content) if content else make_pieces(context.settings).collect(upload, work)
    # kept before it is looked into: also what is refused is never lost
    content = content or context.files.adopt(sealed)
    try:
        if told["claimed_sha256"] not in ("", content):
            raise Quarantine("digest_mismatch", "the file is not the one the sender described")
        identity = load_hub_keys(context.settings.keys_folder).recipient
        verified = verify_package(sealed, identity, read_known(told["known"]), work / "opened", context.files.has)
    except Quarantine as refused:
        return {"verdict": "quarantined", "reason": refused.reason, "detail": refused.detail, "content": content}
    keep_files(context.files, verified)
    return {"verdict": "accepted", "facts": describe_facts(verified), "content": content}


def keep_files(files: FileStore, verified: Verified) -> None:
    """Everything of the package into the store, by digest; what is there already is not written again."""
    digests = {entry.path: entry.sha256 for entry in verified.manifest.entries}
    for path in list_files(verified):
        sha256 = digests.get(path.relative_to(verified.folder).as_posix())
        if sha256 and not files.has(sha256):
            files.adopt(path, sha256)
