"""What a head of a commission leads: one region, or the whole hub, and the subjects a coordinator named.

Pure: takes an account, gives `Bounds`, or a refusal. The same as conditions of a query: limit_works and limit_lots of
queries.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from flask_babel import lazy_gettext as _

from testing_server.foundation.access import TERRITORY_SEPARATOR
from testing_server.foundation.refusals import NotAllowed
from testing_server.marking.protocol.rules import NotHead

ALL_SUBJECTS = "*"


class HeadUnbound(NotAllowed):
    """Heads of before a region was asked for, and whoever made an account by hand and named none."""

    code = "head_unbound"
    message = _("Вам ещё не назначены регион и предметы, которыми вы руководите.")
    safe = _("Ответы, отметки и протоколы целы.")
    remedy = _("Попросите регионального координатора назначить их вам на его странице «Эксперты».")


class OutsideBounds(NotAllowed):
    code = "outside_bounds"
    message = _("Этим регионом или предметом руководит другой председатель.")
    remedy = _("Выберите свой регион и предмет. Если они ваши, попросите координатора назначить их вам.")


class Person(Protocol):
    """What of an account says whether and what somebody leads."""

    @property
    def is_head(self) -> bool: ...

    @property
    def territory(self) -> str | None: ...

    @property
    def subjects(self) -> frozenset[str] | None: ...


@dataclass(frozen=True)
class Bounds:
    """`region`: empty for every region of the hub; `subjects`: as assessments name them, ALL_SUBJECTS for any."""

    region: str
    subjects: frozenset[str]

    def hold(self, region: str, subject: str) -> bool:
        """Whether a lot, a work or a commission of this region and subject is this head's. A commission of the whole
        hub has no region, and only who leads the whole hub leads it."""
        return self.region in ("", region) and (ALL_SUBJECTS in self.subjects or subject in self.subjects)

    def check(self, region: str, subject: str) -> None:
        """Raises OutsideBounds."""
        if not self.hold(region, subject):
            raise OutsideBounds()


WHOLE_HUB = Bounds("", frozenset({ALL_SUBJECTS}))


def find_bounds(account: Person) -> Bounds | None:
    """None for whoever is no head, and for a head of whom nobody said what he leads."""
    territory = account.territory or ""
    if not account.is_head or not account.subjects or TERRITORY_SEPARATOR in territory:
        return None
    return Bounds(territory, account.subjects)


def read_bounds(account: Person) -> Bounds:
    """Raises NotHead, HeadUnbound."""
    found = find_bounds(account)
    if found is None:
        raise HeadUnbound() if account.is_head else NotHead()
    return found
