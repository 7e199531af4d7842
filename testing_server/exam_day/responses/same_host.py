"""The files process answers pages of its own host: a seat without installation is a page of the core's port.

Takes a Flask application; lets through what a browser asks before a request to another port, and names the origin. A
token in the header is still needed for everything else: no cookie is ever looked at here.
"""
from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, request

METHODS = "GET, PUT"
HEADERS = "Authorization, Content-Type, Protocol, Range"
ASKED_AGAIN_SECONDS = "600"


def is_same_host(origin: str, host: str) -> bool:
    """Whether an origin's host is the one that was asked, whatever the ports."""
    try:
        return bool(origin) and urlsplit(origin).hostname == urlsplit(f"//{host}").hostname
    except ValueError:
        return False


def answer_same_host(app: Flask) -> None:
    """Call before the token is checked: a browser's question carries none."""
    @app.before_request
    def answer_question() -> Response | None:
        is_question = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        return Response(status=204) if is_question else None

    @app.after_request
    def name_origin(response: Response) -> Response:
        origin = request.headers.get("Origin", "")
        response.vary.add("Origin")
        if is_same_host(origin, request.host):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Methods"] = METHODS
            response.headers["Access-Control-Allow-Headers"] = HEADERS
            response.headers["Access-Control-Max-Age"] = ASKED_AGAIN_SECONDS
        return response
