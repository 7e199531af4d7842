"""Why the seat did not do what it was asked: one class per reason, each with a code the page has words for."""

from __future__ import annotations


class SeatRefusal(Exception):
    """Base of every refusal of the agent; `code` is stable, the text is for a log."""

    code = "refused"

    def __init__(self, details: str = "") -> None:
        super().__init__(details or self.code)
        self.details = details


class NotNow(SeatRefusal):
    """The stage, a pause or the end of the work does not allow it."""

    code = "not_now"


class UnknownItem(SeatRefusal):
    """No such item or response in this variant."""

    code = "unknown_item"


class BadAnswer(SeatRefusal):
    """The value has not the form of the interaction's answers."""

    code = "bad_answer"


class PlaysOver(SeatRefusal):
    """Every hearing has been had."""

    code = "no_plays_left"


class LoginWrong(SeatRefusal):
    """The typed login is not eight digits with the right check digit, or the server does not know it."""

    code = "login_wrong"


class ServerAway(SeatRefusal):
    """The classroom server does not answer."""

    code = "server_away"


class PairingRefused(SeatRefusal):
    """The digits were not confirmed, or the server is not the one it claims to be."""

    code = "pairing_refused"


class MicrophoneRefused(SeatRefusal):
    """The microphone does not open; `code` is the one of `audio.faults`."""

    def __init__(self, code: str, details: str = "") -> None:
        super().__init__(details)
        self.code = code


class JournalFull(SeatRefusal):
    """The disk has no room for one more event."""

    code = "disk_full"


class FileTooLarge(SeatRefusal):
    """A file given as an answer is empty, too large, or too large together with the others."""

    code = "file_too_large"


class FileMissing(SeatRefusal):
    """A file given as an answer does not lie on this computer."""

    code = "file_missing"


class BundleWrong(SeatRefusal):
    """A bundle's bytes differ from its digest or its key does not open it."""

    code = "bundle_wrong"


class AlreadyRunning(SeatRefusal):
    """Another agent uses this data folder."""

    code = "already_running"


class DiskTooFull(SeatRefusal):
    """Too little room to begin."""

    code = "disk_low"
