"""Content of the demonstration works in foreign languages, grade 7: needs only the files of their packages."""
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.task_bank.language_work import (
    LANGUAGE, QTI, LanguageWork, find, key_of, opus_header_and_seconds)

WORKS = {work: LanguageWork(work) for work in ("english_grade_7", "german_grade_7", "french_grade_7")}
MANIFEST = {"m": "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"}
PARALLEL_ITEMS = 4

each_work = pytest.mark.parametrize("work", WORKS.values(), ids=WORKS)


def each_item(*numbers: int) -> pytest.MarkDecorator:
    """Every item of these positions in every work."""
    cases = [pytest.param(work, name, id=f"{work.language}-{name}") for work in WORKS.values()
             for name in work.pool(*numbers)]
    return pytest.mark.parametrize("work, name", cases)


@each_work
def test_six_positions_make_thirty_points(work: LanguageWork) -> None:
    points = [one["points"] for one in work.assessment["positions"]]
    assert points == [5, 2, 8, 5, 5, 5]
    assert sum(points) == work.assessment["total_points"] == 30
    assert [one["number"] for one in work.assessment["positions"]] == [1, 2, 3, 4, 5, 6]


@each_work
def test_every_position_has_parallel_items(work: LanguageWork) -> None:
    assert all(len(one["pool"]) >= PARALLEL_ITEMS for one in work.assessment["positions"])
    assert len(set(work.pool())) == len(work.pool())


@each_item()
def test_item_is_named_as_its_file(work: LanguageWork, name: str) -> None:
    item = work.read_item(name)
    assert item.get("identifier") == name
    assert item.tag == "{%s}qti-assessment-item" % QTI["q"]
    assert item.get(LANGUAGE) == work.language


@each_item()
def test_media_of_item_are_in_the_package(work: LanguageWork, name: str) -> None:
    for source in work.read_item(name).xpath("//@src"):
        assert (work.root / "items" / source).resolve().is_file(), source


@each_item()
def test_highest_score_is_the_points_of_the_position(work: LanguageWork, name: str) -> None:
    points = next(one["points"] for one in work.assessment["positions"] if name in one["pool"])
    highest = find(work.read_item(name), '//q:qti-outcome-declaration[@identifier="MAXSCORE"]//q:qti-value/text()')
    assert [float(value) for value in highest] == [points]


@each_work
def test_manifest_lists_every_file_once(work: LanguageWork) -> None:
    listed = etree.parse(str(work.root / "imsmanifest.xml")).xpath("//m:file/@href", namespaces=MANIFEST)
    there = {path.relative_to(work.root).as_posix() for path in work.root.rglob("*") if path.is_file()}
    assert sorted(listed) == sorted(there - {"imsmanifest.xml"})


@each_work
def test_manifest_dependencies_exist(work: LanguageWork) -> None:
    manifest = etree.parse(str(work.root / "imsmanifest.xml"))
    wanted = set(manifest.xpath("//m:dependency/@identifierref", namespaces=MANIFEST))
    assert wanted <= set(manifest.xpath("//m:resource/@identifier", namespaces=MANIFEST))


@each_work
def test_sections_of_the_test_draw_one_item_of_each_pool(work: LanguageWork) -> None:
    test = etree.parse(str(work.root / "assessment-test.xml")).getroot()
    sections = find(test, "//q:qti-assessment-section")
    pools = [find(section, "q:qti-assessment-item-ref/@identifier") for section in sections]
    assert pools == [one["pool"] for one in work.assessment["positions"]]
    assert find(test, "//q:qti-selection/@select") == ["1"] * 6


@each_item(1)
def test_dialogue_is_mono_opus_of_about_a_minute(work: LanguageWork, name: str) -> None:
    channels, rate, seconds = opus_header_and_seconds(work.root / "media" / f"{name}.ogg")
    assert (channels, rate) == (1, 48_000)
    assert 45 <= seconds <= 90


@each_item(1)
def test_dialogue_is_written_out_for_markers_only(work: LanguageWork, name: str) -> None:
    item = work.read_item(name)
    spoken = find(item, f'//q:qti-rubric-block[@view="scorer"]//q:p[@xml:lang="{work.language}"]')
    shown = " ".join(find(item, "q:qti-item-body/*[not(self::q:qti-rubric-block)]//text()"))
    assert len(spoken) >= 10
    assert not any(line.text.split(": ", 1)[1].strip() in shown for line in spoken)


@each_item(1, 5)
def test_each_of_five_gaps_offers_three_options_and_one_key(work: LanguageWork, name: str) -> None:
    gaps = list(work.inline_choices(name))
    assert len(gaps) == 5
    for options, key in gaps:
        assert len(set(options)) == 3
        assert len(key) == 1 and key[0] in options


@each_item(1, 5)
def test_keys_do_not_all_stand_at_one_place(work: LanguageWork, name: str) -> None:
    places = {options.index(key[0]) for options, key in work.inline_choices(name)}
    assert len(places) > 1


@each_item(1, 5)
def test_every_gap_earns_its_point(work: LanguageWork, name: str) -> None:
    item = work.read_item(name)
    gaps = find(item, "//q:qti-inline-choice-interaction/@response-identifier")
    assert find(item, "//q:qti-match/q:qti-variable/@identifier") == gaps
    assert find(item, "//q:qti-match/q:qti-correct/@identifier") == gaps


@each_item(4, 6)
def test_mapping_gives_one_point_for_each_pair_of_the_key(work: LanguageWork, name: str) -> None:
    item = work.read_item(name)
    entries = find(item, "//q:qti-map-entry")
    assert [entry.get("map-key") for entry in entries] == key_of(item, "RESPONSE")
    assert [entry.get("mapped-value") for entry in entries] == ["1"] * 5


@each_item(4)
def test_five_texts_have_six_headings_one_of_them_extra(work: LanguageWork, name: str) -> None:
    item = work.read_item(name)
    texts, headings = (find(one, "*/@identifier") for one in find(item, "//q:qti-simple-match-set"))
    pairs = [pair.split() for pair in key_of(item, "RESPONSE")]
    assert [text for text, _ in pairs] == texts and len(texts) == 5
    assert len(headings) == 6 and len({heading for _, heading in pairs} & set(headings)) == 5


@each_item(6)
def test_five_gaps_have_seven_words_two_of_them_extra(work: LanguageWork, name: str) -> None:
    item = work.read_item(name)
    words = find(item, "//q:qti-gap-text/@identifier")
    pairs = [pair.split() for pair in key_of(item, "RESPONSE")]
    assert [gap for _, gap in pairs] == find(item, "//q:qti-gap/@identifier")
    assert len(words) == 7 and len({word for word, _ in pairs} & set(words)) == 5


@each_item(6)
def test_no_word_of_the_key_stands_in_the_title(work: LanguageWork, name: str) -> None:
    item = work.read_item(name)
    words = dict(zip(find(item, "//q:qti-gap-text/@identifier"), find(item, "//q:qti-gap-text/text()")))
    title = find(item, "//q:h2/text()")[0].lower().split()
    assert not [pair for pair in key_of(item, "RESPONSE") if words[pair.split()[0]].lower() in title]


@each_item(2)
def test_text_to_read_aloud_fits_its_time(work: LanguageWork, name: str) -> None:
    passage = " ".join(find(work.read_item(name), '//q:div[@class="passage"]/q:p//text()'))
    assert 90 <= len(re.findall(r"[\w’-]+", passage)) <= 120


@each_item(3)
def test_photo_item_offers_three_different_pictures(work: LanguageWork, name: str) -> None:
    item = work.read_item(name)
    pictures = find(item, "//q:qti-simple-choice/q:img/@src")
    assert len(set(pictures)) == 3
    assert key_of(item, "PHOTO") == []


@each_work
def test_no_picture_is_used_twice(work: LanguageWork) -> None:
    pictures = [path for name in work.position(3)["pool"] for path in find(work.read_item(name), "//q:img/@src")]
    assert len(pictures) == len(set(pictures)) >= 12


@each_work
@pytest.mark.parametrize("number", [2, 3])
def test_item_and_position_agree_about_speaking(work: LanguageWork, number: int) -> None:
    rule = work.position(number)["speaking"]
    for name in work.position(number)["pool"]:
        part = find(work.read_item(name), "//q:qti-portable-custom-interaction")[0]
        assert part.get("custom-interaction-type-identifier") == "urn:testing-server:speaking"
        assert part.get("data-preparation-seconds") == str(rule["prepare_s"])
        assert part.get("data-recording-seconds") == str(rule["record_s"])


@each_work
@pytest.mark.parametrize("number", [2, 3])
def test_spoken_items_carry_advice_for_markers(work: LanguageWork, number: int) -> None:
    for name in work.position(number)["pool"]:
        item = work.read_item(name)
        assert find(item, '//q:qti-outcome-declaration[@external-scored="human"]/@identifier') == ["SCORE"]
        assert len(find(item, '//q:qti-rubric-block[@view="scorer"]//q:p')) >= 3


@each_work
@pytest.mark.parametrize("number", [2, 3])
def test_criteria_describe_every_level_and_make_the_points(work: LanguageWork, number: int) -> None:
    criteria = work.assessment["criteria"][work.position(number)["criteria"]]["criteria"]
    assert sum(one["max"] for one in criteria) == work.position(number)["points"]
    for one in criteria:
        assert [level["points"] for level in one["levels"]] == list(range(one["max"], -1, -1))
        assert len({level["text"] for level in one["levels"]}) == one["max"] + 1


@each_work
def test_photo_without_its_first_criterion_is_worth_nothing(work: LanguageWork) -> None:
    photo = work.assessment["criteria"]["photo"]
    assert [one["id"] for one in photo["criteria"]] == ["К1", "К2", "К3", "К4"]
    assert photo["rules"] == [{"kind": "zeroes_item", "criterion": "К1", "when": 0}]


@each_work
def test_scale_covers_all_points(work: LanguageWork) -> None:
    steps = [(step["from"], step["mark"]) for step in work.assessment["scale"]]
    assert steps == [(0, 2), (13, 3), (21, 4), (27, 5)]


@each_item()
def test_nothing_is_typed_so_no_spelling_is_judged(work: LanguageWork, name: str) -> None:
    assert find(work.read_item(name), "//q:qti-text-entry-interaction | //q:qti-extended-text-interaction") == []


@each_item(4)
def test_texts_for_headings_are_no_longer_than_three_hundred_words(work: LanguageWork, name: str) -> None:
    texts = find(work.read_item(name), "//q:qti-simple-match-set[1]//text()")
    assert 150 <= len(re.findall(r"[\w’-]+", " ".join(texts))) <= 300


@each_item(3)
def test_answer_worth_full_points_has_seven_or_eight_sentences(work: LanguageWork, name: str) -> None:
    example = find(work.read_item(name), f'//q:qti-rubric-block//q:span[@xml:lang="{work.language}"]/text()')[-1]
    assert len(re.findall(r"[.!?](?=\s|$)", example)) in (7, 8)


def test_works_share_neither_pictures_nor_sounds() -> None:
    media = [path for work in WORKS.values() for path in (work.root / "media").iterdir()]
    assert len({sha256(path.read_bytes()).digest() for path in media}) == len(media)


def pictures() -> list[Any]:
    found = [path for work in WORKS.values() for path in sorted((work.root / "media").glob("*.svg"))]
    return [pytest.param(path, id=f"{path.parts[-3]}-{path.stem}") for path in found]


@pytest.mark.parametrize("path", pictures())
def test_picture_is_plain_drawing(path: Path) -> None:
    drawing = etree.parse(str(path)).getroot()
    names = {etree.QName(node).localname for node in drawing.iter()}
    assert not names & {"script", "style", "image", "foreignObject", "use", "a"}
    assert not [name for node in drawing.iter() for name in node.attrib if "href" in name or name.startswith("on")]
    assert len(list(drawing.iter())) > 100
