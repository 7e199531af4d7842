"""Serving: how the core and files processes listen.

Takes an application factory and settings. Gives gunicorn on the network port (TLS) and on loopback (plain).
"""
from testing_server.foundation.serving.core import serve_core
from testing_server.foundation.serving.disk import DiskTooFull, check_disk
from testing_server.foundation.serving.plain import PlainNetworkRefused, check_exposure

__all__ = ["DiskTooFull", "PlainNetworkRefused", "check_disk", "check_exposure", "serve_core"]
