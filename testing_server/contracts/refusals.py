"""Why something said over the wire was not accepted; each class is one reason with a stable code."""

from __future__ import annotations


class ContractRefusal(ValueError):
    """A message broke the protocol. `code` is the word that travels; the text is for a log."""

    code = "bad_request"


class BadEvent(ContractRefusal):
    """An event line that cannot be read, or whose fields are not of the protocol's form."""

    code = "bad_event"


class BrokenChain(BadEvent):
    """An event does not follow from the one before it (number or digest)."""

    code = "broken_chain"


class BadStatement(ContractRefusal):
    """A signed envelope that cannot be read."""

    code = "bad_statement"


class BadSignature(BadStatement):
    """The envelope is well formed, but no trusted key signed these bytes."""

    code = "bad_signature"


class UnknownKey(BadStatement):
    """The envelope names a key this side does not know."""

    code = "unknown_key"


class MoveRefused(ContractRefusal):
    """A thing with a life was asked for a move that its table does not list."""

    code = "wrong_state"

    def __init__(self, thing: str, current: str, wanted: str) -> None:
        super().__init__(f"{thing}: {current} -> {wanted} is not a move")
        self.thing, self.current, self.wanted = thing, current, wanted


class NumberWrong(ContractRefusal):
    """Digits typed by a person whose check digit does not fit."""

    code = "wrong_digits"

    def __init__(self, message: str, group: int | None = None) -> None:
        super().__init__(message)
        self.group = group
