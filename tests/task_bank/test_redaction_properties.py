"""Of every item there is: nothing planted leaves with it, and neither order nor names tell what is right.

Items: all samples, every kind of the tests, and the public items of other makers where they lie beside the project.
"""
import json
import os
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree, html

from task_bank.items import AssessmentPackage, Identifiers, ItemFile, read_package, render_item
from task_bank.items.check_items import best_answer
from task_bank.items.media.loading import MEDIA_TYPES
from task_bank.items.redaction.policy import UnsupportedElement
from task_bank.items.xml import PackageError, find_all, find_first, local_name, parse_xml
from task_bank.sealing import build_materials_entries
from task_bank.variants import Variant, deliver
from tests.task_bank.builders import KINDS, make_assessment, make_files, make_package, make_position
from tests.task_bank.form_kinds import ARABIC, CONTENT, FILE_KINDS
from tests.task_bank.media_files import MAKERS, WORD, make_svg
from tests.task_bank.planting import plant, plant_stimulus

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "task_bank" / "samples"
PUBLIC = Path(os.environ.get("QTI_ITEMS", ROOT.parent / "shared" / "qti-items"))
TELLING = re.compile(rb"qti-(correct|map|response|set-|feedback|rubric-block|outcome)|<!--|<\?|data-original")
CANARY = re.compile(rb"canary[\w.-]*", re.IGNORECASE)
FILES = {kind: make for kind, make in MAKERS.values()} | {"image/svg+xml": make_svg}
Case = tuple[str, str]
TIFF = "d3fc4cde-5dc0-451c-b2a5-3df3ba554e3e"  # browsers show no TIFF


@cache
def read_sample(name: str) -> AssessmentPackage:
    return read_package(SAMPLES / name)


@cache
def list_cases() -> dict[Case, bytes]:
    """(where from, identifier) → XML of every item."""
    cases = {("kinds", name): xml for name, xml in (KINDS | FILE_KINDS).items()}
    cases |= {("kinds", "arabic"): ARABIC, ("kinds", "content"): CONTENT}
    for folder in sorted(path for path in SAMPLES.iterdir() if (path / "assessment.json").exists()):
        for item in read_sample(folder.name).items.values():
            cases[folder.name, item.identifier] = item.xml
    for path in sorted(PUBLIC.rglob("*.xml")) if PUBLIC.is_dir() else ():
        root = parse_xml(path.read_bytes(), path.name)
        if local_name(root) == "qti-assessment-item":
            cases["public", path.stem] = etree.tostring(_gather_files(root))
    return cases


def _gather_files(root: Any) -> Any:
    """Pictures of others' items are not here: each name leads to one of ours of its kind."""
    for node in root.iter():
        for attribute in ("src", "data"):
            if local_name(node) and node.get(attribute):
                node.set(attribute, "../media/" + node.get(attribute).replace("/", "-"))
    return root


def read_files(source: str) -> dict[str, bytes]:
    """Files other than items that belong to the items of a source."""
    if source in ("kinds", "public"):
        return {path: data for path, data in make_files({}).items() if path.startswith("media/")}
    return {path: data for path, data in read_sample(source).files.items() if not path.startswith("items/")}


def build(case: Case, xml: bytes, files: dict[str, bytes]) -> AssessmentPackage:
    """A work of this one item, with the place it needs."""
    source, identifier = case
    position: dict[str, Any] = {}
    root = parse_xml(xml, identifier)
    if find_first(root, "qti-portable-custom-interaction") is not None:
        position |= {"kind": "speaking", "speaking": {"prepare_s": 90, "record_s": 120}}
    if find_first(root, "qti-media-interaction") is not None:
        position |= {"kind": "listening", "listening": {"read_s": 45, "plays": 2}}
    name = str(root.get("identifier"))
    assessment = make_assessment(
        [make_position(pool=(name,), note="CANARY-note", **position)], author="CANARY-author",
        criteria={"CANARY-criteria": {"criteria": [{"id": "К1", "max": 1, "title": "CANARY", "levels": []}]}},
    )
    described = {path: data for path, data in files.items() if path not in ("imsmanifest.xml", "assessment.json")}
    more = {path.replace("/", "__").replace(".", "_dot_"): data for path, data in described.items()}
    return make_package({name: xml}, assessment, **more)


def plant_files(files: dict[str, bytes], renamed: dict[str, str]) -> dict[str, bytes]:
    """Each file the item names, under its new name and with a word planted in it."""
    planted = {path: plant_stimulus(data) if path.startswith("stimuli/") else data for path, data in files.items()}
    for old, new in renamed.items():
        path = posixpath.normpath(posixpath.join("items", old))
        kind = MEDIA_TYPES[posixpath.splitext(path)[1].lower()]
        data = FILES[kind](WORD) if kind != "image/svg+xml" or path not in files else _plant_svg(files[path])
        planted[posixpath.normpath(posixpath.join("items", new))] = data
    return planted


def _plant_svg(data: bytes) -> bytes:
    root = etree.fromstring(data)
    for part in etree.fromstring(make_svg()):
        if local_name(part) in ("title", "desc", "metadata", "style", "script"):
            root.insert(0, part)
    root.set("aria-label", "CANARY-aria")
    root.set("id", "CANARY-id")
    return etree.tostring(root)


def open_as_school(package: AssessmentPackage, seed: int, redaction: bool = True) -> bytes:
    """All a school can open before the criteria hour: names and bytes of every file of the materials."""
    (name,) = package.items
    delivery = deliver(package, Variant("12345", (name,)), seed, redaction)
    entries = build_materials_entries(package, [delivery])
    return b"\n".join(f"{entry.name}\n".encode() + _read(entry.content) for entry in entries)


def _read(content: Any) -> bytes:
    return content if isinstance(content, bytes) else b"".join(content)


def open_planted(case: Case, seed: int, redaction: bool = True) -> bytes:
    xml, renamed = plant(list_cases()[case])
    return open_as_school(build(case, xml, plant_files(read_files(case[0]), renamed)), seed, redaction)


def is_refused(case: Case) -> bool:
    """Whether the item as its author wrote it is refused; the reason must name a file and, mostly, an element."""
    xml = list_cases()[case]
    try:
        root = parse_xml(xml, case[1])
        files = read_files(case[0])
        for node in root.iter():
            written = node.get("src") or node.get("data") if local_name(node) else None
            path = posixpath.normpath(posixpath.join("items", written or ""))
            kind = MEDIA_TYPES.get(posixpath.splitext(path)[1].lower())
            if written and kind:
                files.setdefault(path, FILES[kind](b""))
        open_as_school(build(case, xml, files), 1)
    except PackageError as problem:
        assert problem.file and (problem.element or not isinstance(problem, UnsupportedElement))
        return True
    return False


@pytest.mark.parametrize("case", list_cases(), ids="/".join)
def test_nothing_planted_in_an_item_reaches_a_school(case: Case) -> None:
    if is_refused(case):
        assert case[0] == "public", "our own items are never refused"
        return
    opened = open_planted(case, seed=7)
    assert set(CANARY.findall(opened)) == set()
    assert TELLING.search(opened) is None


@settings(max_examples=40, deadline=None)
@given(case=st.sampled_from([case for case in list_cases() if case[0] != "public"]), seed=st.integers(0, 2**128))
def test_no_seed_lets_a_planted_word_through(case: Case, seed: int) -> None:
    assert CANARY.search(open_planted(case, seed)) is None


@pytest.mark.parametrize("case", [case for case in list_cases() if case[0] == "kinds"], ids="/".join)
def test_the_same_search_finds_the_words_when_redaction_is_off(case: Case) -> None:
    found = set(re.findall(rb"CANARY-([a-z]+)", open_planted(case, 7, redaction=False)))
    assert found >= {b"attribute", b"class", b"block", b"rubric", b"author", b"both", b"hidden"}


def test_public_items_are_shown_whole_or_refused_by_name() -> None:
    public = [case for case in list_cases() if case[0] == "public"]
    if not public:
        pytest.skip("items of other makers are not here")
    refused = {case[1] for case in public if is_refused(case)}
    assert refused == {"gap-match-item", "sum_item", "complex-response-processing", TIFF}


# Order.

def choices_of(root: Any) -> Iterator[tuple[Any, list[str], list[str]]]:
    """(interaction, identifiers that are moved, right ones) of each interaction whose choices are shuffled."""
    for name in ("qti-choice-interaction", "qti-inline-choice-interaction"):
        for node in find_all(root, name):
            moved = [
                str(one.get("identifier")) for one in node
                if local_name(one) in ("qti-simple-choice", "qti-inline-choice") and one.get("fixed") != "true"
            ]
            declared = next(one for one in find_all(root, "qti-response-declaration")
                            if one.get("identifier") == node.get("response-identifier"))
            best = best_answer(declared)
            right = best if isinstance(best, list) else [str(best)]
            if node.get("shuffle") != "false" and len(moved) > 1:
                yield node, moved, [one for one in right if one in moved]


def delivered_order(package: AssessmentPackage, item: ItemFile, seed: int) -> list[str]:
    """Original identifiers in the order a candidate meets them."""
    names = Identifiers(f"i{seed}")
    render_item(package, item, next(
        position for position in package.assessment.positions if item.identifier in position.pool
    ), names, f"seed/{seed}")
    return list(names.choices.values())


def is_uniform(counts: Iterable[int]) -> bool:
    """Chi-square at about one chance in 10,000 (Wilson and Hilferty's approximation)."""
    counts = list(counts)
    expected, freedom = sum(counts) / len(counts), len(counts) - 1
    statistic = sum((count - expected) ** 2 / expected for count in counts)
    deviate = ((statistic / freedom) ** (1 / 3) - (1 - 2 / (9 * freedom))) / (2 / (9 * freedom)) ** 0.5
    return deviate < 3.72


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.iterdir() if (path / "assessment.json").exists()))
def test_the_right_choice_stands_anywhere_equally_often_in_the_samples(name: str) -> None:
    package = read_sample(name)
    places: dict[int, Counter[int]] = {}
    for position in package.assessment.positions:
        for identifier in position.pool:
            item = package.items[identifier]
            wanted = list(choices_of(item.root))
            for seed in range(40) if wanted else ():
                order = delivered_order(package, item, seed)
                for _, moved, right in wanted:
                    met = [one for one in order if one in moved]
                    if len(met) == len(moved) and len(right) == 1:
                        places.setdefault(len(moved), Counter())[met.index(right[0])] += 1
    for count, met in places.items():
        assert is_uniform(met[place] for place in range(count)), (count, met)


SHUFFLED = {
    "choice": ["right", "wrong"], "multiple": ["right", "wrong", "last"], "inline": ["right", "wrong"],
    "order": ["step-1", "step-2", "step-3"], "gaps": ["w-cat", "w-dog", "w-extra"],
    "associate": ["salt", "pepper", "cup", "saucer", "spoon"], "inline-formulas": ["half", "two", "boat"],
    "order-some": ["mercury", "venus", "earth", "saturn", "neptune"], "picture-gaps": ["i-ship", "w-water"],
    "graphic-gaps": ["g-ship", "g-tree", "g-house"],
}


@pytest.mark.parametrize("kind", SHUFFLED)
def test_every_choice_stands_at_every_place_equally_often(kind: str) -> None:
    package = make_package({kind: KINDS[kind]}, make_assessment([make_position(pool=(kind,))]))
    moved = SHUFFLED[kind]
    met: dict[str, Counter[int]] = {name: Counter() for name in moved}
    for seed in range(600):
        order = [one for one in delivered_order(package, package.items[kind], seed) if one in moved]
        for name in moved:
            met[name][order.index(name)] += 1
    for name in moved:
        assert is_uniform(met[name][place] for place in range(len(moved))), (name, met[name])


def test_the_test_of_uniformity_finds_a_bias() -> None:
    chance = Random(5)
    fair = Counter(chance.randrange(4) for _ in range(1000))
    loaded = Counter(chance.choice((0, 0, 1, 2, 3)) for _ in range(1000))
    assert is_uniform(fair[place] for place in range(4)) and not is_uniform(loaded[place] for place in range(4))


@pytest.mark.parametrize("kind", ["hotspot", "hotspot-one", "graphic-order", "graphic-associate", "graphic-gaps"])
def test_regions_are_delivered_alike_whatever_order_the_author_wrote_them_in(kind: str) -> None:
    root = etree.fromstring(KINDS[kind])
    spots = [node for node in root.iter() if local_name(node) in ("qti-hotspot-choice", "qti-associable-hotspot")]
    parent = spots[0].getparent()
    assert parent is not None
    for spot in reversed(spots):
        parent.append(spot)
    delivered = []
    for xml in (KINDS[kind], etree.tostring(root)):
        package = make_package({kind: xml}, make_assessment([make_position(pool=(kind,))]))
        item = package.items[kind]
        delivered.append(render_item(package, item, package.assessment.positions[0], Identifiers("i"), "seed").data)
    assert delivered[0] == delivered[1]


# Names.

@settings(max_examples=60, deadline=None)
@given(kind=st.sampled_from(sorted(KINDS | FILE_KINDS)), seed=st.integers(0, 2**128))
def test_two_variants_of_an_item_share_no_name_of_a_choice(kind: str, seed: int) -> None:
    package = make_package({kind: (KINDS | FILE_KINDS)[kind]}, make_assessment([make_position(pool=(kind,))]))
    both = [deliver(package, Variant(number, (kind,)), seed) for number in ("12345", "12346")]
    keys = [delivery.keys_json["items"][0] for delivery in both]
    assert not keys[0]["identifiers"].keys() & keys[1]["identifiers"].keys()
    assert keys[0]["id"] != keys[1]["id"]
    written = {str(node.get("identifier")) for node in parse_xml((KINDS | FILE_KINDS)[kind], kind).iter()
               if node.get("identifier") and local_name(node) not in ("qti-outcome-declaration",)}
    for delivery in both:
        sent = json.dumps(delivery.variant_json["items"][0])
        values = set(re.findall(r'(?:value|data-(?:choice|gap|region|response)|id|name|labelledby)=\\"([^"\\]*)', sent))
        assert not written & {word for value in values for word in re.split(r"[\s-]", value)}


@settings(max_examples=60, deadline=None)
@given(kind=st.sampled_from(sorted(KINDS | FILE_KINDS)), seed=st.integers(0, 2**64))
def test_every_id_a_page_refers_to_is_on_it_once(kind: str, seed: int) -> None:
    package = make_package({kind: (KINDS | FILE_KINDS)[kind]}, make_assessment([make_position(pool=(kind,))]))
    data = deliver(package, Variant("12345", (kind,)), seed).variant_json["items"][0]
    page = html.fromstring(data["html"])
    ids = page.xpath("//@id")
    referred = {word for value in page.xpath("//@aria-labelledby") for word in value.split()}
    assert len(ids) == len(set(ids)) and referred <= set(ids)
