"""What the data of a campaign holds beside its hours: works, steps of applications, schedule, questionnaires, marking,
retention. Takes nothing; gives the shapes JSON is decoded into, every field with its unit and the zone it counts in.
"""
from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

Identifier = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
Text = Annotated[str, Meta(min_length=1, max_length=300)]
Hour = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
DayCount = Annotated[int, Meta(ge=0, le=366)]
Form = Literal["paper", "computer"]
Level = Literal["school", "municipal", "regional", "federal"]
FORMS: tuple[Form, ...] = ("paper", "computer")


class Shape(Struct, frozen=True, forbid_unknown_fields=True):
    """A word that is not known is a mistake of the file, never something to pass over."""


class HourOfDay(Shape, frozen=True):
    """`hour`: "23:00"; `zone`: "school" or an IANA name."""

    hour: Hour
    zone: Text


class Deadline(Shape, frozen=True):
    """The last moment: `hour` on the calendar day `date` of `zone` ("school" or an IANA name)."""

    date: date
    hour: Hour
    zone: Text


class Period(Shape, frozen=True):
    """Both days are inside."""

    first: date = field(name="from")
    last: date = field(name="to")

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


class MarkingRules(Shape, frozen=True):
    """How answers are marked.

    `rounds`: experts per answer, before any third; `sample_percent`: share of answers the second one marks (with two
    rounds). `third_from`: points of difference in one criterion from which a third expert marks that criterion, 0 for
    never. `within`: which points stand where the two differ by less. `after_third`: whose points stand then.
    `own_school`: whether an expert may mark answers of the school they work in. `by`: who appoints the experts.
    `until`: the last day of marking.
    """

    rounds: Annotated[int, Meta(ge=1, le=2)]
    sample_percent: Annotated[int, Meta(ge=1, le=100)] = 100
    third_from: Annotated[int, Meta(ge=0, le=20)] = 0
    within: Literal["higher", "lower", "mean", "first"] = "higher"
    after_third: Literal["third", "nearest_mean", "head"] = "third"
    own_school: bool = False
    by: Level = "regional"
    until: date | None = None

    @property
    def mode(self) -> Literal["single", "double", "sample"]:
        """How many mark an answer, in one word."""
        if self.rounds == 1:
            return "single"
        return "double" if self.sample_percent == 100 else "sample"


class Materials(Shape, frozen=True):
    """`encrypted`: whether a cipher is needed. Archives are published at the latest `days_before` days before the
    `period` (or the `day` of the school's work), on that day until `by` where an hour is told, else all of it;
    `software_days_before`: programs and training material, before the first day of the work at computers.
    """

    encrypted: bool = True
    days_before: DayCount = 3
    counts_from: Literal["period", "day"] = "period"
    by: HourOfDay | None = None
    software_days_before: DayCount = 7


class Work(Shape, frozen=True):
    """One subject and grade.

    `grade`: "7" or "1 курс". `periods`: when it may be done in each form it is offered in; `recommended`: days advised
    in each. `duration_min`: minutes, None where the source does not say. `assessments`: names of packages that are this
    work, and the ids their archives go by. `materials`, `criteria`, `marking`: instead of the campaign's, where this
    work differs. `forms_due`: the last day of result forms, at the campaign's hour.
    """

    id: Identifier
    subject: Text
    grade: Annotated[str, Meta(min_length=1, max_length=40)]
    periods: dict[Form, Period]
    recommended: dict[Form, tuple[date, ...]] = {}
    duration_min: Annotated[int, Meta(ge=5, le=480)] | None = None
    assessments: tuple[Identifier, ...] = ()
    materials: Materials | None = None
    criteria: dict[str, Any] | None = None
    forms_due: date | None = None
    marking: MarkingRules | None = None

    @property
    def forms(self) -> tuple[Form, ...]:
        """The forms it is offered in, paper first."""
        return tuple(form for form in FORMS if form in self.periods)


class Step(Shape, frozen=True):
    """`who` fills, confirms or corrects (a confirmation may correct as well) until a moment."""

    who: Level
    does: Literal["fill", "confirm", "correct"]
    until: Deadline


class ApplicationRules(Shape, frozen=True):
    """Steps of an application, in order; nobody confirms where no step says so."""

    steps: Annotated[tuple[Step, ...], Meta(min_length=1)]


class ReserveDays(Shape, frozen=True):
    """Days outside a work's period, by agreement of `agreed_by`; inside `period` where it is told."""

    agreed_by: Level = "regional"
    period: Period | None = None


class ScheduleRules(Shape, frozen=True):
    """Schools name days of their works until a moment; without `reserve` there are no days outside the period."""

    until: Deadline
    reserve: ReserveDays | None = None


class QuestionnaireRules(Shape, frozen=True):
    """A form of questions (`form`: its id among the shipped and the hub's own) that schools fill."""

    id: Identifier
    form: Identifier
    moment: Literal["before", "after"]
    opens: date | None = None
    until: Deadline | None = None


class LateRule(Shape, frozen=True):
    """Result forms after their day: taken until a moment, results then from another day."""

    until: Deadline
    results_from: date


class ResultRules(Shape, frozen=True):
    """`forms_until`: the hour of a form's last day; `results_from`: when results are shown."""

    forms_until: HourOfDay
    results_from: date | None = None
    late: LateRule | None = None


Kept = Literal["workstation_copies", "packages", "recordings", "result_forms", "applications", "questionnaires",
               "marking", "archives", "rosters", "codes", "audit"]


class Retention(Shape, frozen=True):
    """How long one kind of data is kept: `days` after `after`; None = until somebody decides. `automatic`: what is due
    goes without a coordinator's word."""

    after: Literal["receipt", "results", "end"]
    days: Annotated[int, Meta(ge=0, le=36_500)] | None = None
    automatic: bool = False


class Source(Shape, frozen=True):
    """Where values of the data were taken from."""

    title: Text
    where: Text


class Contents(Shape, frozen=True):
    """All of a campaign but its hours. `told_by`: path in the data -> "source clause"."""

    works: tuple[Work, ...] = ()
    materials: Materials = Materials()
    applications: ApplicationRules | None = None
    schedule: ScheduleRules | None = None
    questionnaires: tuple[QuestionnaireRules, ...] = ()
    results: ResultRules | None = None
    retention: dict[Kept, Retention] = {}
    sources: dict[Identifier, Source] = {}
    told_by: dict[str, Text] = {}
