"""What an application may say and who may touch it when. Pure: the campaign, the level and the clock are arguments."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from testing_server.foundation.access import Level
from testing_server.foundation.refusals import Refusal
from testing_server.preparation.campaigns.contents import Form, Step, Work
from testing_server.preparation.campaigns.rules import Campaign, compute_deadline, describe_deadline

MOST_CANDIDATES = 2000
SCHOOL = "school"
# whoever stands later acts for those before
LEVELS = (SCHOOL, Level.MUNICIPAL.value, Level.REGIONAL.value, Level.FEDERAL.value)
Numbers = dict[str, dict[Form, int]]


class NoApplications(Refusal):
    code = "no_applications"
    status = 404
    message = _("Эта кампания заявок не собирает.")


class ApplicationsClosed(Refusal):
    code = "applications_closed"
    status = 409
    message = _("Приём заявок закрыт.")
    safe = _("Заявка осталась такой, какой была; присланное не записано.")
    remedy = _("Если заявку нужно изменить, обратитесь к координатору: он видит её и её историю.")


class NothingToConfirm(Refusal):
    code = "nothing_to_confirm"
    status = 409
    message = _("Подтверждать нечего: школа не прислала заявку.")
    remedy = _("Напомните школе или заполните заявку за неё.")


class NotConfirmedHere(Refusal):
    code = "not_confirmed_here"
    status = 403
    message = _("В этой кампании ваш уровень заявки не подтверждает.")


class EmptyApplication(Refusal):
    """Nothing was typed at all: most likely the empty form was sent in place of the filled one."""

    code = "empty_application"
    status = 422
    message = _("Заявка пустая: ни в одной строке нет числа участников.")
    safe = _("Прежняя заявка, если она была, цела.")
    remedy = _("Похоже, загружена пустая форма. Если школа не участвует ни в одной работе, поставьте нули.")


@dataclass(frozen=True)
class ApplicationProblem:
    """`work`, `form`: the field; `message`: what is wrong with it (lazy text)."""

    work: str
    form: Form
    message: object


class BadApplication(Refusal):
    code = "bad_application"
    status = 422
    message = _("В заявке есть ошибки, они отмечены у полей.")
    safe = _("Ничего не сохранено, введённое осталось на странице.")
    remedy = _("Исправьте отмеченное и отправьте ещё раз.")

    def __init__(self, problems: list[ApplicationProblem]) -> None:
        super().__init__()
        self.problems = problems


def list_steps(campaign: Campaign) -> tuple[Step, ...]:
    """The steps of its applications. Raises NoApplications."""
    if campaign.contents.applications is None:
        raise NoApplications()
    return campaign.contents.applications.steps


def find_step(campaign: Campaign, level: str, zone: str, now_ms: int) -> int:
    """The number of the step that somebody of this level may do now: the last of the own steps that is open.

    A higher level acts for a lower one while that is open. Raises NoApplications, NotConfirmedHere, ApplicationsClosed.
    """
    steps = list_steps(campaign)
    mine = [number for number, one in enumerate(steps) if may_act(level, one)]
    if not mine:
        raise NotConfirmedHere()
    open_ones = [number for number in mine if now_ms < compute_deadline(steps[number].until, zone)]
    if not open_ones:
        raise ApplicationsClosed(_("Приём заявок закрыт: срок был %(until)s.",
                                   until=describe_deadline(steps[mine[-1]].until, zone)))
    return open_ones[-1]


def may_act(level: str, step: Step) -> bool:
    """A school does its own step; a coordinator does the own one and, in place of those below, theirs."""
    if step.who == SCHOOL or level == SCHOOL:
        return step.who == level
    return LEVELS.index(level) >= LEVELS.index(step.who)


def count_behind(campaign: Campaign, number: int) -> int:
    """How many steps an application has behind it when its step `number` was done by somebody who confirms, or 1."""
    return number + 1 if list_steps(campaign)[number].does != "fill" else 1


def is_confirmed(campaign: Campaign, behind: int) -> bool:
    """Whether nobody has to confirm any more."""
    steps = list_steps(campaign)
    confirming = [number for number, one in enumerate(steps) if one.does == "confirm"]
    return behind > max(confirming, default=0)


def list_waiting(campaign: Campaign, behind: int) -> list[str]:
    """Levels whose confirmation an application still waits for, in order."""
    return [one.who for number, one in enumerate(list_steps(campaign)) if one.does == "confirm" and number >= behind]


def check_numbers(works: Iterable[Work], typed: Mapping[str, Mapping[str, str]]) -> Numbers:
    """Whole numbers from the texts of a page. Raises EmptyApplication, BadApplication.

    `typed`: work -> form -> text; what is empty takes no part.
    """
    problems: list[ApplicationProblem] = []
    numbers: Numbers = {}
    said = False
    for work in works:
        for form in work.forms:
            text = typed.get(work.id, {}).get(form, "").strip()
            said = said or bool(text)
            if text and not (text.isascii() and text.isdigit() and int(text[:9]) <= MOST_CANDIDATES and len(text) < 9):
                problems.append(ApplicationProblem(work.id, form, _(
                    "нужно целое число от 0 до %(most)s", most=MOST_CANDIDATES)))
            elif text and int(text):
                numbers.setdefault(work.id, {})[form] = int(text)
    if problems:
        raise BadApplication(problems)
    if not said:
        raise EmptyApplication()
    return numbers


def count_candidates(numbers: Mapping[str, Mapping[Any, int]]) -> int:
    """Over all works: one candidate counts once in each."""
    return sum(sum(forms.values()) for forms in numbers.values())
