"""Import: takes a package of any maker and a bank, gives a report; what cannot be used whole is refused by name."""
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from task_bank.items.findings import Finding
from task_bank.items.package import ASSESSMENT, digest
from task_bank.packages.assessment_of_test import Conversion, encode_assessment
from task_bank.packages.bank import (
    CLONES,
    PACKAGE,
    REPORT,
    AcceptedItem,
    ImportReport,
    RefusedFile,
    describe_report,
    is_entry,
    name_entry,
    read_report,
    write_entry,
)
from task_bank.packages.contents import ContentPackage, read_content
from task_bank.packages.opening import convert
from task_bank.packages.survey import Clones, Survey, survey_content

Progress = Callable[[int, int], object]


@dataclass(frozen=True)
class Wishes:
    """How to import. `whole`: all or nothing; `test`: identifier of the test to make a work of."""

    clones: Clones = Clones()
    whole: bool = False
    test: str | None = None


@dataclass(frozen=True)
class Imported:
    """`folder` is None when nothing was written; `was_there`: the same package had been imported before."""

    report: ImportReport
    folder: Path | None
    was_there: bool = False


def import_package(
    source: Path, bank: Path | None, wishes: Wishes = Wishes(), on_item: Progress = lambda done, of: None
) -> Imported:
    """Judge a package and put it into a bank; without a bank it is only judged.

    Nothing is written when no item is accepted, or, with `wishes.whole`, when anything is refused.
    Raises PackageError when the package itself cannot be read.
    """
    content = read_content(source)
    name = name_entry(content, wishes.clones.count, wishes.clones.seed)
    if bank is not None and is_entry(bank / name):
        return Imported(read_report(bank / name), bank / name, was_there=True)
    survey = survey_content(content, wishes.clones, on_item)
    own = ASSESSMENT in content.files
    conversion = Conversion(None, []) if own else convert(survey, wishes.test)
    report = _write_report(content, survey, conversion, wishes)
    if bank is None or not report.items or (wishes.whole and not report.is_whole):
        return Imported(report, None)
    beside = {REPORT: describe_report(report)}
    if conversion.assessment is not None:
        beside[ASSESSMENT] = encode_assessment(conversion.assessment)
    return Imported(report, write_entry(bank, name, {PACKAGE: content.files, CLONES: survey.made}, beside))


def _write_report(
    content: ContentPackage, survey: Survey, conversion: Conversion, wishes: Wishes
) -> ImportReport:
    findings = [*survey.findings, *conversion.findings]
    return ImportReport(
        package=content.name, digest=content.digest, files=len(content.files), items=_list_items(survey),
        refused=_list_refused(survey, findings), warnings=[one for one in findings if one.severity == "warning"],
        test=conversion.assessment["id"] if conversion.assessment is not None else None,
        clones=wishes.clones.count, seed=wishes.clones.seed,
    )


def _list_items(survey: Survey) -> list[AcceptedItem]:
    found = []
    for path, pool in survey.pools.items():
        for name in pool:
            item, facts = survey.items[name], survey.facts[name]
            points = None if facts.points is None else str(facts.points)
            origin = path if item.path != path else None
            found.append(AcceptedItem(name, item.path, digest(item.xml), facts.kind, points, origin))
    return found


def _list_refused(survey: Survey, findings: list[Finding]) -> list[RefusedFile]:
    reasons: dict[str, list[Finding]] = {path: [] for path in survey.refused}
    for one in findings:
        if one.severity == "error":
            reasons.setdefault(one.file, []).append(one)
    return [RefusedFile(path, found) for path, found in reasons.items()]
