"""The files process's side of the handover: parts of recordings and files of answers, for another server of the school.

Takes the application and the data folder; adds endpoints that only a token of the school opens (`files_app` checks it).
"""
from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec
from flask import Flask, Response, request, send_file

from testing_server.contracts.handover import FILES, PARTS, HandedFile, HandedFiles, HandedPart, HandedParts
from testing_server.exam_day.responses.parts import RecordingName, read_parts, recording_path
from testing_server.exam_day.responses.pieces import ATTEMPT, FOLDER, UNFINISHED, BadPiece, answer_file_path

PAGE_PARTS = 64
PAGE_BYTES = 4 * 1024 * 1024
Row = tuple[int, str, int, int, int, int, int, str]
COLUMNS = "rowid, attempt, lease, number, part_no, offset, length, sha256"


def share_handover(app: Flask, data: Path) -> None:
    """Parts page by page, the list of answers' files, and each of them."""
    @app.get(PARTS)
    def give_parts() -> Response:
        return Response(make_parts_page(data, request.args.get("after", 0, type=int)),
                        mimetype="application/octet-stream")

    @app.get(FILES)
    def list_files() -> Response:
        return Response(msgspec.json.encode(HandedFiles(files=list_whole_files(data))), mimetype="application/json")

    @app.get(f"{FILES}/<attempt>/<sha256>")
    def give_file(attempt: str, sha256: str) -> Response:
        path = answer_file_path(data, attempt, sha256)
        if not ATTEMPT.fullmatch(attempt) or path.suffix or not path.is_file():
            raise BadPiece()
        return send_file(path.absolute(), "application/octet-stream")


def make_parts_page(data: Path, after: int) -> bytes:
    """The list's line, then the sound. A place beyond the end begins again from the first part."""
    with read_parts(data) as database:
        if database is None:
            return msgspec.json.encode(HandedParts(next=0, behind_bytes=0)) + b"\n"
        last = database.execute("SELECT max(rowid) FROM part").fetchone()[0] or 0
        after = after if after <= last else 0
        rows = _choose_rows(database, after)
        after = rows[-1][0] if rows else after
        behind = database.execute("SELECT total(length) FROM part WHERE rowid > ?", (after,)).fetchone()[0]
    parts = [HandedPart(attempt=row[1], lease=row[2], number=row[3], part_no=row[4], offset=row[5], length=row[6],
                        sha256=row[7]) for row in rows]
    page = HandedParts(next=after, behind_bytes=int(behind), parts=parts)
    return msgspec.json.encode(page) + b"\n" + b"".join(_read_part(data, part) for part in parts)


def _choose_rows(database: sqlite3.Connection, after: int) -> list[Row]:
    """Up to a page's bytes, at least one where there is one."""
    chosen: list[Row] = []
    size = 0
    for row in database.execute(f"SELECT {COLUMNS} FROM part WHERE rowid > ? ORDER BY rowid LIMIT ?",
                                (after, PAGE_PARTS)):
        size += row[6]
        if chosen and size > PAGE_BYTES:
            break
        chosen.append(row)
    return chosen


def _read_part(data: Path, part: HandedPart) -> bytes:
    """As many bytes as the list says; those of a file that is gone (a purge) are zeros, which its digest refuses."""
    name = RecordingName(part.attempt, part.lease, part.number)
    try:
        with open(recording_path(data / "recordings", name), "rb") as file:
            file.seek(part.offset)
            return file.read(part.length).ljust(part.length, b"\0")
    except FileNotFoundError:
        return bytes(part.length)


def list_whole_files(data: Path) -> list[HandedFile]:
    """By attempt and digest."""
    return [HandedFile(attempt=path.parent.name, sha256=path.name, length=path.stat().st_size)
            for path in sorted((data / FOLDER).glob("*/*")) if path.suffix != UNFINISHED]
