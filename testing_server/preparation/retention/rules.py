"""When each kind of a campaign's data is due for deletion, and whom a hold covers: pure rules.

Takes a campaign and holds; gives instants (Unix ms). Nothing is ever due early: where the data names no day, a later
known day is counted from, and where no day is known at all nothing is due until somebody decides.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal
from testing_server.preparation.campaigns.contents import Kept
from testing_server.preparation.campaigns.rules import MOSCOW, Campaign, instant_of
from testing_server.preparation.registry.rules import Place, covers, is_within

DAY_MS = 86_400_000
LONGEST_REASON = 500
# copies in schools go by each receipt's own day; the audit is one chain for all campaigns and is never cut
NOT_HERE: frozenset[Kept] = frozenset({"workstation_copies", "audit"})
State = Literal["elsewhere", "never", "undated", "later", "due"]


class NotDue(Refusal):
    code = "not_due"
    status = 409
    message = _("Срок хранения этих данных ещё не прошёл.")
    remedy = _("Удалить их можно будет в день, который показан в таблице.")


class StillNeeded(Refusal):
    code = "still_needed"
    status = 409
    message = _("Эти данные ещё нужны, удалять нельзя.")
    safe = _("Ничего не удалено.")

    def __init__(self, words: Iterable[str]) -> None:
        told = "; ".join(words)
        super().__init__(_("Эти данные ещё нужны: %(told)s.", told=told), details={"needed": told})


class NotConfirmed(Refusal):
    code = "not_confirmed"
    status = 422
    message = _("Вы не отметили, что удаление нельзя отменить.")
    remedy = _("Поставьте отметку и нажмите «Удалить навсегда» ещё раз.")


class NoReason(Refusal):
    code = "no_reason"
    status = 422
    message = _("Не сказано, почему данные надо хранить дольше.")
    remedy = _("Напишите причину одним предложением: её прочитает тот, кто будет удалять.")


class HoldUnknown(Refusal):
    code = "hold_unknown"
    status = 404
    message = _("Такой отсрочки на вашей территории нет.")
    remedy = _("Отсрочку снимает тот, кто её назначил, или координатор выше.")


class BadDay(Refusal):
    code = "bad_day"
    status = 422
    message = _("День, до которого хранить, уже прошёл или написан неверно.")
    remedy = _("Выберите день после сегодняшнего или оставьте поле пустым: тогда хранить, пока отсрочку не снимут.")


@dataclass(frozen=True)
class Due:
    """`kind` may be deleted from `at_ms` on (None: no day); `days` after `after`. `state`: elsewhere (nothing of it is
    deleted here), never, undated (the campaign's days are not known), later or due."""

    kind: Kept
    state: State
    at_ms: int | None
    days: int | None
    after: str
    automatic: bool


@dataclass(frozen=True)
class Hold:
    """Data of a kind are kept longer in a territory ("" for the country), until a moment or until it is lifted."""

    id: str
    campaign: str
    kind: str
    territory: str
    reason: str
    by: str
    at_ms: int
    until_ms: int | None


def list_dues(campaign: Campaign, now_ms: int) -> list[Due]:
    """Every kind the campaign speaks of, in its order, then those it does not: they are kept until it does. Nothing for
    a campaign that speaks of none."""
    told = campaign.contents.retention
    left = [kind for kind in get_args(Kept) if kind not in told] if told else []
    return [find_due(campaign, kind, now_ms) for kind in (*told, *left)]


def find_due(campaign: Campaign, kind: Kept, now_ms: int) -> Due:
    """When one kind may go; a kind the campaign does not speak of: never."""
    told = campaign.contents.retention.get(kind)
    if told is None:
        return Due(kind, _judge(kind, None, None, now_ms), None, None, "", False)
    at_ms = _count(campaign, told.after, told.days)
    return Due(kind, _judge(kind, told.days, at_ms, now_ms), at_ms, told.days, told.after, told.automatic)


def check_due(due: Due) -> int:
    """Its days. Raises NotDue."""
    if due.state != "due" or due.days is None:
        raise NotDue(details={"kind": due.kind, "at_ms": due.at_ms})
    return due.days


def find_anchor(campaign: Campaign, after: str) -> date | None:
    """The day a term is counted from: the last day results are shown from, or the campaign's last day of all."""
    results = campaign.contents.results
    shown = [] if results is None else [
        day for day in (results.results_from, results.late.results_from if results.late else None) if day]
    if after == "results" and shown:
        return max(shown)
    return max([*shown, *_list_days(campaign)], default=None)


def find_holds(holds: Iterable[Hold], campaign: str, kind: str, now_ms: int) -> list[Hold]:
    """Those that hold this kind now."""
    return [one for one in holds if (one.campaign, one.kind) == (campaign, kind)
            and (one.until_ms is None or now_ms < one.until_ms)]


def is_held(holds: Iterable[Hold], place: Place) -> bool:
    """Whether a school lies in a territory whose data is held."""
    return any(covers(one.territory, place) for one in holds)


def may_lift(hold: Hold, territory: str | None) -> bool:
    """A coordinator of the hold's own territory, or of one above."""
    return is_within(territory, hold.territory)


def read_hold(reason: str, until: str, now_ms: int) -> tuple[str, int | None]:
    """(reason, until when) of a form; an empty day: until it is lifted. Raises NoReason, BadDay."""
    told = " ".join(reason.split())[:LONGEST_REASON]
    if not told:
        raise NoReason()
    if not until.strip():
        return told, None
    try:
        ends_ms = instant_of(date.fromisoformat(until.strip()) + timedelta(days=1), "00:00", MOSCOW)
    except (ValueError, OverflowError):
        raise BadDay() from None
    if ends_ms <= now_ms:
        raise BadDay()
    return told, ends_ms


def _count(campaign: Campaign, after: str, days: int | None) -> int | None:
    anchor = find_anchor(campaign, after)
    if anchor is None or days is None or after == "receipt":
        return None
    return instant_of(anchor + timedelta(days=days + 1), "00:00", MOSCOW)


def _judge(kind: Kept, days: int | None, at_ms: int | None, now_ms: int) -> State:
    if kind in NOT_HERE:
        return "elsewhere"
    if days is None:
        return "never"
    if at_ms is None:
        return "undated"
    return "due" if now_ms >= at_ms else "later"


def _list_days(campaign: Campaign) -> Iterator[date]:
    contents = campaign.contents
    for work in contents.works:
        yield from (period.last for period in work.periods.values())
        yield from (day for day in (work.forms_due, work.marking.until if work.marking else None) if day)
    yield from (one.until.date for one in contents.questionnaires if one.until)
    if campaign.marking.until:
        yield campaign.marking.until
    if contents.results is not None and contents.results.late is not None:
        yield contents.results.late.until.date
