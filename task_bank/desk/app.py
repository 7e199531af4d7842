"""The desk as a web application for one author at one computer: takes a package, gives a Flask application.

Keys are on these pages, so it answers only on loopback and only to pages of its own.
"""
import hashlib
import io
import mimetypes
from typing import Any

import msgspec
from flask import Flask, Response, abort, render_template, request, send_file, send_from_directory
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from task_bank.assessments import Position
from task_bank.desk.players import PLAYER, find_player
from task_bank.desk.sheets import Sheet, make_sheet, score_tried
from task_bank.items import AssessmentPackage, ItemFile, PackageError
from task_bank.items.findings import Finding

HOSTS = frozenset({"127.0.0.1", "localhost"})
POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
MOST_FILE_BYTES = 20 * 1024 * 1024
PLAYER_FILES = ("player.js", "player.css")


class Desk:
    """One package on the desk; `findings` are those of its check, shown beside the items they speak of."""

    def __init__(self, package: AssessmentPackage, findings: list[Finding]) -> None:
        self.package, self.findings = package, findings
        self.places: dict[str, Position] = {
            identifier: position for position in package.assessment.positions for identifier in position.pool}
        self._sheets: dict[tuple[str, int], Sheet] = {}
        self._media: dict[str, tuple[bytes, str]] = {}
        self._files: dict[str, tuple[bytes, str]] = {}

    def find(self, identifier: str) -> tuple[ItemFile, Position]:
        """An item and its position; 404 for another one."""
        if identifier not in self.places or identifier not in self.package.items:
            abort(404)
        return self.package.items[identifier], self.places[identifier]

    def open_sheet(self, identifier: str, order: int) -> Sheet:
        """The item on the desk, rendered once for each order. Raises PackageError."""
        known = self._sheets.get((identifier, order))
        if known is None:
            item, position = self.find(identifier)
            known = self._sheets[identifier, order] = make_sheet(self.package, item, position, order)
            self._media.update({name_medium(sha256, one.type): (one.data, one.type)
                                for sha256, one in known.media.items()})
        return known

    def list_findings(self, path: str) -> list[Finding]:
        """What the check says of one file."""
        return [one for one in self.findings if one.file == path]

    def read_medium(self, name: str) -> tuple[bytes, str]:
        """Bytes and media type of a picture or sound of a sheet that was opened; 404 for another one."""
        return self._media[name] if name in self._media else abort(404)

    def list_media(self) -> list[str]:
        """Names of the media of every sheet that was opened."""
        return sorted(self._media)

    def keep_file(self, data: bytes, kind: str, name: str) -> str:
        """A file tried as an answer, in memory only; its reference."""
        if sum(len(known) for known, _ in self._files.values()) + len(data) > 3 * MOST_FILE_BYTES:
            self._files.clear()
        sha256 = hashlib.sha256(data).hexdigest()
        self._files[sha256] = (data, kind)
        return f"{sha256} {len(data)} {kind} {name}"

    def read_file(self, sha256: str) -> tuple[bytes, str]:
        """A file that was tried; 404 for another one."""
        return self._files[sha256] if sha256 in self._files else abort(404)


def make_desk(package: AssessmentPackage, findings: list[Finding] | None = None) -> Flask:
    """The application; see Desk."""
    desk = Desk(package, findings or [])
    app = Flask("task_bank.desk", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_FILE_BYTES + 1024
    app.extensions["desk"] = desk
    app.before_request(_refuse_strangers)
    app.after_request(_add_headers)
    app.register_error_handler(PackageError, _show_trouble)
    app.register_error_handler(HTTPException, _show_refusal)
    _add_pages(app, desk)
    _add_files(app, desk)
    return app


def name_medium(sha256: str, kind: str) -> str:
    """The name of a medium in an address: pages saved in a folder need the ending."""
    return f"{sha256}{mimetypes.guess_extension(kind) or ''}"


def _add_pages(app: Flask, desk: Desk) -> None:
    @app.get("/")
    @app.get("/index.html")
    def show_items() -> str:
        items = {identifier: (position, desk.package.items.get(identifier))
                 for identifier, position in desk.places.items()}
        known = {item.path for _, item in items.values() if item is not None}
        return render_template("items.html", package=desk.package, items=items, desk=desk,
                               others=[one for one in desk.findings if one.file not in known])

    @app.get("/items/<identifier>.html")
    def show_item(identifier: str) -> str:
        item, position = desk.find(identifier)
        sheet = desk.open_sheet(identifier, _read_order())
        return render_template("item.html", package=desk.package, item=item, position=position, sheet=sheet,
                               order=_read_order(), findings=desk.list_findings(item.path),
                               around=_around(desk, identifier), shown=_show_media(sheet), name_medium=name_medium)

    @app.get("/items/<identifier>.json")
    def send_item(identifier: str) -> Response:
        sheet = desk.open_sheet(identifier, _read_order())
        names = {sha256: name_medium(sha256, one.type) for sha256, one in sheet.media.items()}
        return _answer({"item": sheet.data, "media": names, "answer": sheet.answer})

    @app.post("/items/<identifier>/score")
    def score(identifier: str) -> Response:
        responses = _read_responses()
        return _answer(score_tried(desk.package, desk.open_sheet(identifier, _read_order()), responses))


def _add_files(app: Flask, desk: Desk) -> None:
    @app.get("/media/<name>")
    def send_medium(name: str) -> BaseResponse:
        data, kind = desk.read_medium(name)
        return send_file(io.BytesIO(data), kind, conditional=True, etag=name)

    @app.post("/files")
    def keep_file() -> Response:
        reference = desk.keep_file(request.get_data(), request.mimetype or "application/octet-stream", "answer")
        return _answer({"reference": reference})

    @app.get("/files/<sha256>")
    def send_tried_file(sha256: str) -> BaseResponse:
        data, kind = desk.read_file(sha256)
        is_picture = kind in ("image/png", "image/jpeg", "image/gif", "image/webp")
        return send_file(io.BytesIO(data), kind if is_picture else "application/octet-stream",
                         as_attachment=not is_picture, download_name="answer")

    @app.get("/favicon.ico")
    def send_nothing() -> tuple[str, int]:
        return "", 204

    @app.get("/static/<name>")
    def send_static(name: str) -> BaseResponse:
        folder = find_player() if name in PLAYER_FILES and (find_player() / name).exists() else PLAYER
        return send_from_directory(folder if name in PLAYER_FILES else f"{app.root_path}/static", name)


def _refuse_strangers() -> None:
    """Only pages of this desk, by its own address: a page of the internet must not read keys."""
    if request.host.partition(":")[0] not in HOSTS:
        abort(421)
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{request.host}":
        abort(403)


def _add_headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def _show_trouble(problem: PackageError) -> tuple[str, int]:
    return render_template("trouble.html", text=str(problem)), 422


def _show_refusal(refusal: HTTPException) -> tuple[str, int]:
    code = refusal.code or 500
    return render_template("trouble.html", text="Такой страницы нет." if code == 404 else refusal.name), code


def _read_order() -> int:
    return request.args.get("order", 1, type=int)


def _read_responses() -> dict[str, Any]:
    try:
        body = msgspec.json.decode(request.get_data(), type=dict[str, str | list[str] | None])
    except msgspec.MsgspecError:
        abort(400)
    return body


def _answer(body: object) -> Response:
    return Response(msgspec.json.Encoder(decimal_format="number").encode(body), mimetype="application/json")


def _around(desk: Desk, identifier: str) -> tuple[str | None, str | None]:
    """The item before and the item after."""
    names = list(desk.places)
    place = names.index(identifier)
    return names[place - 1] if place else None, names[place + 1] if place + 1 < len(names) else None


def _show_media(sheet: Sheet) -> str:
    """The item's HTML with addresses of this desk: it reads before a line of script runs."""
    shown: str = sheet.data["html"]
    for sha256, one in sheet.media.items():
        shown = shown.replace(f'"media/{sha256}"', f'"../media/{name_medium(sha256, one.type)}"')
    return shown
