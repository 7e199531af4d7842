"""Headers every answer carries. Takes a response; gives it back closed to strangers' scripts and frames."""
from flask import Flask, Response, request

from testing_server.foundation.headers import HEADERS, POLICY

__all__ = ["HEADERS", "POLICY", "add_headers"]


def add_headers(app: Flask) -> None:
    """A view may set a stricter header itself; it cannot leave one out."""
    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if request.is_secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        return response
