"""Files are sent by nginx where one stands in front: a page's process that sent them itself would keep answers waiting.

Takes responses of `send_file`. Gives a word to nginx: which file of the data folder, under the address `/.files/`.
"""
from pathlib import Path
from urllib.parse import quote

from flask import Flask, Response

from testing_server.foundation.settings import Settings

ADDRESS = "/.files/"


def send_by_proxy(app: Flask, settings: Settings) -> None:
    """Joins the application where settings say that nginx sends files."""
    if not settings.sent_by_proxy:
        return
    app.config["USE_X_SENDFILE"] = True
    data = settings.data.absolute()

    @app.after_request
    def name_file(response: Response) -> Response:
        path = response.headers.pop("X-Sendfile", None)
        return response if path is None else hand_over(response, Path(path), data)


def hand_over(response: Response, path: Path, data: Path) -> Response:
    """A file of the data folder goes by nginx; any other one, as what was made for this request alone, from here."""
    if path.absolute().is_relative_to(data):
        response.headers["X-Accel-Redirect"] = ADDRESS + quote(path.absolute().relative_to(data).as_posix())
        # nginx finds length and range by itself
        response.headers.pop("Content-Range", None)
        response.status_code, response.direct_passthrough = 200, False
        response.set_data(b"")
    else:
        response.response, response.direct_passthrough = path.open("rb"), True
    return response
