"""The trial work in parts: two open items, a rest for the eyes, a fixed spoken item, a short break, a last item.

`make_plan(percent)` is what a classroom server sends with `start`.
"""

from __future__ import annotations

from typing import Any

from task_bank.assessments import Needs, plan, read_structure

STRUCTURE: dict[str, Any] = {
    "duration_s": 600,
    "positions": [{"number": 1, "kind": "written"},
                  {"number": 2, "kind": "listening", "listening": {"read_s": 1, "plays": 2}},
                  {"number": 3, "kind": "speaking", "time_s": 200, "fixed": True, "speaking": {
                      "prepare_s": 90, "record_s": 60, "early_start": True, "early_finish": True, "playback": True}},
                  {"number": 4, "kind": "written"}],
    "parts": [{"id": "read", "positions": [1, 2], "time_s": 300, "title": {"ru": "Чтение", "en": "Reading"}},
              {"id": "speak", "positions": [3], "navigation": "linear", "title": {"ru": "Речь", "en": "Speech"}},
              {"id": "write", "positions": [4], "title": {"ru": "Письмо", "en": "Writing"}}],
    "breaks": [{"after_part": "read", "time_s": 120},
               {"after_position": 3, "time_s": 60, "kind": "rest", "in_duration": True, "early_end": True}],
    "needs": {"extra_time_percent": [50], "large_print": True, "high_contrast": True},
}


def make_plan(percent: int = 0, **changes: Any) -> dict[str, Any]:
    """{"plan", "duration_s"}: the fields of the `start` directive that parts are about."""
    timeline = plan(read_structure({**STRUCTURE, **changes}), Needs(percent))
    return {"plan": timeline.describe_for_seat(), "duration_s": timeline.duration_s}
