"""Files given as answers, as they arrive: pieces appended in order, made durable, named by their digest when whole.

Takes a folder. Gives `PieceStore.put`, which answers how many bytes are safe: there the seat goes on.
"""
from __future__ import annotations

import os
import re
import threading
from pathlib import Path

from flask_babel import lazy_gettext as _

from testing_server.contracts.file_answers import DIGEST, MAX_ATTEMPT_BYTES, MAX_FILE_BYTES
from testing_server.exam_day.responses.parts import PART_LIMIT
from testing_server.foundation.files.durable import sync_or_end
from testing_server.foundation.files.store import digest_file, make_durable
from testing_server.foundation.refusals import Refusal

ATTEMPT = re.compile(r"[0-9a-f-]{36}")
FOLDER = "answer-files"
UNFINISHED = ".part"
ATTEMPTS_AT_ONCE = 64


class BadPiece(Refusal):
    code = "bad_piece"
    status = 400
    message = _("Часть файла описана неверно.")


class FileTooLarge(Refusal):
    code = "too_large"
    status = 413
    message = _("Файл больше 20 мегабайт, или файлы участника вместе больше 64 мегабайт.")


class FileDamaged(Refusal):
    code = "digest_mismatch"
    status = 422
    message = _("Файл пришёл повреждённым.")
    remedy = _("Он будет отправлен ещё раз.")


def answer_file_path(data: Path, attempt: str, sha256: str) -> Path:
    """Where a whole file lies: answer-files/<attempt>/<sha256>."""
    return data / FOLDER / attempt / sha256


class PieceStore:
    """The one writer of data/answer-files."""

    def __init__(self, data: Path) -> None:
        self._data = data
        # of two candidates at once: their fsyncs need not wait in line
        self._locks = [threading.Lock() for _ in range(ATTEMPTS_AT_ONCE)]

    def put(self, attempt: str, sha256: str, offset: int, length: int, body: bytes) -> int:
        """Keep a piece of a file of `length` bytes; bytes that are durable from the start.

        A piece that does not begin there is left alone: the seat hears where to go on. Raises BadPiece, FileTooLarge,
        FileDamaged (then nothing of the file is kept).
        """
        if not ATTEMPT.fullmatch(attempt) or not DIGEST.fullmatch(sha256) or min(offset, length) < 0:
            raise BadPiece()
        if len(body) > PART_LIMIT or length > MAX_FILE_BYTES:
            raise FileTooLarge()
        whole = answer_file_path(self._data, attempt, sha256)
        with self._locks[hash(attempt) % ATTEMPTS_AT_ONCE]:
            if whole.exists():
                return length
            return self._append(whole, offset, length, body)

    def _append(self, whole: Path, offset: int, length: int, body: bytes) -> int:
        part = whole.with_suffix(UNFINISHED)
        here = part.stat().st_size if part.exists() else 0
        if offset != here or offset + len(body) > length:
            return min(here, length)
        if sum(path.stat().st_size for path in whole.parent.glob("*")) + len(body) > MAX_ATTEMPT_BYTES:
            raise FileTooLarge()
        _append_durably(part, body)
        if offset + len(body) == length:
            _finish(part, whole)
        return offset + len(body)


def _append_durably(part: Path, body: bytes) -> None:
    part.parent.mkdir(parents=True, exist_ok=True)
    with open(part, "ab") as file:
        file.write(body)
        file.flush()
        sync_or_end(file.fileno())


def _finish(part: Path, whole: Path) -> None:
    if digest_file(part) != whole.name:
        part.unlink()
        raise FileDamaged()
    os.replace(part, whole)
    make_durable(whole.parent)
    make_durable(whole.parent.parent)
