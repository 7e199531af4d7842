"""Downloads by range from the files process. Takes a token for one digest; gives the bytes.

The core signs an address (`sign_download`), the files process checks it without asking the core: they share the
MAC key of data/run.
"""
from flask import Flask, Response, jsonify, request, send_file

from testing_server.foundation.clock import Clock
from testing_server.foundation.files.store import FileMissing, FolderStore
from testing_server.foundation.keys import obtain_key
from testing_server.foundation.refusals import NotAllowed, Refusal
from testing_server.foundation.settings import Settings
from testing_server.foundation.tokens import BadToken, make_token, read_token

KIND = "download"


def sign_download(mac_key: bytes, sha256: str, expires_ms: int) -> str:
    """The token that lets its bearer download this one content until `expires_ms`."""
    return make_token(mac_key, sha256, KIND, expires_ms)


def make_downloads_app(settings: Settings, clock: Clock) -> Flask:
    """One endpoint, GET /v1/files/<sha256>?token=…; a stage's files process builds on it."""
    app = Flask("testing_server.files", static_folder=None)
    key = obtain_key(settings.mac_folder, "mac.key")
    store = FolderStore(settings.data / "files")

    @app.get("/v1/files/<sha256>")
    def download(sha256: str) -> Response:
        check_download(key, sha256, clock.now_ms())
        if not store.has(sha256):
            raise FileMissing()
        return send_file(store.path(sha256), mimetype="application/octet-stream", conditional=True, etag=sha256)

    @app.errorhandler(Refusal)
    def refuse(refusal: Refusal) -> tuple[Response, int]:
        return jsonify({"code": refusal.code, "details": refusal.details}), refusal.status

    return app


def check_download(key: bytes, sha256: str, now_ms: int) -> None:
    """Raises NotAllowed unless the request carries a token for this very content."""
    try:
        token = read_token(key, request.args.get("token", ""), KIND, now_ms)
    except BadToken as error:
        raise NotAllowed() from error
    if token.subject != sha256:
        raise NotAllowed()
