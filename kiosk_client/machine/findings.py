"""A finding: what was looked at, how good it is, one sentence in Russian and English.

Takes a code of `words` and facts; gives findings and the contract's form of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from kiosk_client.machine.words import WORDS
from testing_server.contracts.messages import CheckFinding, CheckWord

TEXT_LIMIT = 400


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `facts` fill the sentence."""

    code: str
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        """What was looked at: disk, clock, sleep…"""
        return WORDS[self.code][0]

    @property
    def word(self) -> CheckWord:
        """good, attention or stop."""
        return CheckWord(WORDS[self.code][1])

    def text(self, language: str) -> str:
        """The sentence, in "ru" or "en"."""
        template = WORDS[self.code][3 if language == "en" else 2]
        return template.format(**self.facts)[:TEXT_LIMIT]

    def as_message(self) -> CheckFinding:
        """As it travels to the server and to the page."""
        return CheckFinding(subject=self.subject, word=self.word, code=self.code, ru=self.text("ru"),
                            en=self.text("en"))


def find(code: str, **facts: object) -> Finding:
    """A finding with its facts as text. Raises KeyError for a code that has no words."""
    if code not in WORDS:
        raise KeyError(code)
    return Finding(code, {name: str(value) for name, value in facts.items()})


def is_ready(findings: Iterable[Finding]) -> bool:
    """Whether nothing stops an exam here."""
    return all(finding.word is not CheckWord.STOP for finding in findings)
