"""Reading a foreign language work of grade 7 for its tests: takes the name of a sample, gives its items and texts."""
import json
import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

SAMPLES = Path(__file__).parents[2] / "task_bank" / "samples"
QTI = {"q": "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"}
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def find(node: etree._Element, path: str) -> list[Any]:
    """What an XPath finds, QTI elements under the prefix q."""
    return node.xpath(path, namespaces=QTI)


def key_of(item: etree._Element, response: str) -> list[str]:
    """The values of a key as they stand in the file."""
    declared = f'q:qti-response-declaration[@identifier="{response}"]'
    return find(item, f"{declared}/q:qti-correct-response/q:qti-value/text()")


def opus_header_and_seconds(path: Path) -> tuple[int, int, float]:
    """Channels, input rate and length of an Opus file in one Ogg stream."""
    data = path.read_bytes()
    head = data.index(b"OpusHead")
    channels, pre_skip, rate = struct.unpack_from("<BHI", data, head + 9)
    granule = struct.unpack_from("<q", data, data.rindex(b"OggS") + 6)[0]
    return channels, rate, (granule - pre_skip) / 48_000


class LanguageWork:
    """One sample work by the name of its folder."""

    def __init__(self, name: str) -> None:
        self.root = SAMPLES / name
        self.assessment: dict[str, Any] = json.loads((self.root / "assessment.json").read_text("utf-8"))
        self.language: str = self.assessment["content_language"]
        self.read_item = cache(self._read_item)

    def _read_item(self, name: str) -> etree._Element:
        return etree.parse(str(self.root / "items" / f"{name}.xml")).getroot()

    def position(self, number: int) -> dict[str, Any]:
        """The position of this number in the assessment."""
        return next(one for one in self.assessment["positions"] if one["number"] == number)

    def pool(self, *numbers: int) -> list[str]:
        """Names of the items of these positions, of all positions when none is named."""
        positions = self.assessment["positions"]
        return [name for one in positions if not numbers or one["number"] in numbers for name in one["pool"]]

    def inline_choices(self, name: str) -> Iterator[tuple[list[str], list[str]]]:
        """Options and key of each gap of an item."""
        item = self.read_item(name)
        for gap in find(item, "//q:qti-inline-choice-interaction"):
            yield find(gap, "q:qti-inline-choice/@identifier"), key_of(item, gap.get("response-identifier"))

    def foreign_texts(self, name: str) -> Iterator[str]:
        """Every text of an item that stands in the language of the work, advice for markers among them."""
        for node in find(self.read_item(name), "q:qti-item-body//*"):
            language = next(one.get(LANGUAGE) for one in (node, *node.iterancestors()) if one.get(LANGUAGE))
            if language == self.language and node.text and node.text.strip():
                yield " ".join(node.text.split(" "))
            above = node.getparent()
            inherited = next(one.get(LANGUAGE) for one in (above, *above.iterancestors()) if one.get(LANGUAGE))
            if inherited == self.language and node.tail and node.tail.strip():
                yield " ".join(node.tail.split(" "))
