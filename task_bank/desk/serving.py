"""Serving the desk on loopback until the author ends it."""
from collections.abc import Callable

from flask import Flask
from waitress.server import create_server

HOST = "127.0.0.1"


def serve_desk(app: Flask, port: int, announce: Callable[[str], object]) -> None:
    """Answer on a port of this computer, 0 = a free one; `announce` is told the address. Ends with Ctrl+C."""
    server = create_server(app, host=HOST, port=port, threads=4, ident=None)
    announce(f"http://{HOST}:{server.effective_port}/")
    try:
        server.run()
    except KeyboardInterrupt:
        server.close()
