"""Why an answer may be handed to the head, and what the head may do with it. Pure."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal
from testing_server.marking.review.rules import check_reason

# the first is what cannot wait: it stands first at the head's too
KINDS = {
    "alarming_content": _("тревожное содержание"),
    "name_heard": _("звучит или написано имя"),
    "technical_fault": _("технический сбой"),
    "not_audible": _("не слышно"),
    "other_language": _("другой язык"),
    "other": _("другое"),
}
DECISIONS = ("queue", "points", "zero", "sent")
COORDINATOR = "coordinator"


class UnknownKind(Refusal):
    code = "unknown_kind"
    status = 422
    message = _("Выберите причину из списка.")


class AlreadyDecided(Refusal):
    code = "referral_decided"
    status = 409
    message = _("По этому ответу решение уже принято.")


class UnknownDecision(Refusal):
    code = "unknown_decision"
    status = 422
    message = _("Выберите, что делать с ответом.")


def check_referral(kind: str, reason: str) -> str:
    """The expert's words, trimmed. A named kind speaks for itself, "other" needs words.

    Raises UnknownKind, ReasonMissing.
    """
    if kind not in KINDS:
        raise UnknownKind()
    return check_reason(reason) if kind == "other" else reason.strip()[:2_000]


def order_kinds(kind: str) -> int:
    """Place of a kind: what cannot wait comes first."""
    return list(KINDS).index(kind) if kind in KINDS else len(KINDS)
