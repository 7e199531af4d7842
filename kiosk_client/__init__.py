"""One workstation: an agent with a journal, an outbox, a recorder and a page on loopback.

Of this project it imports `audio` and `testing_server.contracts`, nothing else.
"""

SOFTWARE = "kiosk-client/0.1.0"
