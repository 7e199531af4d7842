"""Making an export in the worker, which reads the database itself and tells the core; and deleting it days later."""
from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from testing_server.preparation.exports.kinds import Asked, find_kind
from testing_server.foundation.jobs import JobContext, job
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.storage.reading import read_apart
from testing_server.foundation.web.languages import speak_apart
from testing_server.foundation.workbooks.writing import Book, write_book

TELL_EVERY_S = 1.0
Tell = Callable[..., Any]


@job(attempts=3)
def make_export(context: JobContext, export: str) -> None:
    """Repeatable: the file of an attempt that died is deleted first, one that is ready is left as it is."""
    def tell(verb: str, **body: Any) -> Any:
        return context.report_to_core(f"/v1/internal/exports/{export}", {"verb": verb, **body})
    order = tell("begin")
    if not order:
        return
    if order["left"]:
        context.files.delete(order["left"])
    try:
        with speak_apart(order["language"]):
            content = write_book(count_rows(_read(context, order), tell))
    except Refusal as refusal:
        tell("stop", reason=str(refusal.message))
        return
    except Exception:
        tell("stop", reason="")
        raise
    kept = mark_content(export) + content
    tell("store", sha256=hashlib.sha256(kept).hexdigest())
    context.files.add(kept)
    tell("end", size_bytes=len(content))


@job(attempts=20, retry_delay_s=3600)
def delete_export(context: JobContext, export: str) -> None:
    """When its days are over."""
    path = f"/v1/internal/exports/{export}"
    sha256 = context.report_to_core(path, {"verb": "expire"})["sha256"]
    if sha256:
        context.files.delete(sha256)
    context.report_to_core(path, {"verb": "forget"})


def mark_content(export: str) -> bytes:
    """What stands before a workbook in the store: nothing else there has its digest, and deleting it takes nothing
    from whoever sends the same workbook back."""
    return f"export {export}\n".encode()


def count_rows(book: Book, tell: Tell) -> Book:
    """The same book, whose rows tell now and then how many of them are written."""
    read = [list(sheet.rows) for sheet in book.sheets]
    counter = RowCounter(sum(map(len, read)), tell)
    return replace(book, sheets=[
        replace(sheet, rows=counter.count(rows)) for sheet, rows in zip(book.sheets, read, strict=True)])


class RowCounter:
    """How many of `whole` rows went by."""

    def __init__(self, whole: int, tell: Tell, now_s: Callable[[], float] = time.monotonic) -> None:
        self._done, self._whole, self._tell, self._now_s = 0, whole, tell, now_s
        self._told_s = now_s()
        tell("progress", done=0, whole=whole)

    def count(self, rows: Sequence[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        """The same rows."""
        for row in rows:
            self._done += 1
            if self._now_s() - self._told_s >= TELL_EVERY_S:
                self._told_s = self._now_s()
                self._tell("progress", done=self._done, whole=self._whole)
            yield row


def _read(context: JobContext, order: dict[str, Any]) -> Book:
    """One moment of the database, held no longer than it is read."""
    asked = Asked(order["territory"] or None, order["arguments"], context.settings.data, context.clock.now_ms())
    with read_apart(context.settings.storage_url) as session:
        return find_kind(order["kind"]).compose(session, asked)
