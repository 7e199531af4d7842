"""Content of the demonstration work "English, grade 11": its times, its breaks, its items."""
import json
import re
import struct
from pathlib import Path

import pytest
from lxml import etree

from task_bank.assessments import Needs, parse_assessment, plan
from task_bank.items.check import check_package
from task_bank.items.package import read_package
from task_bank.variants import assemble, deliver

ROOT = Path(__file__).parents[2] / "task_bank" / "samples" / "english_grade_11"
ASSESSMENT = json.loads((ROOT / "assessment.json").read_text("utf-8"))
QTI = {"q": "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"}
POOLS = {one["number"]: one["pool"] for one in ASSESSMENT["positions"]}


def read_item(name: str) -> etree._Element:
    return etree.parse(str(ROOT / "items" / f"{name}.xml")).getroot()


def find(node: etree._Element, path: str) -> list:
    return node.xpath(path, namespaces=QTI)


def measure_seconds(path: Path) -> float:
    data = path.read_bytes()
    pre_skip = struct.unpack_from("<H", data, data.index(b"OpusHead") + 10)[0]
    return (struct.unpack_from("<q", data, data.rindex(b"OggS") + 6)[0] - pre_skip) / 48_000


def test_the_package_has_no_errors_and_nothing_doubtful() -> None:
    assert [str(finding) for finding in check_package(read_package(ROOT))] == []


def test_six_positions_make_thirty_two_points() -> None:
    assert [one["points"] for one in ASSESSMENT["positions"]] == [5, 5, 6, 6, 3, 7]
    assert ASSESSMENT["total_points"] == 32
    assert all(len(pool) == 4 for pool in POOLS.values())


def test_sixty_five_minutes_with_fixed_times_and_two_rests_for_the_eyes() -> None:
    timeline = plan(parse_assessment((ROOT / "assessment.json").read_bytes()))
    assert (timeline.duration_s, timeline.whole_s) == (65 * 60, 75 * 60)
    fixed = [one["number"] for one in ASSESSMENT["positions"] if one.get("fixed")]
    assert fixed == [1, 5, 6]
    rests = [(span.part, span.stage, span.seconds, span.in_duration) for span in timeline.spans if span.kind == "break"]
    assert rests == [("reading", "eyes", 300, False), ("language", "eyes", 300, False)]
    assert not ASSESSMENT["drafts_allowed"]


def test_nobody_looks_at_the_screen_for_more_than_thirty_five_minutes() -> None:
    stretches = [0]
    for span in plan(parse_assessment((ROOT / "assessment.json").read_bytes())).spans:
        if span.kind == "break":
            stretches.append(0)
        else:
            stretches[-1] += span.seconds
    assert stretches == [1320, 2100, 480]


@pytest.mark.parametrize("percent", ASSESSMENT["needs"]["extra_time_percent"])
def test_extra_time_lengthens_the_work_and_no_break(percent: int) -> None:
    timeline = plan(parse_assessment((ROOT / "assessment.json").read_bytes()), Needs(percent))
    assert timeline.duration_s >= 3900 * (100 + percent) // 100
    assert timeline.whole_s - timeline.duration_s == 600


def test_a_variant_carries_no_key_and_every_kind_of_answer() -> None:
    package = read_package(ROOT)
    delivery = deliver(package, assemble(package.assessment, "s1", 1, 7)[0], 7)
    items = delivery.variant_json["items"]
    kinds = [{one["kind"] for one in item["interactions"]} for item in items]
    assert kinds == [{"inline_choice"}, {"match"}, {"text_entry"}, {"gap_match"}, set(), {"choice"}]
    told = json.dumps(delivery.variant_json)
    assert "qti-correct" not in told and "seasick" not in told


@pytest.mark.parametrize("name", POOLS[1])
def test_the_conversation_can_be_heard_twice_in_its_fixed_time(name: str) -> None:
    seconds = measure_seconds(ROOT / "media" / f"{name}.ogg")
    assert 55 <= seconds <= 110
    assert 45 + 2 * seconds < ASSESSMENT["positions"][0]["time_s"]


@pytest.mark.parametrize("name", POOLS[1])
def test_what_is_heard_is_written_out_for_markers_only(name: str) -> None:
    spoken = find(read_item(name), '//q:qti-rubric-block[@view="scorer"]//q:p[@xml:lang="en"]')
    assert len(spoken) >= 14
    assert {line.text.split(": ", 1)[0].strip() for line in spoken} == {
        line.text.split(": ", 1)[0].strip() for line in spoken[:2]}


@pytest.mark.parametrize("name", POOLS[3])
def test_every_form_differs_from_the_word_in_brackets_or_is_a_trap(name: str) -> None:
    item = read_item(name)
    words = [word.strip("()") for word in find(item, '//q:div[@class="passage"]//q:strong/text()')]
    keys = find(item, "//q:qti-correct-response/q:qti-value/text()")
    assert len(words) == len(keys) == 6
    same = [word for word, key in zip(words, keys, strict=True) if word.lower() == key.lower()]
    assert len(same) <= 1


@pytest.mark.parametrize("name", POOLS[5])
def test_the_text_to_read_aloud_fits_its_time(name: str) -> None:
    words = " ".join(find(read_item(name), '//q:div[@class="passage"]/q:p//text()')).split()
    assert 130 <= len(words) <= 160


def test_no_photo_is_used_twice_and_each_has_a_description() -> None:
    pictures = [path for name in POOLS[6] for path in find(read_item(name), "//q:img/@src")]
    assert len(set(pictures)) == len(pictures) == 12


def test_spoken_items_say_how_long_they_last() -> None:
    for number, words in ((5, "три с половиной минуты"), (6, "через минуту")):
        for name in POOLS[number]:
            told = " ".join("".join(find(read_item(name), "//q:qti-item-body//text()")).split())
            assert words in told


def test_sources_are_named() -> None:
    told = " ".join(ASSESSMENT["sources"])
    assert re.search("2021", told) and "выбрано нами" in told
