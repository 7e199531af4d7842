"""Materials at the seat: encrypted files fetched early, opened in memory at the start.

Takes what the sign-in lists and the keys that `start` carries; gives the items of the variant and the bytes of media.
Nothing decrypted touches the disk.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pyrage

from kiosk_client.journal import Journal
from kiosk_client.link import Link
from kiosk_client.refusals import BundleWrong, ServerAway
from kiosk_client.rules import Item
from testing_server.contracts.messages import Bundle

VARIANT_FORMAT = "variant/1"
CHUNK = 256 * 1024

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Materials:
    """What a candidate works with, in memory only. `media`: plain SHA-256 -> (bytes, type)."""

    number: str
    items: Sequence[Item]
    media: Mapping[str, tuple[bytes, str]]


class BundleStore:
    """The folder of encrypted bundles, each under its SHA-256."""

    def __init__(self, journal: Journal, folder: Path) -> None:
        self._journal, self._folder = journal, folder
        folder.mkdir(parents=True, exist_ok=True)

    def count_missing(self, bundles: Sequence[Bundle]) -> int:
        """How many of them are not here yet."""
        return sum(not self._journal.has_bundle(bundle.sha256) for bundle in bundles)

    def forget(self, bundles: Iterable[str]) -> None:
        """Encrypted files that no attempt kept here needs."""
        for sha256 in bundles:
            for path in (self._folder / sha256, self._folder / f"{sha256}.part"):
                path.unlink(missing_ok=True)
            self._journal.forget_bundle(sha256)

    def fetch(self, link: Link, bundle: Bundle) -> None:
        """Fetch what is missing, from where an earlier try broke off; `bytes` 0 = not known.

        Raises Refused, ServerAway, BundleWrong.
        """
        if self._journal.has_bundle(bundle.sha256):
            return
        part = self._folder / f"{bundle.sha256}.part"
        if not part.exists() or part.stat().st_size != bundle.bytes or not bundle.bytes:
            self._download(link, bundle, part)
        check_digest(part, bundle.sha256)
        part.replace(self._folder / bundle.sha256)
        self._journal.keep_bundle(bundle.sha256, bundle.bytes, bundle.plain, bundle.type)

    def _download(self, link: Link, bundle: Bundle, part: Path) -> None:
        known = part.stat().st_size if part.exists() else 0
        offset = known if known < bundle.bytes else 0
        with link.open_bundle(bundle.sha256, offset) as response:
            # A server that ignores Range sends everything again.
            append = offset and response.status_code == 206
            with open(part, "ab" if append else "wb") as file:
                copy_body(response, file.write)
                file.flush()
                os.fsync(file.fileno())

    def open_materials(self, start: Mapping[str, Any], bundles: Sequence[Bundle]) -> Materials:
        """Everything of a variant, decrypted by the keys of the `start` directive.

        Raises BundleWrong: a bundle is missing, or does not open to what its name says.
        """
        keys, types = start.get("keys", {}), {bundle.plain: bundle.type for bundle in bundles}
        variant = self._read_variant(str(start["variant_bundle"]), keys)
        media = {plain: (self._decrypt_medium(plain, sha256, keys), types.get(plain) or "application/octet-stream")
                 for plain, sha256 in start.get("media", {}).items()}
        return Materials(str(variant.get("number", "")), tuple(variant["items"]), media)

    def _read_variant(self, sha256: str, keys: Mapping[str, str]) -> dict[str, Any]:
        try:
            variant = json.loads(self._decrypt(sha256, keys))
        except ValueError as error:
            raise BundleWrong(f"the variant is not JSON: {error}") from error
        if variant.get("format") != VARIANT_FORMAT or not variant.get("items"):
            raise BundleWrong(f"a variant of format {variant.get('format')!r}")
        return variant

    def _decrypt_medium(self, plain: str, sha256: str, keys: Mapping[str, str]) -> bytes:
        data = self._decrypt(sha256, keys)
        if hashlib.sha256(data).hexdigest() != plain:
            raise BundleWrong(f"medium {plain} has another digest")
        return data

    def _decrypt(self, sha256: str, keys: Mapping[str, str]) -> bytes:
        path = self._folder / sha256
        if sha256 not in keys or not path.exists():
            raise BundleWrong(f"bundle {sha256}: no key or no file")
        try:
            return pyrage.decrypt(path.read_bytes(), [pyrage.x25519.Identity.from_str(keys[sha256])])
        except (pyrage.DecryptError, pyrage.IdentityError) as error:
            raise BundleWrong(f"bundle {sha256}: {error}") from error


def copy_body(response: httpx.Response, write: Callable[[bytes], object]) -> None:
    """Raises ServerAway when the body breaks off; what came before it is kept."""
    try:
        # As it comes: blocks of a fixed size would lose what came before the break.
        for block in response.iter_bytes():
            write(block)
    except httpx.HTTPError as error:
        raise ServerAway(str(error)) from error


def check_digest(path: Path, sha256: str) -> None:
    """Raise BundleWrong, and remove the file, unless its bytes have this digest."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(CHUNK):
            digest.update(block)
    if digest.hexdigest() != sha256:
        path.unlink()
        raise BundleWrong(f"{path.name} has another digest")
