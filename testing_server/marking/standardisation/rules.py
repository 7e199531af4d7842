"""Who may begin to mark and who drifts, from how they marked answers whose points were agreed. Pure."""

from __future__ import annotations

import hashlib
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal
from testing_server.marking.standardisation.scales import find_least

USES = ("practice", "qualification", "control")
# fewer control answers than this say nothing; of more than the window only the newest count
FEWEST, WINDOW = 5, 20
LARGEST_SEVERITY = 0.1
Z_95 = 1.96
# Student's t, two-sided 99 %, for 4 … 19 degrees of freedom: each new control answer is another look
T_99 = (4.604, 4.032, 3.707, 3.499, 3.355, 3.250, 3.169, 3.106, 3.055, 3.012, 2.977, 2.947, 2.921, 2.898, 2.878, 2.861)


class UnknownUse(Refusal):
    code = "unknown_use"
    status = 422
    message = _("Выберите, чем станет ответ: пробным, зачётным или контрольным.")


class NotYours(Refusal):
    code = "not_yours"
    status = 409
    message = _("Эталоном становится ответ, который вы сами проверили.")
    remedy = _("Проверьте ответ на своём столе, согласуйте балл с ведущими экспертами и вернитесь сюда.")


class MarkedInPart(Refusal):
    code = "marked_in_part"
    status = 409
    message = _("Эталоном становится ответ с баллами по всем критериям, а здесь вы решали только о части.")
    remedy = _("Выберите ответ, который проверили целиком.")


class Drift(StrEnum):
    """Why an expert is paused."""

    INCONSISTENT = "inconsistent"
    STRICT = "strict"
    LENIENT = "lenient"


@dataclass(frozen=True)
class Check:
    """One answer with agreed points as an expert marked it: `given` and `agreed` by criterion, `highest` likewise.

    `tolerance`: by how many points a criterion of a wide scale may differ and still agree; none of those left out.
    """

    given: Mapping[str, int]
    agreed: Mapping[str, int]
    highest: Mapping[str, int]
    tolerance: Mapping[str, int] = field(default_factory=dict)

    def agrees(self, name: str) -> bool:
        """Whether a criterion got the agreed points, or ones within its tolerance."""
        return abs(self.given[name] - self.agreed[name]) <= self.tolerance.get(name, 0)


def is_control_due(expert: str, given: int, every: int) -> bool:
    """Whether the expert's next answer is a control: once in every block of `every`, at a place nobody can guess."""
    if every < 2:
        return False
    block, place = divmod(given, every)
    drawn = hashlib.sha256(f"control:{expert}:{block}".encode()).digest()
    return int.from_bytes(drawn[:4], "big") % every == place


def count_agreement(checks: Sequence[Check]) -> tuple[int, int]:
    """Criteria that agree, and all of them."""
    hits = [check.agrees(name) for check in checks for name in check.agreed]
    return sum(hits), len(hits)


def measure_agreement(checks: Sequence[Check]) -> float:
    """The share of such criteria, 0 … 1; of nothing 0."""
    hits, number = count_agreement(checks)
    return hits / number if number else 0.0


def is_qualified(checks: Sequence[Check], pass_percent: int) -> bool:
    """Whether the qualification set is passed: whole numbers, so that 29 of 50 are 58 %. Never by nothing."""
    hits, number = count_agreement(checks)
    return number > 0 and hits * 100 >= pass_percent * number


def describe_qualification(checks: Sequence[Check], pass_percent: int) -> str:
    """What the expert and the head read, in Russian: it is kept with the state."""
    hits, number = count_agreement(checks)
    told = "Совпало критериев (на широких шкалах — в пределах допуска)" if is_tolerant(checks) else "Совпало критериев"
    return f"{told}: {hits} из {number} ({100 * hits // max(1, number)} %), нужно {pass_percent} %."


def is_tolerant(checks: Sequence[Check]) -> bool:
    """Whether any criterion of these has a tolerance."""
    return any(check.tolerance.get(name) for check in checks for name in check.agreed)


def find_least_agreement(checks: Sequence[Check]) -> float:
    """How much of these criteria must agree."""
    return statistics.fmean(find_least(check.highest[name], check.tolerance.get(name, 0))
                            for check in checks for name in check.agreed)


def measure_severity(check: Check) -> float:
    """By how much of the highest points an answer was marked above (+) or below (−) the agreed ones."""
    highest = sum(check.highest.values())
    return (sum(check.given.values()) - sum(check.agreed.values())) / highest if highest else 0.0


@dataclass(frozen=True)
class Standing:
    """How an expert goes with agreed points: of `number` newest control answers the share of criteria that agree, how
    much must, the mean difference as a share of the highest points, and what is to be said of it (None: all is well).

    `is_enough`: whether so many answers say anything.
    """

    number: int
    agreement: float
    least: float
    mean: float
    drift: Drift | None
    is_enough: bool


def describe_standing(checks: Sequence[Check]) -> Standing | None:
    """Of whole fives, so that the expert cannot tell by a number that grew which answer was a control. None of nothing.

    `checks`: oldest first.
    """
    whole = len(checks) - len(checks) % FEWEST
    known = list(checks)[:whole or len(checks)][-WINDOW:]
    if not known:
        return None
    return Standing(len(known), measure_agreement(known), find_least_agreement(known),
                    statistics.fmean(map(measure_severity, known)), judge_drift(known), len(known) >= FEWEST)


def judge_drift(checks: Sequence[Check]) -> Drift | None:
    """Whether an expert drifts, oldest check first; None while all is well or too little is known.

    Inconsistent: even the upper 95 % bound of agreement is under what these criteria ask (60 % of narrow ones). Strict
    or lenient: the mean difference is a tenth of the highest points or more, and its 99 % t-interval leaves zero out.
    """
    newest = list(checks)[-WINDOW:]
    if len(newest) < FEWEST:
        return None
    differences = [measure_severity(check) for check in newest]
    mean = statistics.fmean(differences)
    half = T_99[len(newest) - FEWEST] * statistics.stdev(differences) / math.sqrt(len(newest))
    if abs(mean) >= LARGEST_SEVERITY and abs(mean) > half:
        return Drift.LENIENT if mean > 0 else Drift.STRICT
    number = sum(len(check.agreed) for check in newest)
    is_low = bound_agreement(measure_agreement(newest), number) < find_least_agreement(newest)
    return Drift.INCONSISTENT if is_low else None


def bound_agreement(share: float, number: int) -> float:
    """Wilson's upper 95 % bound of a share of so many."""
    squared = Z_95 * Z_95
    middle = share + squared / (2 * number)
    spread = Z_95 * math.sqrt(share * (1 - share) / number + squared / (4 * number * number))
    return (middle + spread) / (1 + squared / number)


def describe_drift(drift: Drift, checks: Sequence[Check]) -> str:
    """What the expert and the head read, in Russian: it is kept with the pause."""
    newest = list(checks)[-WINDOW:]
    mean = statistics.fmean(measure_severity(check) for check in newest)
    said = {Drift.STRICT: "вы ставите ниже согласованных баллов", Drift.LENIENT: "вы ставите выше согласованных баллов",
            Drift.INCONSISTENT: "ваши баллы часто расходятся с согласованными"}[drift]
    how = "в пределах допуска совпало" if is_tolerant(newest) else "точно совпало"
    return (f"По последним контрольным ответам ({len(newest)}) {said}: {how} "
            f"{measure_agreement(newest):.0%} критериев, в среднем {mean:+.0%} от высшего балла.")
