"""What of a package can be used: takes its contents, gives accepted items, refusals and doubts, file by file.

Items are judged one by one, so that a strange one does not keep the others out.
"""
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from task_bank.assessments import Assessment
from task_bank.items.facts import ItemFacts
from task_bank.items.files import resolve_href
from task_bank.items.findings import Finding, error, refusal, warning
from task_bank.items.inspection import inspect_item
from task_bank.items.manifest import ITEM_TYPE, SECTION_TYPE, STIMULUS_TYPE, TEMPLATE_TYPE, find_circle
from task_bank.items.materialise import ItemTemplate, is_template, materialise
from task_bank.items.package import AssessmentPackage, ItemFile, read_item
from task_bank.items.versions import check_root
from task_bank.items.xml import XML_LANGUAGE, PackageError, find_all, parse_xml
from task_bank.packages.assessment_of_test import Offer
from task_bank.packages.contents import ContentPackage
from task_bank.packages.references import close_over

ROOTS = {
    STIMULUS_TYPE: "qti-assessment-stimulus",
    SECTION_TYPE: "qti-assessment-section",
    TEMPLATE_TYPE: "qti-response-processing",
}
REFERENCE = "qti-assessment-stimulus-ref"
USUAL_LANGUAGE = "ru"


@dataclass(frozen=True)
class Clones:
    """How many plain items are made of a template item, and the seed of their chance."""

    count: int = 0
    seed: int = 0


@dataclass
class Survey:
    """`items`: identifier → accepted item, clones among them; `pools`: path of every item of the manifest → its
    identifiers, none when it was refused; `made`: files of clones; `findings` by file, in the order of the manifest."""

    content: ContentPackage
    package: AssessmentPackage
    items: dict[str, ItemFile] = field(default_factory=dict)
    pools: dict[str, list[str]] = field(default_factory=dict)
    facts: dict[str, ItemFacts] = field(default_factory=dict)
    made: dict[str, bytes] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def refused(self) -> list[str]:
        """Paths of the items that were refused."""
        return [path for path, pool in self.pools.items() if not pool]

    @property
    def errors(self) -> list[Finding]:
        """Findings that refuse something."""
        return [one for one in self.findings if one.severity == "error"]

    def files(self) -> Mapping[str, bytes]:
        """The package's own files and those of the clones."""
        return {**self.content.files, **self.made}

    def offer(self) -> Offer:
        """What a test may use."""
        languages = Counter(filter(None, (item.root.get(XML_LANGUAGE) for item in self.items.values())))
        return Offer(self.pools, self.facts, languages.most_common(1)[0][0] if languages else USUAL_LANGUAGE)


def survey_content(
    content: ContentPackage, clones: Clones = Clones(), on_item: Callable[[int, int], object] = lambda done, of: None
) -> Survey:
    """Judge every item, stimulus, section and template of a package. `on_item(done, of)` tells the progress."""
    survey = Survey(content, _frame_package(content))
    for kind, name in ROOTS.items():
        for resource in content.manifest.of_type(kind):
            survey.findings += list(_judge_file(resource.path or "", name, content))
    survey.findings += list(_judge_stimuli(content))
    listed = content.manifest.of_type(ITEM_TYPE)
    for done, resource in enumerate(listed, 1):
        _judge_item(resource.path or "", survey, clones)
        on_item(done, len(listed))
    return survey


def _judge_file(path: str, name: str, content: ContentPackage) -> Iterator[Finding]:
    try:
        check_root(parse_xml(content.files[path], path), path, name)
    except PackageError as problem:
        yield refusal(problem)


def _judge_stimuli(content: ContentPackage) -> Iterator[Finding]:
    """A stimulus cannot refer to stimuli in QTI 3; one that does would be half shown, or never end."""
    for resource in content.manifest.of_type(STIMULUS_TYPE):
        path = resource.path or ""
        circle = find_circle(path, lambda name: _follow_stimuli(name, content))
        if circle:
            yield error(path, f"stimuli refer to one another: {' → '.join(circle)}")
        elif list(_follow_stimuli(path, content)):
            yield error(path, "a stimulus cannot refer to stimuli")


def _follow_stimuli(path: str, content: ContentPackage) -> Iterator[str]:
    try:
        root = parse_xml(content.files.get(path, b""), path)
        for node in find_all(root, REFERENCE):
            yield resolve_href(path, node.get("href", ""), node)
    except PackageError:
        return  # told where the file itself is judged


def _judge_item(path: str, survey: Survey, clones: Clones) -> None:
    survey.pools[path] = []
    try:
        item = read_item(path, survey.content.files)
        made = _make_items(item, survey, clones)
    except PackageError as problem:
        survey.findings.append(refusal(problem))
        return
    for one in made:
        _accept(one, path, survey)


def _make_items(item: ItemFile, survey: Survey, clones: Clones) -> Sequence[ItemFile]:
    """The item itself, or the plain items made of a template."""
    if not is_template(item.root):
        return [item]
    if not clones.count:
        message = "is made anew for each candidate: make plain items of it with --clones"
        raise PackageError(item.path, message, item.root)
    template = ItemTemplate(item.identifier, item.path, item.root)
    made = materialise(template, clones.count, clones.seed)
    if len(made) < clones.count:
        survey.findings.append(warning(item.path, f"makes {len(made)} different items, {clones.count} were asked for"))
    return [ItemFile(one.identifier, one.path, one.xml) for one in made]


def _accept(item: ItemFile, path: str, survey: Survey) -> None:
    if item.identifier in survey.items:
        known = survey.items[item.identifier].path
        survey.findings.append(error(item.path, f"has the identifier of {known}", item.root))
        return
    inspected = inspect_item(replace(survey.package, items={item.identifier: item}), item)
    needed = _judge_needs(item, survey, inspected.findings)
    survey.findings += [one for one in (*inspected.findings, *needed) if one not in survey.findings]
    if inspected.facts is None or needed:
        return
    survey.items[item.identifier] = item
    survey.facts[item.identifier] = inspected.facts
    survey.pools[path].append(item.identifier)
    if item.path not in survey.content.files:
        survey.made[item.path] = item.xml


def _judge_needs(item: ItemFile, survey: Survey, own: Sequence[Finding]) -> list[Finding]:
    """An item is no better than the text it stands on, or the picture it shows."""
    broken = {one.file for one in (*survey.findings, *own) if one.severity == "error"} - {item.path}
    needed = broken and close_over([item.path], {**survey.content.files, item.path: item.xml})
    return [error(item.path, f"needs {path}, which cannot be used") for path in sorted(broken & set(needed))]


def _frame_package(content: ContentPackage) -> AssessmentPackage:
    """The package with no work yet: enough to show and score an item."""
    frame = {
        "id": content.name, "version": 1, "title": {}, "subject": "other", "grade": None,
        "content_language": USUAL_LANGUAGE, "duration_s": 1, "positions": [], "scale": [], "total_points": 0,
    }
    assessment = msgspec.convert(frame, Assessment)
    return AssessmentPackage(content.name, content.files, {}, assessment, content.manifest.kinds(), derived=True)
