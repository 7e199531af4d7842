"""Memory that outlives a crash and never touches a disk.

Takes small secrets by name (the unlocked school key). Gives them to a restarted child of the same supervisor:
the bytes live in a Linux memfd that children inherit. Where there is none, nothing is kept and a person unlocks
again after a crash.
"""
import base64
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

VARIABLE = "TESTING_SERVER_MEMORY"
LIMIT = 64 * 1024


class MemoryKeeper:
    """A dictionary of bytes in a file that has no name."""

    def __init__(self, descriptor: int | None) -> None:
        self.descriptor = descriptor

    @classmethod
    def create(cls) -> "MemoryKeeper":
        """Made by the supervisor, before its children."""
        if not hasattr(os, "memfd_create"):
            return cls(None)
        descriptor = os.memfd_create("testing-server", os.MFD_CLOEXEC)
        os.ftruncate(descriptor, LIMIT)
        return cls(descriptor)

    @classmethod
    def inherit(cls, environ: Mapping[str, str]) -> "MemoryKeeper":
        """In a child: the supervisor's memory, or one that keeps nothing when there is no supervisor."""
        text = environ.get(VARIABLE, "")
        return cls(int(text) if text.isdecimal() else None)

    @property
    def keeps(self) -> bool:
        """Whether what is put here will be found after a crash."""
        return self.descriptor is not None

    def put(self, name: str, secret: bytes) -> None:
        """Remembers `secret`. Raises ValueError when all secrets together exceed the limit."""
        with self._locked() as content:
            content[name] = base64.b64encode(secret).decode()

    def get(self, name: str) -> bytes | None:
        """What was put under `name`, or None."""
        with self._locked() as content:
            return base64.b64decode(content[name]) if name in content else None

    def forget(self, name: str) -> None:
        """Overwrites the secret; an unknown name is no error."""
        with self._locked() as content:
            content.pop(name, None)

    @contextmanager
    def _locked(self) -> Iterator[dict[str, str]]:
        if self.descriptor is None:
            yield {}
            return
        # POSIX locks belong to the process, so children that share the descriptor still exclude each other
        fcntl.lockf(self.descriptor, fcntl.LOCK_EX)
        try:
            raw = os.pread(self.descriptor, LIMIT, 0).rstrip(b"\0")
            content: dict[str, str] = json.loads(raw) if raw else {}
            yield content
            changed = json.dumps(content).encode()
            if len(changed) > LIMIT:
                raise ValueError("too many secrets to keep")
            os.pwrite(self.descriptor, changed.ljust(LIMIT, b"\0"), 0)
        finally:
            fcntl.lockf(self.descriptor, fcntl.LOCK_UN)
