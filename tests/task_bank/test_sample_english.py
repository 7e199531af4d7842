"""Content of the demonstration work "English, grade 7": needs only the files of the package."""
import json
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

ROOT = Path(__file__).parents[2] / "task_bank" / "samples" / "english_grade_7"
ASSESSMENT = json.loads((ROOT / "assessment.json").read_text("utf-8"))
QTI = {"q": "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"}
MANIFEST = {"m": "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"}
PARALLEL_ITEMS = 4


def read_item(name: str) -> etree._Element:
    return etree.parse(str(ROOT / "items" / f"{name}.xml")).getroot()


def position(number: int) -> dict:
    return next(one for one in ASSESSMENT["positions"] if one["number"] == number)


def find(node: etree._Element, path: str) -> list:
    return node.xpath(path, namespaces=QTI)


def key_of(item: etree._Element, response: str) -> list[str]:
    declared = f'q:qti-response-declaration[@identifier="{response}"]'
    return find(item, f"{declared}/q:qti-correct-response/q:qti-value/text()")


def all_names() -> list[str]:
    return [name for one in ASSESSMENT["positions"] for name in one["pool"]]


def inline_choices(name: str) -> Iterator[tuple[list[str], list[str]]]:
    item = read_item(name)
    for gap in find(item, "//q:qti-inline-choice-interaction"):
        options = find(gap, "q:qti-inline-choice/@identifier")
        yield options, key_of(item, gap.get("response-identifier"))


def opus_header_and_seconds(path: Path) -> tuple[int, int, float]:
    """Channels, input rate and length of an Opus file in one Ogg stream."""
    data = path.read_bytes()
    head = data.index(b"OpusHead")
    channels, pre_skip, rate = struct.unpack_from("<BHI", data, head + 9)
    granule = struct.unpack_from("<q", data, data.rindex(b"OggS") + 6)[0]
    return channels, rate, (granule - pre_skip) / 48_000


def test_six_positions_make_thirty_points() -> None:
    points = [one["points"] for one in ASSESSMENT["positions"]]
    assert points == [5, 2, 8, 5, 5, 5]
    assert sum(points) == ASSESSMENT["total_points"] == 30
    assert [one["number"] for one in ASSESSMENT["positions"]] == [1, 2, 3, 4, 5, 6]


def test_every_position_has_parallel_items() -> None:
    assert all(len(one["pool"]) >= PARALLEL_ITEMS for one in ASSESSMENT["positions"])
    assert len(set(all_names())) == len(all_names())


@pytest.mark.parametrize("name", all_names())
def test_item_is_named_as_its_file(name: str) -> None:
    item = read_item(name)
    assert item.get("identifier") == name
    assert item.tag == "{%s}qti-assessment-item" % QTI["q"]


@pytest.mark.parametrize("name", all_names())
def test_media_of_item_are_in_the_package(name: str) -> None:
    for source in read_item(name).xpath("//@src"):
        assert (ROOT / "items" / source).resolve().is_file(), source


@pytest.mark.parametrize("name", all_names())
def test_highest_score_is_the_points_of_the_position(name: str) -> None:
    points = next(one["points"] for one in ASSESSMENT["positions"] if name in one["pool"])
    highest = find(read_item(name), '//q:qti-outcome-declaration[@identifier="MAXSCORE"]//q:qti-value/text()')
    assert [float(value) for value in highest] == [points]


def test_manifest_lists_every_file_once() -> None:
    listed = etree.parse(str(ROOT / "imsmanifest.xml")).xpath("//m:file/@href", namespaces=MANIFEST)
    there = {path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if path.is_file()}
    assert sorted(listed) == sorted(there - {"imsmanifest.xml"})


def test_manifest_dependencies_exist() -> None:
    manifest = etree.parse(str(ROOT / "imsmanifest.xml"))
    wanted = set(manifest.xpath("//m:dependency/@identifierref", namespaces=MANIFEST))
    assert wanted <= set(manifest.xpath("//m:resource/@identifier", namespaces=MANIFEST))


def test_sections_of_the_test_draw_one_item_of_each_pool() -> None:
    test = etree.parse(str(ROOT / "assessment-test.xml")).getroot()
    sections = find(test, "//q:qti-assessment-section")
    pools = [find(section, "q:qti-assessment-item-ref/@identifier") for section in sections]
    assert pools == [one["pool"] for one in ASSESSMENT["positions"]]
    assert find(test, "//q:qti-selection/@select") == ["1"] * 6


@pytest.mark.parametrize("name", position(1)["pool"])
def test_dialogue_is_mono_opus_of_about_a_minute(name: str) -> None:
    channels, rate, seconds = opus_header_and_seconds(ROOT / "media" / f"{name}.ogg")
    assert (channels, rate) == (1, 48_000)
    assert 45 <= seconds <= 70


@pytest.mark.parametrize("name", position(1)["pool"])
def test_dialogue_is_written_out_for_markers_only(name: str) -> None:
    item = read_item(name)
    spoken = find(item, '//q:qti-rubric-block[@view="scorer"]//q:p[@xml:lang="en"]')
    shown = " ".join(find(item, "q:qti-item-body/*[not(self::q:qti-rubric-block)]//text()"))
    assert len(spoken) >= 10
    assert not any(line.text.split(": ", 1)[1].strip() in shown for line in spoken)


@pytest.mark.parametrize("name", position(1)["pool"] + position(5)["pool"])
def test_each_of_five_gaps_offers_three_options_and_one_key(name: str) -> None:
    gaps = list(inline_choices(name))
    assert len(gaps) == 5
    for options, key in gaps:
        assert len(set(options)) == 3
        assert len(key) == 1 and key[0] in options


@pytest.mark.parametrize("name", position(1)["pool"] + position(5)["pool"])
def test_keys_do_not_all_stand_at_one_place(name: str) -> None:
    places = {options.index(key[0]) for options, key in inline_choices(name)}
    assert len(places) > 1


@pytest.mark.parametrize("name", position(1)["pool"] + position(5)["pool"])
def test_every_gap_earns_its_point(name: str) -> None:
    item = read_item(name)
    gaps = find(item, "//q:qti-inline-choice-interaction/@response-identifier")
    assert find(item, "//q:qti-match/q:qti-variable/@identifier") == gaps
    assert find(item, "//q:qti-match/q:qti-correct/@identifier") == gaps


@pytest.mark.parametrize("name", position(4)["pool"] + position(6)["pool"])
def test_mapping_gives_one_point_for_each_pair_of_the_key(name: str) -> None:
    item = read_item(name)
    entries = find(item, "//q:qti-map-entry")
    assert [entry.get("map-key") for entry in entries] == key_of(item, "RESPONSE")
    assert [entry.get("mapped-value") for entry in entries] == ["1"] * 5


@pytest.mark.parametrize("name", position(4)["pool"])
def test_five_texts_have_six_headings_one_of_them_extra(name: str) -> None:
    item = read_item(name)
    texts, headings = (find(one, "*/@identifier") for one in find(item, "//q:qti-simple-match-set"))
    pairs = [pair.split() for pair in key_of(item, "RESPONSE")]
    assert [text for text, _ in pairs] == texts and len(texts) == 5
    assert len(headings) == 6 and len({heading for _, heading in pairs} & set(headings)) == 5


@pytest.mark.parametrize("name", position(6)["pool"])
def test_five_gaps_have_seven_words_two_of_them_extra(name: str) -> None:
    item = read_item(name)
    words = find(item, "//q:qti-gap-text/@identifier")
    pairs = [pair.split() for pair in key_of(item, "RESPONSE")]
    assert [gap for _, gap in pairs] == find(item, "//q:qti-gap/@identifier")
    assert len(words) == 7 and len({word for word, _ in pairs} & set(words)) == 5


@pytest.mark.parametrize("name", position(2)["pool"])
def test_text_to_read_aloud_fits_its_time(name: str) -> None:
    passage = find(read_item(name), '//q:div[@class="passage"]/q:p//text()')
    assert 90 <= len(" ".join(passage).split()) <= 120


@pytest.mark.parametrize("name", position(3)["pool"])
def test_photo_item_offers_three_different_pictures(name: str) -> None:
    item = read_item(name)
    pictures = find(item, "//q:qti-simple-choice/q:img/@src")
    assert len(set(pictures)) == 3
    assert key_of(item, "PHOTO") == []


def test_no_picture_is_used_twice() -> None:
    pictures = [path for name in position(3)["pool"] for path in find(read_item(name), "//q:img/@src")]
    assert len(pictures) == len(set(pictures)) >= 12


@pytest.mark.parametrize("number", [2, 3])
def test_item_and_position_agree_about_speaking(number: int) -> None:
    rule = position(number)["speaking"]
    for name in position(number)["pool"]:
        part = find(read_item(name), "//q:qti-portable-custom-interaction")[0]
        assert part.get("custom-interaction-type-identifier") == "urn:testing-server:speaking"
        assert part.get("data-preparation-seconds") == str(rule["prepare_s"])
        assert part.get("data-recording-seconds") == str(rule["record_s"])


@pytest.mark.parametrize("number", [2, 3])
def test_spoken_items_carry_advice_for_markers(number: int) -> None:
    for name in position(number)["pool"]:
        item = read_item(name)
        assert find(item, '//q:qti-outcome-declaration[@external-scored="human"]/@identifier') == ["SCORE"]
        assert len(find(item, '//q:qti-rubric-block[@view="scorer"]//q:p')) >= 3


@pytest.mark.parametrize("number", [2, 3])
def test_criteria_describe_every_level_and_make_the_points(number: int) -> None:
    criteria = ASSESSMENT["criteria"][position(number)["criteria"]]["criteria"]
    assert sum(one["max"] for one in criteria) == position(number)["points"]
    for one in criteria:
        assert [level["points"] for level in one["levels"]] == list(range(one["max"], -1, -1))
        assert len({level["text"] for level in one["levels"]}) == one["max"] + 1


def test_photo_without_its_first_criterion_is_worth_nothing() -> None:
    photo = ASSESSMENT["criteria"]["photo"]
    assert [one["id"] for one in photo["criteria"]] == ["К1", "К2", "К3", "К4"]
    assert photo["rules"] == [{"kind": "zeroes_item", "criterion": "К1", "when": 0}]


def test_scale_covers_all_points() -> None:
    steps = [(step["from"], step["mark"]) for step in ASSESSMENT["scale"]]
    assert steps == [(0, 2), (13, 3), (21, 4), (27, 5)]


@pytest.mark.parametrize("path", sorted((ROOT / "media").glob("*.svg")), ids=lambda path: path.stem)
def test_picture_is_plain_drawing(path: Path) -> None:
    drawing = etree.parse(str(path)).getroot()
    names = {etree.QName(node).localname for node in drawing.iter()}
    assert not names & {"script", "style", "image", "foreignObject", "use", "a"}
    assert not [name for node in drawing.iter() for name in node.attrib if "href" in name or name.startswith("on")]
    assert len(list(drawing.iter())) > 100
