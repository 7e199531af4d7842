"""The rules of a campaign in plain words: who, until when, in which zone, and where each rule was taken from.

Takes a Campaign and the zone of the school that reads. Gives sections of sentences; the page only prints them.
"""
from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from testing_server.preparation.campaigns.contents import Deadline, MarkingRules, Materials, Work
from testing_server.preparation.campaigns.rules import (
    MOSCOW, SCHOOL_ZONE, Campaign, describe_deadline, find_rules)

# the source that says: nobody told us, this is our own choice
OWN = re.compile(r"\bown\b")


@dataclass(frozen=True)
class Sentence:
    """One rule; `source`: where it was taken from, "" where the data says nothing."""

    words: str
    source: str = ""


@dataclass(frozen=True)
class Section:
    """What concerns one thing."""

    title: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class WorkWords:
    """The rules of one work as a line of a table."""

    work: Work
    days: str
    publishing: str
    cipher: str
    criteria: str
    forms_due: str
    marking: str


def describe_campaign(campaign: Campaign, zone: str = MOSCOW, where: str = "") -> list[Section]:
    """The rules of all works together; `zone`: of the school that reads it, `where`: its zone as "МСК+4"."""
    told = _Told(campaign, zone, where)
    sections = [Section(title, tuple(sentences)) for title, sentences in (
        (_("Материалы и шифр"), told.materials()), (_("Заявки"), told.applications()),
        (_("Расписание и резервные дни"), told.schedule()), (_("Анкеты"), told.questionnaires()),
        (_("Проверка"), told.marking()), (_("Формы и результаты"), told.results()),
        (_("Сколько хранится"), told.retention()))]
    return [one for one in sections if one.sentences]


def describe_works(campaign: Campaign) -> list[WorkWords]:
    """The works one by one, each with the rules that hold for it."""
    return [_describe_work(campaign, work) for work in campaign.contents.works]


def describe_opening(rule: dict[str, Any], where: str = "") -> str:
    """When something opens, in words; `where`: the school's zone as "МСК+4"."""
    if rule["kind"] == "at_hour":
        return _("в день работы в %(hour)s %(zone)s", hour=_hour(rule["hour"]), zone=name_zone(rule["zone"], where))
    if rule["kind"] == "at_date":
        return _("%(day)s в %(hour)s %(zone)s", day=_day(date.fromisoformat(rule["date"])), hour=_hour(rule["hour"]),
                 zone=name_zone(rule["zone"], where))
    if rule["kind"] == "period_start":
        return _("в первый день периода в %(hour)s %(zone)s", hour=_hour(rule["hour"]),
                 zone=name_zone(rule["zone"], where))
    return _("вместе с материалами") if rule["kind"] == "with_materials" else _("сразу после сборки")


def describe_marking(rules: MarkingRules) -> str:
    """How many experts, when a third, whether they may be of the school."""
    modes = {"single": _("один эксперт"), "double": _("два эксперта"),
             "sample": _("один эксперт, второй — у %(share)s %% ответов", share=rules.sample_percent)}
    third = _("третий при расхождении от %(points)s баллов", points=rules.third_from) if rules.third_from else ""
    own = _("свою школу проверять можно") if rules.own_school else _("свою школу проверять нельзя")
    return "; ".join(one for one in (modes[rules.mode], third, own) if one)


def name_zone(zone: str, where: str = "") -> str:
    """"по местному времени школы (МСК+4)", "по московскому времени"."""
    if zone == MOSCOW:
        return _("по московскому времени")
    if zone != SCHOOL_ZONE:
        return f"({zone})"
    return _("по местному времени школы") + (f" ({where})" if where else "")


@dataclass(frozen=True)
class _Told:
    campaign: Campaign
    zone: str
    where: str

    def materials(self) -> list[Sentence]:
        campaign, told = self.campaign, self.campaign.contents.materials
        window = campaign.window
        lines = [self.say("materials.encrypted", _describe_lock(told)),
                 self.say("materials.days_before", _describe_publishing(told)),
                 self.say("materials.software_days_before", _(
                     "Программы и тренировка — не позднее чем за %(days)s дней.", days=told.software_days_before)),
                 self.say("rules.cipher", _("Шифр: %(when)s.", when=describe_opening(campaign.cipher, self.where))),
                 self.say("rules.criteria", _("Критерии: %(when)s.", when=describe_opening(campaign.criteria,
                                                                                           self.where)))]
        if window["kind"] == "hours":
            lines.append(self.say("rules.window", _(
                "Ответы засчитываются с %(opens)s до %(closes)s %(zone)s.", opens=_hour(window["from"]),
                closes=_hour(window["to"]), zone=name_zone(window["zone"], self.where))))
        return lines

    def applications(self) -> list[Sentence]:
        rules = self.campaign.contents.applications
        if rules is None:
            return []
        duties: dict[str, Callable[[str], str]] = {
            "fill": lambda who: _("%(who)s заполняет заявку до", who=who),
            "confirm": lambda who: _("%(who)s подтверждает или исправляет до", who=who),
            "correct": lambda who: _("%(who)s исправляет до", who=who)}
        lines = [self.say("applications", f"{duties[one.does](_name_level(one.who))} {self.until(one.until)}.")
                 for one in rules.steps]
        if all(one.does != "confirm" for one in rules.steps):
            lines.append(self.say("applications", _("Подтверждения заявка не ждёт.")))
        return lines

    def schedule(self) -> list[Sentence]:
        rules = self.campaign.contents.schedule
        if rules is None:
            return []
        lines = [self.say("schedule.until", _("Школа назначает дни до %(until)s.", until=self.until(rules.until)))]
        if rules.reserve is None:
            return [*lines, self.say("schedule", _("Резервных дней нет."))]
        days = rules.reserve.period
        lines.append(self.say("schedule.reserve", _("День вне периода согласует %(who)s.",
                                                    who=_name_level(rules.reserve.agreed_by))))
        if days is not None:
            lines.append(self.say("schedule.reserve", _("Резервные дни: %(first)s – %(last)s.", first=_day(days.first),
                                                        last=_day(days.last))))
        return lines

    def questionnaires(self) -> list[Sentence]:
        moments = {"before": _("до работ"), "after": _("после работ")}
        return [self.say(f"questionnaires.{one.id}", " ".join(part for part in (
            _("Анкета «%(name)s» %(moment)s", name=one.form, moment=moments[one.moment]),
            _("с %(day)s", day=_day(one.opens)) if one.opens else "",
            _("до %(until)s", until=self.until(one.until)) if one.until else "") if part) + ".")
            for one in self.campaign.contents.questionnaires]

    def marking(self) -> list[Sentence]:
        rules = self.campaign.marking
        within = {"higher": _("больший балл"), "lower": _("меньший балл"), "mean": _("средний балл"),
                  "first": _("балл первого")}
        lines = [self.say("marking", _sentence(describe_marking(rules))),
                 self.say("marking.by", _("Экспертов назначает: %(who)s.", who=_name_level(rules.by)))]
        if rules.rounds > 1:
            lines.append(self.say("marking.rounds", _("При меньшем расхождении ставится %(what)s.",
                                                      what=within[rules.within])))
        if rules.until is not None:
            lines.append(self.say("marking.until", _("Проверка до %(day)s.", day=_day(rules.until))))
        return lines

    def results(self) -> list[Sentence]:
        rules = self.campaign.contents.results
        if rules is None:
            return []
        hour = rules.forms_until
        lines = [self.say("results.forms_until", _("Форму результатов принимают до %(hour)s %(zone)s её дня.",
                                                   hour=_hour(hour.hour), zone=name_zone(hour.zone, self.where)))]
        if rules.results_from is not None:
            lines.append(self.say("results.results_from", _("Результаты с %(day)s.", day=_day(rules.results_from))))
        if rules.late is not None:
            lines.append(self.say("results.late", _(
                "Опоздавшую форму принимают до %(until)s; её результаты с %(day)s.", until=self.until(rules.late.until),
                day=_day(rules.late.results_from))))
        return lines

    def retention(self) -> list[Sentence]:
        kinds = {"workstation_copies": _("Копии на рабочих местах"), "packages": _("Присланные работы"),
                 "recordings": _("Записи речи"), "result_forms": _("Формы результатов"), "applications": _("Заявки"),
                 "questionnaires": _("Анкеты"), "marking": _("Отметки экспертов"),
                 "archives": _("Архивы материалов и критериев"),
                 "rosters": _("Списки дня"), "codes": _("Коды и логины участников"), "audit": _("Журнал действий")}
        since = {"receipt": _("после расписки"), "results": _("после результатов"), "end": _("после кампании")}
        return [self.say(f"retention.{kind}", f"{kinds[kind]}: " + (
            _("дней %(since)s — %(days)s", since=since[one.after], days=one.days) if one.days is not None
            else _("без срока")) + ".") for kind, one in self.campaign.contents.retention.items()]

    def say(self, place: str, words: str) -> Sentence:
        """With the source of the place, or of the nearest place around it."""
        told = self.campaign.contents.told_by
        while place and place not in told:
            place = place.rpartition(".")[0]
        return Sentence(words, OWN.sub(str(_("решение проекта")), told.get(place, "")))

    def until(self, deadline: Deadline) -> str:
        return describe_deadline(deadline, self.zone).replace("МСК", _("МСК"))


def _describe_work(campaign: Campaign, work: Work) -> WorkWords:
    rules = find_rules(campaign, work.id)
    forms = {"paper": _("бумага"), "computer": _("компьютер")}
    days = "; ".join(f"{forms[form]}: {_day(work.periods[form].first)} – {_day(work.periods[form].last)}"
                     for form in work.forms)
    return WorkWords(
        work, days, _describe_publishing(rules.materials),
        describe_opening(rules.cipher) if rules.materials.encrypted else _("без шифра"),
        describe_opening(rules.criteria), _day(work.forms_due) if work.forms_due else "",
        describe_marking(rules.marking))


def _describe_lock(told: Materials) -> str:
    return _("Архив с материалами закрыт шифром.") if told.encrypted else _("Архив с материалами без шифра.")


def _describe_publishing(told: Materials) -> str:
    start = _("дня работы в школе") if told.counts_from == "day" else _("начала периода")
    by = f", {_('до %(hour)s', hour=_hour(told.by.hour))} {name_zone(told.by.zone)}" if told.by else ""
    return _("Архив не позднее чем за %(days)s дн. до %(start)s%(by)s.", days=told.days_before, start=start, by=by)


def _name_level(level: str) -> str:
    return {"school": _("школа"), "municipal": _("муниципальный координатор"),
            "regional": _("региональный координатор"), "federal": _("федеральный координатор")}[level]


def _hour(hour: str) -> str:
    return hour.removeprefix("0")


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + "."
