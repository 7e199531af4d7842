"""Opening a package for work: takes a folder, a zip or a folder of the bank, gives an `AssessmentPackage`.

A package of ours brings its assessment.json. For any other one the assessment is read from its test, or, without a
test, every item becomes a task of a training work.
"""
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from task_bank.items.findings import Finding, refusal
from task_bank.items.manifest import TEST_TYPE
from task_bank.items.package import ASSESSMENT, AssessmentPackage, build_package, read_assessment
from task_bank.items.xml import PackageError
from task_bank.packages.assessment_of_test import Conversion, convert_items, convert_test, encode_assessment
from task_bank.packages.bank import Entry, find_only_entry, is_entry, read_entry
from task_bank.packages.contents import ContentPackage, read_content
from task_bank.packages.survey import Survey, survey_content
from task_bank.packages.test_file import read_test


class NoAssessment(PackageError):
    """No work can be made of the package; the text is the first reason, `findings` are all."""

    def __init__(self, name: str, findings: list[Finding]) -> None:
        first = next((one for one in findings if one.severity == "error"), None)
        if first is None:
            super().__init__(name, "holds no item that can be used")
        else:
            super().__init__(first.file, first.message, first.element, first.line)
        self.findings = findings


@dataclass(frozen=True)
class Opened:
    """A package and what was noticed while it was read. `refused`: why its own test makes no work.

    `work`: the file that says what the work is, or the package's name where no file does.
    """

    package: AssessmentPackage
    findings: list[Finding]
    refused: NoAssessment | None = None
    work: str = ASSESSMENT

    def place(self, findings: Iterable[Finding]) -> list[Finding]:
        """Findings about the work, told of the file that its author has: a foreign package has no assessment.json."""
        return [replace(one, file=self.work) if one.file == ASSESSMENT else one for one in findings]


def open_package(path: Path, test: str | None = None) -> AssessmentPackage:
    """Open any QTI 3 package for work. `test`: identifier, where a package has several and no assessment.json.

    Raises PackageError naming file, line and element; NoAssessment with every reason.
    """
    opened = open_for_view(path, test)
    if opened.refused is not None:
        raise opened.refused
    return opened.package


def open_for_view(path: Path, test: str | None = None) -> Opened:
    """As open_package, with everything that was noticed; where no work can be made, all items stand in its place."""
    path = find_only_entry(Path(path))
    if is_entry(path):
        return _open_entry(read_entry(path))
    content = read_content(path)
    if ASSESSMENT in content.files:
        return Opened(build_package(content.name, content.files), [])
    survey = survey_content(content)
    conversion = convert(survey, test)
    found = [*survey.findings, *conversion.findings]
    if not survey.items:
        raise NoAssessment(content.name, found)
    if conversion.assessment is not None:
        return Opened(_join(survey, conversion.assessment), found, work=_name_work(content))
    every = convert_items(content.name, survey.offer()).assessment
    refused = NoAssessment(content.name, conversion.findings)
    if every is None:
        raise NoAssessment(content.name, found)
    return Opened(_join(survey, every), found, refused, content.name)


def _name_work(content: ContentPackage) -> str:
    """The only test of the package, else its name: several are told apart by --test."""
    tests = content.manifest.of_type(TEST_TYPE)
    return tests[0].path or content.name if len(tests) == 1 else content.name


def _open_entry(entry: Entry) -> Opened:
    """A package of the bank: only what was accepted, without judging it again."""
    content, own = entry.content, entry.content.files.get(ASSESSMENT)
    refused = [reason for one in entry.report.refused for reason in one.reasons]
    findings = [replace(one, severity="warning", message=f"refused at import: {one.message}") for one in refused]
    assessment = entry.assessment or own
    if assessment is None:
        raise NoAssessment(content.name, refused)
    files = {**content.files, **entry.made, ASSESSMENT: assessment}
    kinds = content.manifest.kinds()
    derived = entry.assessment is not None
    parsed = read_assessment(assessment)
    return Opened(AssessmentPackage(content.name, files, entry.items, parsed, kinds, derived), findings)


def convert(survey: Survey, test: str | None = None) -> Conversion:
    """The assessment of a surveyed package that has none of its own."""
    paths = [resource.path or "" for resource in survey.content.manifest.of_type(TEST_TYPE)]
    if not paths:
        return convert_items(survey.content.name, survey.offer())
    tests, findings = [], []
    for path in paths:
        try:
            tests.append(read_test(path, survey.content.files))
        except PackageError as problem:
            findings.append(refusal(problem))
    chosen = [one for one in tests if test in (None, one.identifier)]
    if findings or len(chosen) != 1:
        names = ", ".join(one.identifier for one in tests)
        message = f"holds the tests {names}: name one with --test"
        return Conversion(None, findings or [Finding("error", survey.content.name, None, message)])
    return convert_test(chosen[0], survey.offer())


def _join(survey: Survey, data: dict[str, Any]) -> AssessmentPackage:
    """Accepted items and the assessment made for them, which no file of the package holds."""
    content, assessment = survey.content, encode_assessment(data)
    files = {**survey.files(), ASSESSMENT: assessment}
    kinds = content.manifest.kinds()
    return AssessmentPackage(content.name, files, survey.items, read_assessment(assessment), kinds, derived=True)
