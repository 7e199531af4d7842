"""The messages kiosk, classroom and hub exchange, and the pure rules that both sides share.

Nothing here knows Flask, a database, a sound card or a clock: time and chance come in as arguments.
The only part of the server that a kiosk imports.
"""
