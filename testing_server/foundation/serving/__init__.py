"""Serving: how the core and files processes listen.

Takes an application factory and settings. Gives gunicorn on the network port (TLS) and on loopback (plain).
"""
