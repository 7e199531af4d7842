"""Answers given on the screen as a person gives them, chosen by the keys of the works' own source files.

Takes what is seen (texts), never identifiers: those on the screen are opaque. Gives how many answers were right and
how many wrong, so that a test can say what they are worth without asking the product.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import etree
from playwright.sync_api import Locator, Page, expect

SAMPLES = Path(__file__).parents[2] / "task_bank" / "samples"
QTI = "{http://www.imsglobal.org/xsd/imsqtiasi_v3p0}"
ALMOST_ALL = 0.97


@dataclass(frozen=True)
class Given:
    """What was answered: right and wrong places; what was left open is neither."""

    right: int
    wrong: int = 0


class Source:
    """One item as its authors wrote it, with its key."""

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        self._root = etree.parse(path).getroot()
        for rubric in self._root.findall(f".//{QTI}qti-rubric-block"):
            rubric.getparent().remove(rubric)
        self._body = self._root.find(f"{QTI}qti-item-body")

    @property
    def words(self) -> set[str]:
        """All words a candidate should see."""
        return set(read(self._body).split())

    @property
    def keys(self) -> list[list[str]]:
        """The right values of each scored response, in the order of the file."""
        found = self._root.findall(f"{QTI}qti-response-declaration/{QTI}qti-correct-response")
        return [[value.text or "" for value in one] for one in found]

    @property
    def texts(self) -> dict[str, str]:
        """Identifier of everything that can be chosen → its text."""
        return {one.get("identifier", ""): read(one) for one in self._body.iter(
            *(f"{QTI}qti-{kind}" for kind in ("simple-choice", "inline-choice", "simple-associable-choice", "gap-text",
                                              "hottext")))}

    @property
    def lists(self) -> list[list[str]]:
        """The texts of each drop-down list, in the order of the file."""
        return [[read(choice) for choice in one.findall(f"{QTI}qti-inline-choice")]
                for one in self._body.iter(f"{QTI}qti-inline-choice-interaction")]

    @property
    def gaps(self) -> list[str]:
        """Identifiers of the gaps, in the order of the text."""
        return [one.get("identifier", "") for one in self._body.iter(f"{QTI}qti-gap")]


def read(node: etree._Element) -> str:
    """The text of an element in one line."""
    return " ".join("".join(node.itertext()).split())


def recognize(page: Page, work: str, names: Sequence[str]) -> Source:
    """Which of a position's parallel items is on the screen: the one all of whose words are there."""
    seen = set((page.locator(".item-body").text_content() or "").split())
    # texts of neighbouring elements run together on the page, so single words are looked up in the whole text too
    whole = " ".join(sorted(seen))
    sources = [Source(SAMPLES / work / "items" / f"{name}.xml") for name in names]
    shares = sorted(((sum(word in seen or word in whole for word in one.words) / len(one.words), one.name, one)
                     for one in sources), reverse=True)
    assert shares[0][0] >= ALMOST_ALL > shares[1][0], [share[:2] for share in shares]
    return shares[0][2]


def choose(body: Locator, texts: Sequence[str]) -> None:
    """Ticks these options or sentences."""
    for text in texts:
        label = body.locator("label").filter(has=body.page.locator(":scope > span").filter(has_text=exactly(text)))
        label.locator("input").check()


def choose_options(page: Page, source: Source, right: int, wrong: int) -> Given:
    """So many of the right options and so many of the wrong ones."""
    texts, [key] = source.texts, source.keys
    others = [name for name in texts if name not in key]
    choose(page.locator(".item-body"), [texts[name] for name in [*key[:right], *others[:wrong]]])
    return Given(right, wrong)


def fill_lists(page: Page, source: Source, wrong: Sequence[int] = ()) -> Given:
    """Every drop-down list; those with the places named in `wrong` get another choice than the right one."""
    shown = page.locator(".item-body select.qti-inline-choice")
    expect(shown).to_have_count(len(source.lists))
    for place, (key, texts) in enumerate(zip(source.keys, source.lists, strict=True)):
        right = source.texts[key[0]]
        chosen = next(text for text in texts if text != right) if place in wrong else right
        shown.nth(place).select_option(label=chosen)
    return Given(len(source.lists) - len(wrong), len(wrong))


def match_rows(page: Page, source: Source, swapped: bool) -> Given:
    """A list of rows, each with a drop-down list; the last two rows may be given each other's."""
    pairs = dict(pair.split(" ") for pair in source.keys[0])
    rows = list(pairs)
    if swapped:
        pairs[rows[-2]], pairs[rows[-1]] = pairs[rows[-1]], pairs[rows[-2]]
    for row, column in pairs.items():
        select = page.locator(".qti-match-row").filter(has_text=source.texts[row]).locator("select")
        label = select.locator("option").filter(has_text=re.compile(rf"^\d+\. {re.escape(source.texts[column])}$"))
        select.select_option(label=label.text_content() or "")
    return Given(len(rows) - 2, 2) if swapped else Given(len(rows))


def mark_table(page: Page, source: Source, wrong: int = 0) -> Given:
    """A table of marks; the first `wrong` rows get another column than the right one."""
    pairs = [pair.split(" ") for pair in source.keys[0]]
    heads = [" ".join(text.split()) for text in page.locator(".qti-match-table thead th").all_text_contents()]
    for place, (row, column) in enumerate(pairs):
        right = source.texts[column]
        # the last column of the first wrong row is nobody's else: an option that fits once must not move away
        taken = [source.texts[other] for _, other in pairs]
        wanted = next(text for text in heads if text not in taken) if place < wrong else right
        line = page.locator(".qti-match-table tbody tr").filter(has_text=source.texts[row])
        line.locator("td").nth(heads.index(wanted)).locator("input").check()
    return Given(len(pairs) - wrong, wrong)


def put_in_order(page: Page, source: Source, backwards: bool = False) -> Given:
    """Lines, moved by their buttons until they stand as wanted."""
    wanted = [source.texts[name] for name in source.keys[0]]
    if backwards:
        wanted.reverse()
    lines = page.locator(".qti-order-list > li")
    for place, text in enumerate(wanted):
        line = lines.filter(has=page.locator(".qti-order-text").filter(has_text=exactly(text)))
        for _ in range(read_order(page).index(text) - place):
            line.get_by_role("button").first.click()
    if page.get_by_role("button", name="Порядок верный").is_visible():
        page.get_by_role("button", name="Порядок верный").click()
    assert read_order(page) == wanted
    return Given(0, len(wanted)) if backwards else Given(len(wanted))


def read_order(page: Page) -> list[str]:
    """The lines as they stand now."""
    return [" ".join(text.split()) for text in page.locator(".qti-order-text").all_text_contents()]


def fill_gaps(page: Page, source: Source, leave: int = 0) -> Given:
    """Words into gaps: a click on the word, a click on the gap. The last `leave` gaps stay empty."""
    words = {gap: word for word, gap in (pair.split(" ") for pair in source.keys[0])}
    gaps = source.gaps[:len(source.gaps) - leave]
    for place, gap in enumerate(gaps):
        page.locator(".qti-gap-words").get_by_role("button", name=source.texts[words[gap]], exact=True).click()
        page.locator(".qti-gap").nth(place).get_by_role("button").click()
        expect(page.locator(".qti-gap").nth(place)).to_contain_text(source.texts[words[gap]])
    return Given(len(gaps))


def type_entries(page: Page, source: Source, wrong: Sequence[int] = ()) -> Given:
    """Short answers: numbers with a comma, words in capitals, as people type them."""
    fields = page.locator(".item-body input.qti-text-entry")
    for place, [key, *_] in enumerate(source.keys):
        fields.nth(place).fill("999" if place in wrong else key.replace(".", ",").upper())
        fields.nth(place).blur()
    return Given(len(source.keys) - len(wrong), len(wrong))


def exactly(text: str) -> re.Pattern[str]:
    """The text and nothing else, however it is broken into lines."""
    return re.compile(rf"^\s*{re.escape(text)}\s*$".replace(r"\ ", r"\s+"))
