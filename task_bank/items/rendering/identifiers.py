"""Names a candidate's page knows instead of the author's: opaque, new in every variant, with a map back.

A choice's name is made of the item's opaque id and its place in the order of delivery (after shuffling), so it
carries nothing of the original, and no two variants share one.
"""
import hashlib


class Identifiers:
    """Opaque names of one rendered item. `item` is the opaque id of the item itself."""

    def __init__(self, item: str) -> None:
        self.item = item
        self.responses: dict[str, str] = {}
        self.choices: dict[str, str] = {}

    def name_response(self, original: str) -> str:
        """Opaque name of a response variable; the same original keeps its name."""
        for opaque, known in self.responses.items():
            if known == original:
                return opaque
        return self._add(self.responses, "r", original)

    def name_choice(self, original: str) -> str:
        """A fresh opaque name for a choice; choices of two interactions may share an original."""
        return self._add(self.choices, "c", original)

    def _make_name(self, letter: str, number: int) -> str:
        if letter == "r":
            return f"r{number}"
        return letter + hashlib.sha256(f"{self.item}/{letter}/{number}".encode()).hexdigest()[:8]

    def _add(self, names: dict[str, str], letter: str, original: str) -> str:
        opaque = self._make_name(letter, len(names) + 1)
        names[opaque] = original
        return opaque


class PlainIdentifiers(Identifiers):
    """Names left as the author wrote them: only for tests that show what redaction removes."""

    def _add(self, names: dict[str, str], letter: str, original: str) -> str:
        names[original] = original
        return original
