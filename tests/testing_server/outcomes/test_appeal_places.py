"""What the file of an appeal says of places: marks and remarks at their recording and passage, with their criterion."""
from __future__ import annotations

from typing import Any

from testing_server.marking.protocol.rounds import RoundMarks
from testing_server.outcomes.individual.appeal import describe_texts, list_places


def mark_round(number: int, moments: dict[str, Any] | None = None,
               notes: list[dict[str, Any]] | None = None) -> RoundMarks:
    return RoundMarks(number, {"К1": 2, "К2": 0}, "", moments or {}, notes or [])


def test_marks_and_remarks_stand_in_the_order_of_the_recording() -> None:
    rounds = [
        mark_round(1, {"К1": {"recording": "a", "at_ms": 5000}, "К2": {"recording": "b", "at_ms": 100}},
                   [{"recording": "a", "at_ms": 7000, "text": "пауза", "criterion": "К2"}]),
        mark_round(2, {"К2": {"recording": "a", "at_ms": 5000}}, [{"recording": "a", "at_ms": 0, "text": "шум"}])]
    found = [(one["at_ms"], one["round"], one["criterion"], one["points"], one["text"])
             for one in list_places(rounds, "a")]
    assert found == [(0, 2, "", None, "шум"), (5000, 1, "К1", 2, ""), (5000, 2, "К2", 0, ""),
                     (7000, 1, "К2", None, "пауза")]
    assert [one["criterion"] for one in list_places(rounds, "b")] == ["К2"] and list_places(rounds, "c") == []


def test_remarks_on_a_passage_quote_it_as_the_browser_counted() -> None:
    note = {"response": "TEXT", "from": 3, "to": 8, "text": "ошибка", "criterion": "К1"}
    first = {"response": "TEXT", "from": 0, "to": 2, "text": "смайлик"}
    text, other = describe_texts({"TEXT": "🙂 слово", "LIST": ["один", "два"]}, [mark_round(1, notes=[note, first])])
    assert [(one["quote"], one["criterion"], one["text"]) for one in text["notes"]] == [
        ("🙂", "", "смайлик"), ("слово", "К1", "ошибка")]
    assert other == {"text": "один\nдва", "notes": []}


def test_half_a_sign_breaks_nothing() -> None:
    note = {"response": "TEXT", "from": 1, "to": 9, "text": "?"}
    text, = describe_texts({"TEXT": "🙂"}, [mark_round(3, notes=[note])])
    assert text["notes"][0]["round"] == 3
