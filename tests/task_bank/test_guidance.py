"""Experts read what the author wrote for them, and only that."""
from task_bank.items import render_guidance
from tests.task_bank.builders import CHOICE, make_item

RUBRIC = (
    '<qti-rubric-block use="scoring" view="scorer"><!-- note --><qti-content-body><p title="x">Two <em>facts</em>'
    ' are needed.</p><p><img src="key.png" alt="a map"/></p></qti-content-body></qti-rubric-block>'
)


def test_words_for_markers_become_html() -> None:
    shown = render_guidance(make_item(CHOICE + RUBRIC))
    assert "<p>Two <em>facts</em> are needed.</p>" in shown and "[a map]" in shown
    assert "key.png" not in shown and "note" not in shown and "Which one?" not in shown


def test_an_item_without_words_for_markers_gives_nothing() -> None:
    forall = RUBRIC.replace('view="scorer"', 'view="candidate"')
    assert render_guidance(make_item(CHOICE)) == render_guidance(make_item(CHOICE + forall)) == ""
