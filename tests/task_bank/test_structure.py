"""The time line of a work: spans make the duration, extra time goes where it belongs, contradictions are refused."""
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from task_bank.assessments import (
    BrokenAssessment, Needs, NeedsNotOffered, Structure, TimesDoNotAddUp, describe_for_candidates, parse_assessment,
    plan, read_structure)
from task_bank.assessments.check_structure import find_structure_doubts, find_structure_errors
from tests.task_bank.builders import make_assessment, make_position

LISTENING = {"kind": "listening", "listening": {"read_s": 45, "plays": 2}}
SPEAKING = {"kind": "speaking", "speaking": {"prepare_s": 90, "record_s": 120}}


def position(number: int, **changes: Any) -> dict[str, Any]:
    return {"number": number, "kind": "written", **changes}


def fixed(number: int, seconds: int, **changes: Any) -> dict[str, Any]:
    return position(number, time_s=seconds, fixed=True, **changes)


def part(name: str, *numbers: int, **changes: Any) -> dict[str, Any]:
    return {"id": name, "positions": list(numbers), **changes}


def make_structure(**changes: Any) -> Structure:
    """Listening fixed at 600 s, two open positions, speaking fixed at 270 s, a break after each of the first parts."""
    data: dict[str, Any] = {
        "duration_s": 3000,
        "positions": [fixed(1, 600, **LISTENING), position(2), position(3), fixed(4, 270, **SPEAKING)],
        "parts": [part("hear", 1, navigation="linear"), part("write", 2, 3, time_s=2130),
                  part("speak", 4, navigation="linear")],
        "breaks": [{"after_part": "hear", "time_s": 300}, {"after_position": 3, "time_s": 120, "kind": "rest"}],
        "needs": {"extra_time_percent": [25, 50], "large_print": True},
    }
    return read_structure({**data, **changes})


def test_spans_come_in_order_and_make_the_duration() -> None:
    timeline = plan(make_structure())
    assert [(span.kind, span.stage, span.seconds) for span in timeline.spans] == [
        ("stage", "read", 45), ("stage", "listen", 555), ("break", "eyes", 300), ("open", "", 2130),
        ("break", "rest", 120), ("stage", "choose", 60), ("stage", "prepare", 90), ("stage", "speak", 120)]
    assert (timeline.duration_s, timeline.whole_s) == (3000, 3420)


def test_a_part_ends_when_the_work_has_no_more_left_than_what_follows() -> None:
    timeline = plan(make_structure())
    assert [timeline.rest_s(name) for name in ("hear", "write", "speak")] == [2400, 270, 0]


def test_a_break_in_the_duration_belongs_to_what_follows() -> None:
    structure = make_structure(duration_s=3300, breaks=[{"after_part": "hear", "time_s": 300, "in_duration": True}])
    timeline = plan(structure)
    assert timeline.duration_s == 3300 and timeline.rest_s("hear") == 300 + 2130 + 270


def test_a_part_without_time_gets_what_the_others_leave() -> None:
    parts = [part("hear", 1, navigation="linear"), part("write", 2, 3), part("speak", 4, navigation="linear")]
    assert plan(make_structure(parts=parts)).spans[3].seconds == 2130


def test_extra_time_lengthens_what_is_done_and_no_break() -> None:
    timeline = plan(make_structure(), Needs(extra_percent=25))
    assert [span.seconds for span in timeline.spans] == [57, 694, 300, 2663, 120, 75, 113, 150]
    told = timeline.describe_for_seat()
    assert told["positions"]["4"] == {"time_s": 338, "prepare_s": 113, "record_s": 150, "fixed_s": 338, "choose_s": 75}
    assert [one["seconds"] for one in told["breaks"]] == [300, 120]


def test_a_seat_is_told_where_breaks_stand_and_what_they_do_to_the_clock() -> None:
    told = plan(make_structure()).describe_for_seat()
    assert [(one["number"], one["after"], one["work_clock"], one["early_end"]) for one in told["breaks"]] == [
        (1, 1, "stands", False), (2, 3, "stands", False)]
    assert [(one["id"], one["rest_s"]) for one in told["parts"]] == [("hear", 2400), ("write", 270), ("speak", 0)]


def test_a_work_without_parts_is_one_open_part() -> None:
    timeline = plan(read_structure({"duration_s": 60, "positions": [position(1), position(2)]}))
    assert [(span.kind, span.positions, span.seconds) for span in timeline.spans] == [("open", (1, 2), 60)]


@pytest.mark.parametrize(("changes", "message"), [
    ({"duration_s": 2999}, "make 3000 s, duration_s is 2999"),
    ({"parts": [part("all", 1, 2, 3)]}, r"list the positions \[1, 2, 3\]"),
    ({"parts": [part("all", 1, 2, 3, 4)]}, "mixes fixed and open"),
    ({"parts": [part("hear", 1), part("write", 2, 3), part("speak", 4)]}, "navigation must be linear"),
    ({"parts": [part("hear", 1, navigation="linear", time_s=500), part("write", 2, 3),
                part("speak", 4, navigation="linear")]}, "has 500 s, its fixed positions make 600"),
    ({"parts": [part("a", 1, navigation="linear"), part("b", 2), part("c", 3), part("d", 4, navigation="linear")],
      "breaks": []}, "b, c have no time_s"),
    ({"parts": [part("a", 1, navigation="linear"), part("a", 2, 3), part("d", 4, navigation="linear")]}, "of its own"),
    ({"breaks": [{"after_part": "gone", "time_s": 60}]}, "'gone', which is not there"),
    ({"breaks": [{"after_position": 9, "time_s": 60}]}, "position 9, which is not there"),
    ({"breaks": [{"after_position": 2, "time_s": 60}]}, "neither fixed nor the last"),
    ({"breaks": [{"after_position": 4, "time_s": 60}]}, "would be over"),
    ({"breaks": [{"time_s": 60}]}, "either after_part or after_position"),
    ({"breaks": [{"after_part": "hear", "time_s": 0}]}, "no time_s"),
    ({"breaks": [{"after_part": "hear", "time_s": 60}, {"after_position": 1, "time_s": 60}]}, "two breaks"),
    ({"positions": [fixed(1, 600, **LISTENING), position(2), position(3), fixed(4, 210, **SPEAKING)]},
     "no time to choose"),
    ({"positions": [fixed(1, 40, **LISTENING), position(2), position(3), fixed(4, 270, **SPEAKING)]},
     "no time to listen"),
    ({"positions": [fixed(1, 0), position(2), position(3), fixed(4, 270, **SPEAKING)]}, "fixed and has no time_s"),
])
def test_times_that_contradict_each_other_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(TimesDoNotAddUp, match=message):
        plan(make_structure(**changes))


@pytest.mark.parametrize("needs", [Needs(30), Needs(-25), Needs(high_contrast=True)])
def test_needs_that_are_not_offered_are_refused(needs: Needs) -> None:
    with pytest.raises(NeedsNotOffered):
        plan(make_structure(), needs)


@pytest.mark.parametrize(("data", "field"), [
    ({"parts": [{"id": "a"}]}, r"parts\[0\]"), ({"breaks": [{"time_s": "5"}]}, r"breaks\[0\].time_s"),
    ({"parts": [part("a", 1, navigation="sideways")]}, r"parts\[0\].navigation"),
    ({"breaks": [{"time_s": 5, "kind": "tea"}]}, "kind"), ({"needs": {"extra_time_percent": 50}}, "extra_time_percent"),
])
def test_a_field_of_another_form_is_named(data: dict[str, Any], field: str) -> None:
    with pytest.raises(BrokenAssessment, match=field):
        read_structure({"duration_s": 60, "positions": [position(1)], **data})


# Any work whose times add up.

@st.composite
def structures(draw: st.DrawFn) -> Structure:
    positions, parts, breaks, duration = [], [], [], 0
    for number in range(1, draw(st.integers(1, 6)) + 1):
        is_fixed, seconds = draw(st.booleans()), draw(st.integers(301, 2000))
        kind = draw(st.sampled_from([{}, LISTENING, SPEAKING]))
        positions.append(fixed(number, seconds, **kind) if is_fixed else position(number, **kind))
        name = f"part{number}"
        parts.append(part(name, number, time_s=seconds, navigation="linear" if is_fixed else "free"))
        duration += seconds
        if draw(st.booleans()):
            breaks.append({"after_part": name, "time_s": draw(st.integers(1, 600)), "in_duration": draw(st.booleans())})
    breaks = [one for one in breaks if one["after_part"] != parts[-1]["id"]]
    duration += sum(one["time_s"] for one in breaks if one["in_duration"])
    return read_structure({"duration_s": duration, "positions": positions, "parts": parts, "breaks": breaks,
                           "needs": {"extra_time_percent": [10, 25, 33, 100]}})


@given(structures(), st.sampled_from([0, 10, 25, 33, 100]))
def test_what_is_planned_is_whole(structure: Structure, percent: int) -> None:
    timeline = plan(structure, Needs(percent))
    bare = plan(structure)
    assert bare.duration_s == structure.duration_s
    assert all(span.seconds > 0 for span in timeline.spans)
    for span, plain in zip(timeline.spans, bare.spans, strict=True):
        exact = plain.seconds * (100 if span.kind == "break" else 100 + percent)
        assert exact <= span.seconds * 100 < exact + 100
    rests = [timeline.rest_s(one.id) for one in timeline.parts]
    assert rests == sorted(rests, reverse=True) and rests[-1] == 0
    assert [len(timeline.breaks), timeline.whole_s - timeline.duration_s] == [
        len(structure.breaks), sum(one.time_s for one in structure.breaks if not one.in_duration)]


@given(structures(), st.integers(-600, 600).filter(bool))
def test_another_duration_is_refused(structure: Structure, difference: int) -> None:
    with pytest.raises(TimesDoNotAddUp):
        plan(read_structure({**as_data(structure), "duration_s": max(0, structure.duration_s + difference)}))


def as_data(structure: Structure) -> dict[str, Any]:
    return dict(msgspec.to_builtins(structure))


# In a package.

def make_bytes(**changes: Any) -> bytes:
    return json.dumps(make_assessment([make_position()], **changes)).encode()


def test_the_public_part_tells_the_structure_and_nothing_an_author_noted() -> None:
    parts = [part("all", 1, title={"ru": "Часть", "en": "Part"}, note="the key is B")]
    breaks: list[dict[str, Any]] = []
    assessment = parse_assessment(make_bytes(parts=parts, breaks=breaks, needs={"large_print": True}))
    public = describe_for_candidates(assessment)
    assert public["parts"] == [{"id": "all", "title": {"ru": "Часть", "en": "Part"}, "positions": [1]}]
    assert public["needs"] == {"large_print": True} and public["breaks"] == []
    assert plan(read_structure(public)).spans == plan(assessment).spans


def test_rules_of_leaving_and_of_checking_sound_again_travel_and_wrong_ones_are_refused() -> None:
    rules = {"leaving": {"work_clock": "stands"}, "sound_check_again": True, "plain_seat_allowed": True}
    public = describe_for_candidates(parse_assessment(make_bytes(**rules)))
    assert {name: public[name] for name in rules} == rules
    for wrong in ({"leaving": {"work_clock": "flies"}}, {"leaving": "stands"}, {"sound_check_again": "yes"},
                  {"plain_seat_allowed": 1}):
        with pytest.raises(BrokenAssessment):
            parse_assessment(make_bytes(**wrong))


def test_check_names_what_does_not_add_up() -> None:
    broken = parse_assessment(make_bytes(parts=[part("all", 1, time_s=17)]))
    [error] = find_structure_errors(broken)
    assert "make 17 s" in error and not list(find_structure_doubts(broken))
    odd = parse_assessment(make_bytes(needs={"extra_time_percent": [0, 400]}))
    assert "percents from 1 to" in next(find_structure_errors(odd))


def test_check_doubts_a_long_time_at_the_screen() -> None:
    positions = [position(1), position(2)]
    data = {"duration_s": 4000, "positions": positions, "parts": [part("a", 1, time_s=3900), part("b", 2, time_s=100)],
            "breaks": [{"after_part": "a", "time_s": 300}]}
    assert len(list(find_structure_doubts(read_structure(data)))) == 1
