"""Who may talk to the agent: the one page that was opened with a launch token, on loopback, and nobody else.

Takes requests; lets through those with the right Host, Origin and cookie. A launch token works once; the session it
opens outlives a restart of the agent, so that the page goes on by itself.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, abort, redirect, request
from werkzeug.wrappers import Response as BaseResponse

SESSION = "page_session"
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
                               "object-src 'none'",
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin", "X-Frame-Options": "DENY",
}
_SAFE = ("GET", "HEAD")
_LAUNCH = "/launch/"


class Guard:
    """`get`/`put` keep the digest of the open session (the cookie itself is never stored)."""

    def __init__(self, port: int, get: Callable[[str], Any], put: Callable[[str, Any], None]) -> None:
        self.port = port
        self._get, self._put = get, put
        self._tokens: set[str] = set()
        self._lock = threading.Lock()
        self._origins = {f"http://127.0.0.1:{port}", f"http://localhost:{port}"}
        self._cookie = f"kiosk-{port}"

    def make_launch_address(self) -> str:
        """An address that opens the page once."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._tokens.add(token)
        return f"http://127.0.0.1:{self.port}{_LAUNCH}{token}"

    def install(self, app: Flask) -> None:
        """Check every request of the application and finish every answer."""
        app.before_request(self._check)
        app.after_request(self._finish)
        app.add_url_rule(f"{_LAUNCH}<token>", "launch", self._launch)

    def _check(self) -> None:
        if f"http://{request.host}" not in self._origins:
            abort(421)
        origin = request.headers.get("Origin")
        if origin is not None and origin not in self._origins:
            abort(403)
        if request.method not in _SAFE and origin is None:
            abort(403)
        if not request.path.startswith(_LAUNCH) and not self._is_known(request.cookies.get(self._cookie, "")):
            abort(401)

    def _is_known(self, cookie: str) -> bool:
        kept = self._get(SESSION)
        return isinstance(kept, str) and secrets.compare_digest(kept, _digest(cookie))

    def _launch(self, token: str) -> BaseResponse:
        with self._lock:
            if token not in self._tokens:
                abort(401)
            self._tokens.remove(token)
        cookie = secrets.token_urlsafe(32)
        # Opening the page again closes the session before: one seat, one page.
        self._put(SESSION, _digest(cookie))
        response = redirect("/", 303)
        response.set_cookie(self._cookie, cookie, httponly=True, samesite="Strict", path="/")
        return response

    def _finish(self, response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response


def _digest(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
