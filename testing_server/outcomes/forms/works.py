"""Which works a school hands result forms in for, and until when. Takes campaigns, a session and schools.

A school owes a form of a work it applied for or was given materials of; where a campaign has neither, of all its works.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from testing_server.outcomes.forms.rules import FormShape, NoForm
from testing_server.outcomes.forms.shapes import find_shape, list_assessments
from testing_server.preparation.applications.queries import APPLICATION
from testing_server.preparation.campaigns.contents import Work
from testing_server.preparation.campaigns.queries import list_campaigns
from testing_server.preparation.campaigns.rules import (
    Campaign, compute_deadline, describe_instant, describe_zone, instant_of, zone_of)
from testing_server.preparation.materials.queries import list_archives, list_given_schools, read_titles
from testing_server.preparation.registry.queries import School
from testing_server.preparation.sheets.queries import list_sheets


@dataclass(frozen=True)
class FormWork:
    """A work of a campaign that forms are handed in for. `assessments`: ids that archives and protocols call it by."""

    campaign: Campaign
    id: str
    title: str
    assessments: frozenset[str]
    shape: FormShape | None
    subject: str = ""

    def due_ms(self, zone: str) -> int | None:
        """The campaign's hour on the work's last day (Unix ms), None where it names no last day."""
        results, listed = self.campaign.contents.results, find_listed(self.campaign, self.id)
        if results is None or listed is None or listed.forms_due is None:
            return None
        return instant_of(listed.forms_due, results.forms_until.hour, zone_of(results.forms_until.zone, zone))

    def late_ms(self, zone: str) -> int | None:
        """Until when late forms are taken, None where none are."""
        results = self.campaign.contents.results
        return compute_deadline(results.late.until, zone) if results is not None and results.late else None


def find_listed(campaign: Campaign, work: str) -> Work | None:
    """The work as the campaign lists it; None in a campaign that lists none."""
    return next((one for one in campaign.contents.works if one.id == work), None)


def list_works_of(data: Path, campaign: Campaign, titles: Mapping[str, str]) -> list[FormWork]:
    """Works of a campaign; of one that lists none, the assessments of its archives (`titles`: id → title)."""
    if not campaign.contents.works:
        return [FormWork(campaign, one, title, frozenset({one}), find_shape(data, campaign.id, one))
                for one, title in sorted(titles.items())]
    return [_describe(data, campaign, one) for one in campaign.contents.works]


def _describe(data: Path, campaign: Campaign, work: Work) -> FormWork:
    return FormWork(campaign, work.id, name_work(work), list_assessments(data, work.assessments),
                    find_shape(data, campaign.id, work.id, work.assessments), work.subject)


def name_work(work: Work) -> str:
    """"Математика, 4 класс" or "Метапредмет, 1 курс"."""
    return f"{work.subject}, {work.grade} класс" if work.grade.isdigit() else f"{work.subject}, {work.grade}"


def find_work(session: Session, data: Path, campaign: Campaign, work: str) -> FormWork:
    """By its id or by the id of an assessment that is this work. Raises NoForm."""
    for one in list_works_of(data, campaign, read_russian_titles(session)):
        if work == one.id or work in one.assessments:
            return one
    raise NoForm(details={"work": work[:80]})


def read_russian_titles(session: Session) -> dict[str, str]:
    """Assessment → title, of everything that was ever sealed here."""
    return {one: title.get("ru", one) for one, title in read_titles(session).items()}


def list_school_works(session: Session, data: Path, school: School) -> list[FormWork]:
    """Works this school owes forms for, campaign by campaign."""
    archives = [one for one in list_archives(session, school.id) if one.kind == "materials"]
    found = []
    for campaign in list_campaigns(data):
        given = {one.assessment: one.title.get("ru", one.assessment) for one in archives if one.campaign == campaign.id}
        works = list_works_of(data, campaign, given)
        sheets = list_sheets(session, campaign.id, APPLICATION, [school.id])
        applied = _list_applied(sheets[school.id].content) if school.id in sheets else frozenset()
        found += [one for one in works if owes(one, applied, frozenset(given))] or _list_unknown(works, applied, given)
    return found


def _list_unknown(works: Sequence[FormWork], applied: frozenset[str], given: Mapping[str, str]) -> list[FormWork]:
    return [] if applied or given else list(works)


def owes(work: FormWork, applied: frozenset[str], given: frozenset[str]) -> bool:
    """Whether a school that applied for some works and was given some assessments owes this form."""
    return work.id in applied or not work.assessments.isdisjoint(given)


def list_owing_schools(session: Session, work: FormWork, schools: Sequence[School]) -> list[School]:
    """Schools that owe a form of this work; all of them where nobody applied and nobody was given anything."""
    sheets = list_sheets(session, work.campaign.id, APPLICATION, [one.id for one in schools])
    given = {school for school, _ in list_given_schools(session, work.campaign.id, work.assessments)}
    owing = [one for one in schools if one.id in given or (
        one.id in sheets and work.id in _list_applied(sheets[one.id].content))]
    return owing if owing or sheets or given else list(schools)


def _list_applied(numbers: Mapping[str, Mapping[str, int]]) -> frozenset[str]:
    return frozenset(work for work, forms in numbers.items() if any(forms.values()))


def describe_due(work: FormWork, zone: str) -> str:
    """"21.05.2027, 23:00 (МСК)", or "" where there is no last day."""
    due_ms, results = work.due_ms(zone), work.campaign.contents.results
    if due_ms is None or results is None:
        return ""
    where = zone_of(results.forms_until.zone, zone)
    return f"{describe_instant(due_ms, where)} ({describe_zone(due_ms, where)})"
